import { encodeUnsigned, sealChunk } from '../../shared/chunk/chunk-codec.ts';
import { encodeMetadata } from '../../shared/chunk/metadata-codec.ts';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import { epoch as toEpoch, micros, mountId, sequence, unixMillis } from '../../shared/units.ts';
import type { Epoch, MountId } from '../../shared/units.ts';

export const MOUNT: MountId = mountId('00112233aabbccdd');
export const CHUNK_MS = 250;
/** The origin's clock is not the listeners': virtual time 0 is this Unix time. */
export const UNIX_START_MS = 1_700_000_000_000;

/**
 * A packager without sound: chunks of the right size at the right time. Its signatures are checksums, enough to tell
 * what it made from what it did not.
 */
export class VirtualOrigin {
  readonly window: Chunk[] = [];
  private epoch: Epoch;
  private next = 0;
  private after: { epoch: number; sequence: number } | undefined;
  private readonly payloadLength: number;

  constructor(bitrateKbps: number) {
    this.payloadLength = Math.round((bitrateKbps * CHUNK_MS) / 8);
    this.epoch = toEpoch(UNIX_START_MS);
  }

  /** The chunk that ends at this moment of virtual time, ms. */
  produce(now: number): Chunk {
    const number = this.next;
    this.next += 1;
    const metadata = number === 0 ? encodeMetadata({ title: 'Test', after: this.after }) : new Uint8Array(0);
    const payload = new Uint8Array(this.payloadLength).fill(number & 0xff);
    const unsigned = encodeUnsigned(
      {
        codec: 'mp3',
        discontinuity: number === 0,
        mountId: MOUNT,
        epoch: this.epoch,
        sequence: sequence(number),
        mediaTime: micros(number * CHUNK_MS * 1000),
        duration: micros(CHUNK_MS * 1000),
        packagedAt: unixMillis(UNIX_START_MS + now),
      },
      metadata,
      payload,
    );
    const chunk = sealChunk(unsigned, checksumOf(unsigned));
    this.window.push(chunk);
    if (this.window.length > 120) this.window.shift();
    return chunk;
  }

  /** The source was lost: the next chunk opens a new epoch. */
  newEpoch(now: number): void {
    this.after = { epoch: this.epoch, sequence: this.next - 1 };
    this.epoch = toEpoch(UNIX_START_MS + now);
    this.next = 0;
  }

  find(epoch: number, number: number): Chunk | undefined {
    return this.window.find((chunk) => chunk.header.epoch === epoch && chunk.header.sequence === number);
  }

  burst(durationMs: number): readonly Chunk[] {
    return this.window.slice(-Math.ceil(durationMs / CHUNK_MS));
  }
}

export function isGenuine(chunk: Chunk): boolean {
  const signed = chunk.wire.subarray(0, chunk.wire.length - 64);
  const signature = chunk.wire.subarray(chunk.wire.length - 64);
  return checksumOf(signed).every((byte, index) => byte === signature[index]);
}

/** FNV-1a over every 16th byte and the header, repeated to the length of a signature. */
function checksumOf(data: Uint8Array): Uint8Array {
  let hash = 0x811c9dc5;
  for (let index = 0; index < data.length; index += index < 64 ? 1 : 16) {
    hash = Math.imul(hash ^ (data[index] ?? 0), 0x01000193) >>> 0;
  }
  const signature = new Uint8Array(64);
  for (let index = 0; index < 64; index += 1) signature[index] = (hash >>> (8 * (index % 4))) & 0xff;
  return signature;
}
