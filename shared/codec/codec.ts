/** The codecs that a mount may carry. Nothing is ever transcoded. */
export const CODEC_NAMES = ['mp3', 'aac', 'opus', 'vorbis', 'flac'] as const;
export type CodecName = (typeof CODEC_NAMES)[number];

/** The number that stands for a codec in a chunk's header. 0 is never used. */
export const CODEC_IDS: Readonly<Record<CodecName, number>> = { mp3: 1, aac: 2, opus: 3, vorbis: 4, flac: 5 };

/**
 * What a decoder must know before the first frame.
 * `setup` is: MP3, none; AAC, the AudioSpecificConfig; Opus, the OpusHead packet; Vorbis, the three header packets
 * in Xiph lacing (as in a WebM CodecPrivate); FLAC, `fLaC` and the metadata blocks.
 */
export interface CodecConfig {
  readonly codec: CodecName;
  readonly sampleRateHz: number;
  readonly channelCount: number;
  readonly setup: Uint8Array | null;
}

/** One codec frame as the source sent it: an MPEG frame, an ADTS frame with its header, or one Ogg packet's bytes. */
export interface Frame {
  readonly bytes: Uint8Array;
  /** Samples per channel at `sampleRateHz` (48 kHz for Opus). */
  readonly sampleCount: number;
}

/** Codecs whose frames carry their own length; the others are packed as records (see `frames.ts`). */
export const isSelfFraming = (codec: CodecName): boolean => codec === 'mp3' || codec === 'aac';

/** Two configurations that are equal may share an epoch. */
export function sameConfig(left: CodecConfig, right: CodecConfig): boolean {
  return (
    left.codec === right.codec &&
    left.sampleRateHz === right.sampleRateHz &&
    left.channelCount === right.channelCount &&
    sameBytes(left.setup, right.setup)
  );
}

function sameBytes(left: Uint8Array | null, right: Uint8Array | null): boolean {
  if (left === null || right === null) return left === right;
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
