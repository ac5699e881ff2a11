import { payloadPart } from '../../shared/chunk/chunk.ts';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import { unpackFrames } from '../../shared/codec/frames.ts';
import type { CodecName } from '../../shared/codec/codec.ts';
import type { CodecDescription } from '../../shared/station/description.ts';

/** How a mount looks to players that know nothing of chunks. */
export interface RawFormat {
  readonly contentType: string;
  /** What every client gets first. */
  readonly preamble: Uint8Array | null;
  encode(chunk: Chunk): Uint8Array;
}

/** Null where the codec needs a container that this server does not make. */
export function rawFormat({ codec, setup }: CodecDescription): RawFormat | null {
  if (codec === 'opus' || codec === 'vorbis') return null;
  if (codec === 'flac') {
    // Native FLAC: the set-up data is a native stream's beginning, and its frames find themselves.
    const preamble = setup === null ? null : Buffer.from(setup, 'base64');
    return { contentType: 'audio/flac', preamble, encode: (chunk) => joinedFrames(codec, chunk) };
  }
  return {
    contentType: codec === 'mp3' ? 'audio/mpeg' : 'audio/aac',
    preamble: null,
    encode: (chunk) => payloadPart(chunk),
  };
}

function joinedFrames(codec: CodecName, chunk: Chunk): Uint8Array {
  const unpacked = unpackFrames(codec, payloadPart(chunk));
  return unpacked.ok ? Buffer.concat(unpacked.frames.map((frame) => frame.bytes)) : new Uint8Array(0);
}
