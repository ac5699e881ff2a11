import { payloadPart } from '../../shared/chunk/chunk.ts';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import { decodeMetadata } from '../../shared/chunk/metadata-codec.ts';
import { unpackFrames } from '../../shared/codec/frames.ts';
import type { CodecDescription } from '../../shared/station/description.ts';
import { rawOgg } from './raw-ogg.ts';

/** How a mount looks to players that know nothing of chunks. */
export interface RawFormat {
  readonly contentType: string;
  /** What a client begins with must be of one epoch. */
  readonly isOneEpoch: boolean;
  /** What a client needs before its first chunk, or before it knows which one that will be. */
  preamble(first: Chunk | null): Uint8Array | null;
  encode(chunk: Chunk): Uint8Array;
  /** False: a client that got what was before cannot go on with this chunk; it will connect again. */
  continues(chunk: Chunk): boolean;
}

/** @param codec of the mount's current epoch. */
export function rawFormat(codec: CodecDescription): RawFormat {
  return shared(
    codec.codec === 'flac' ? nativeFlac(codec) : isOgg(codec) ? rawOgg(codec) : bareFrames(codec),
  );
}

const isOgg = ({ codec }: CodecDescription): boolean => codec === 'opus' || codec === 'vorbis';

/** MPEG and ADTS frames find themselves. */
const bareFrames = ({ codec }: CodecDescription): RawFormat => ({
  contentType: codec === 'mp3' ? 'audio/mpeg' : 'audio/aac',
  isOneEpoch: false,
  preamble: () => null,
  encode: (chunk) => payloadPart(chunk),
  continues: (chunk) => chunk.header.codec === codec,
});

/** Native FLAC: the set-up data is a native stream's beginning, and its frames find themselves. */
const nativeFlac = ({ codec, setup }: CodecDescription): RawFormat => ({
  contentType: 'audio/flac',
  isOneEpoch: true,
  preamble: () => (setup === null ? null : Buffer.from(setup, 'base64')),
  encode: (chunk) => {
    const unpacked = unpackFrames(codec, payloadPart(chunk));
    return unpacked.ok ? Buffer.concat(unpacked.frames.map((frame) => frame.bytes)) : new Uint8Array(0);
  },
  continues: (chunk) =>
    chunk.header.codec === codec && (!chunk.header.discontinuity || decodeMetadata(chunk)?.setup === setup),
});

/** Each chunk is encoded once for all clients: what it becomes depends on nothing but itself. */
function shared(format: RawFormat): RawFormat {
  return {
    ...format,
    encode: (chunk) => {
      const known = encodedByChunk.get(chunk);
      if (known !== undefined) return known;
      const encoded = format.encode(chunk);
      encodedByChunk.set(chunk, encoded);
      return encoded;
    },
  };
}

const encodedByChunk = new WeakMap<Chunk, Uint8Array>();
