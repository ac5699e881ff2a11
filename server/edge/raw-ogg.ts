import { payloadPart } from '../../shared/chunk/chunk.ts';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import { decodeMetadata } from '../../shared/chunk/metadata-codec.ts';
import { unpackFrames } from '../../shared/codec/frames.ts';
import type { CodecDescription } from '../../shared/station/description.ts';
import { oggPages } from './ogg-page.ts';
import type { RawFormat } from './raw-format.ts';

/** A stream's headers are its pages 0 and 1; each chunk is one page after them, so numbers have no holes. */
const HEADER_PAGES = 2;

/**
 * Opus (RFC 7845) and Vorbis (its specification, appendix A.2) in Ogg. Each epoch is a logical stream of its own:
 * a new one begins with its own headers, as links of a chain do.
 */
export function rawOgg(codec: CodecDescription): RawFormat {
  return {
    contentType: 'audio/ogg',
    isOneEpoch: true,
    // An epoch's first chunk brings its headers along.
    preamble: (first) =>
      first === null || first.header.sequence === 0 ? null : headers(codec, codec.setup, first),
    encode: (chunk) => {
      const sound = soundPage(chunk, codec.sampleRateHz);
      if (chunk.header.sequence !== 0) return sound;
      const metadata = decodeMetadata(chunk);
      return Buffer.concat([headers(codec, metadata?.setup ?? codec.setup, chunk), sound]);
    },
    continues: (chunk) => chunk.header.codec === codec.codec,
  };
}

/** @param setup base64, as in CodecConfig. */
function headers(codec: CodecDescription, setup: string | null, chunk: Chunk): Uint8Array {
  const serial = serialOf(chunk);
  const packets = headerPackets(codec, Buffer.from(setup ?? '', 'base64'));
  const [first, ...others] = packets.map((bytes) => ({ bytes, granule: 0n }));
  if (first === undefined) return new Uint8Array(0);
  return Buffer.concat([
    oggPages({ serial, sequence: 0, isFirst: true }, [first]),
    oggPages({ serial, sequence: 1, isFirst: false }, others),
  ]);
}

function headerPackets(codec: CodecDescription, setup: Buffer): readonly Uint8Array[] {
  return codec.codec === 'opus' ? [setup, OPUS_TAGS] : xiphPackets(setup);
}

const text = (value: string): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(value.length);
  return Buffer.concat([length, Buffer.from(value)]);
};
/** RFC 7845, section 5.2: who made it, and no comments; titles are another matter. */
const OPUS_TAGS = Buffer.concat([Buffer.from('OpusTags'), text('Essaim'), Buffer.alloc(4)]);

/** Xiph lacing: the number of packets less one, all lengths but the last, the packets. */
function xiphPackets(laced: Buffer): readonly Uint8Array[] {
  const count = (laced[0] ?? 0) + 1;
  const lengths: number[] = [];
  let offset = 1;
  while (lengths.length < count - 1 && offset < laced.length) {
    let length = 0;
    let lace = 255;
    while (lace === 255) {
      lace = laced[offset++] ?? 0;
      length += lace;
    }
    lengths.push(length);
  }
  const packets: Uint8Array[] = [];
  for (const length of [...lengths, laced.length]) {
    packets.push(laced.subarray(offset, offset + length));
    offset += length;
  }
  return packets;
}

function soundPage(chunk: Chunk, sampleRateHz: number): Uint8Array {
  const unpacked = unpackFrames(chunk.header.codec, payloadPart(chunk));
  if (!unpacked.ok) return new Uint8Array(0);
  let samples = Math.round((chunk.header.mediaTime * sampleRateHz) / 1e6);
  const packets = unpacked.frames.map((frame) => {
    samples += frame.sampleCount;
    return { bytes: frame.bytes, granule: BigInt(samples) };
  });
  const sequence = HEADER_PAGES + chunk.header.sequence;
  return oggPages({ serial: serialOf(chunk), sequence, isFirst: false }, packets);
}

const serialOf = (chunk: Chunk): number => chunk.header.epoch % 0x1_0000_0000;
