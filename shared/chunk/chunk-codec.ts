import { CODEC_IDS, CODEC_NAMES } from '../codec/codec.ts';
import type { CodecName } from '../codec/codec.ts';
import { epoch, micros, mountId, sequence, unixMillis } from '../units.ts';
import type { MountId } from '../units.ts';
import {
  CHUNK_HEADER_LENGTH,
  CHUNK_LENGTH_MAX,
  CHUNK_MAGIC,
  CHUNK_VERSION,
  METADATA_LENGTH_MAX,
  PAYLOAD_LENGTH_MAX,
  SIGNATURE_LENGTH,
} from './chunk.ts';
import type { Chunk, ChunkHeader } from './chunk.ts';
import { readUint48, UINT48_MAX, writeUint48 } from './uint48.ts';

/** What the packager says of a chunk; the two lengths follow from what is packed. */
export type ChunkFields = Omit<ChunkHeader, 'metadataLength' | 'payloadLength'>;

export type ChunkDecoded =
  { readonly ok: true; readonly chunk: Chunk } | { readonly ok: false; readonly reason: ChunkFault };

/** Why bytes are not a chunk. */
export type ChunkFault =
  | 'too-short'
  | 'too-long'
  | 'magic'
  | 'version'
  | 'codec'
  | 'flags'
  | 'metadata-length'
  | 'payload-length'
  | 'length';

/**
 * The bytes to sign: header, metadata, payload (layout in `chunk.ts`). `metadata` may be empty, `payload` may not.
 * @throws RangeError if a field or a length does not fit its place.
 */
export function encodeUnsigned(fields: ChunkFields, metadata: Uint8Array, payload: Uint8Array): Uint8Array {
  requireLength('metadata', metadata.length, 0, METADATA_LENGTH_MAX);
  requireLength('payload', payload.length, 1, PAYLOAD_LENGTH_MAX);
  requireUint('epoch', fields.epoch, UINT48_MAX);
  requireUint('sequence', fields.sequence, UINT32_MAX);
  requireUint('media time', fields.mediaTime, UINT48_MAX);
  requireUint('duration', fields.duration, UINT32_MAX);
  requireUint('packaging time', fields.packagedAt, UINT48_MAX);

  const unsigned = new Uint8Array(CHUNK_HEADER_LENGTH + metadata.length + payload.length);
  const view = new DataView(unsigned.buffer);
  view.setUint16(0, CHUNK_MAGIC);
  view.setUint8(2, CHUNK_VERSION);
  view.setUint8(3, CODEC_IDS[fields.codec]);
  view.setUint8(
    4,
    (fields.discontinuity ? FLAG_DISCONTINUITY : 0) | (metadata.length > 0 ? FLAG_METADATA : 0),
  );
  view.setUint32(5, Number.parseInt(fields.mountId.slice(0, 8), 16));
  view.setUint32(9, Number.parseInt(fields.mountId.slice(8), 16));
  writeUint48(view, 13, fields.epoch);
  view.setUint32(19, fields.sequence);
  writeUint48(view, 23, fields.mediaTime);
  view.setUint32(29, fields.duration);
  writeUint48(view, 33, fields.packagedAt);
  view.setUint16(39, metadata.length);
  view.setUint8(41, payload.length >>> 16);
  view.setUint16(42, payload.length & 0xffff);
  unsigned.set(metadata, CHUNK_HEADER_LENGTH);
  unsigned.set(payload, CHUNK_HEADER_LENGTH + metadata.length);
  return unsigned;
}

/**
 * The chunk from the bytes that `encodeUnsigned` made and their signature.
 * @throws RangeError if the signature is not 64 bytes, or `unsigned` is not a chunk without one.
 */
export function sealChunk(unsigned: Uint8Array, signature: Uint8Array): Chunk {
  requireLength('signature', signature.length, SIGNATURE_LENGTH, SIGNATURE_LENGTH);
  const wire = new Uint8Array(unsigned.length + SIGNATURE_LENGTH);
  wire.set(unsigned);
  wire.set(signature, unsigned.length);
  const decoded = decodeChunk(wire);
  if (!decoded.ok) {
    throw new RangeError(
      `Cannot seal a chunk as the unsigned layout asks: current value is ${decoded.reason}`,
    );
  }
  return decoded.chunk;
}

/**
 * Read a chunk's layout, strictly: every byte is accounted for, and there is one way only to write a chunk. The result
 * views `data` and copies nothing. Nobody's word is taken for who made it: check the signature.
 */
export function decodeChunk(data: Uint8Array): ChunkDecoded {
  if (data.length < CHUNK_HEADER_LENGTH + SIGNATURE_LENGTH) return fault('too-short');
  if (data.length > CHUNK_LENGTH_MAX) return fault('too-long');
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (view.getUint16(0) !== CHUNK_MAGIC) return fault('magic');
  if (view.getUint8(2) !== CHUNK_VERSION) return fault('version');
  const codec = CODECS_BY_ID.get(view.getUint8(3));
  if (codec === undefined) return fault('codec');
  const flags = view.getUint8(4);
  if ((flags & ~(FLAG_DISCONTINUITY | FLAG_METADATA)) !== 0) return fault('flags');

  const metadataLength = view.getUint16(39);
  if (metadataLength > METADATA_LENGTH_MAX) return fault('metadata-length');
  if (metadataLength > 0 !== ((flags & FLAG_METADATA) !== 0)) return fault('flags');
  const payloadLength = view.getUint8(41) * 65_536 + view.getUint16(42);
  if (payloadLength === 0 || payloadLength > PAYLOAD_LENGTH_MAX) return fault('payload-length');
  if (data.length !== CHUNK_HEADER_LENGTH + metadataLength + payloadLength + SIGNATURE_LENGTH) {
    return fault('length');
  }

  const header: ChunkHeader = {
    codec,
    discontinuity: (flags & FLAG_DISCONTINUITY) !== 0,
    mountId: readMountId(view, 5),
    epoch: epoch(readUint48(view, 13)),
    sequence: sequence(view.getUint32(19)),
    mediaTime: micros(readUint48(view, 23)),
    duration: micros(view.getUint32(29)),
    packagedAt: unixMillis(readUint48(view, 33)),
    metadataLength,
    payloadLength,
  };
  return { ok: true, chunk: { header, wire: data } };
}

const FLAG_DISCONTINUITY = 0b01;
const FLAG_METADATA = 0b10;
const UINT32_MAX = 4_294_967_295;
const CODECS_BY_ID: ReadonlyMap<number, CodecName> = new Map(
  CODEC_NAMES.map((name) => [CODEC_IDS[name], name]),
);

const fault = (reason: ChunkFault): ChunkDecoded => ({ ok: false, reason });

/** A listener hears one mount: its id is put together once, not for every chunk. */
let lastMount: { readonly high: number; readonly low: number; readonly id: MountId } | null = null;

function readMountId(view: DataView, offset: number): MountId {
  const high = view.getUint32(offset);
  const low = view.getUint32(offset + 4);
  if (lastMount === null || lastMount.high !== high || lastMount.low !== low)
    lastMount = { high, low, id: mountId(hex8(high) + hex8(low)) };
  return lastMount.id;
}

const hex8 = (value: number): string => value.toString(16).padStart(8, '0');

function requireUint(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new RangeError(
    `Cannot write a chunk's ${name} as an integer from 0 to ${max}: current value is ${value}`,
  );
}

function requireLength(name: string, length: number, min: number, max: number): void {
  if (length >= min && length <= max) return;
  throw new RangeError(
    `Cannot write a chunk's ${name} as ${min} to ${max} bytes: current value is ${length} bytes`,
  );
}
