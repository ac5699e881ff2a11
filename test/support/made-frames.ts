import type { CodecConfig, Frame } from '../../shared/codec/codec.ts';

/** MPEG-1 layer III, 128 kbit/s, 44.1 kHz, stereo. */
export const MP3_CONFIG: CodecConfig = { codec: 'mp3', sampleRateHz: 44_100, channelCount: 2, setup: null };
const MP3_HEADER = [0xff, 0xfb, 0x90, 0x00];
const MP3_FRAME_LENGTH = 417;
const MP3_FRAME_SAMPLES = 1152;

/** A frame with a true header and its number for content, so that each one can be told from every other. */
export function mp3Frame(number: number): Frame {
  const bytes = new Uint8Array(MP3_FRAME_LENGTH);
  bytes.set(MP3_HEADER);
  new DataView(bytes.buffer).setUint32(4, number);
  return { bytes, sampleCount: MP3_FRAME_SAMPLES };
}

export const mp3Frames = (count: number, from = 0): readonly Frame[] =>
  Array.from({ length: count }, (_, index) => mp3Frame(from + index));

/** Opus at 48 kHz, packets of 20 ms. */
export const OPUS_CONFIG: CodecConfig = {
  codec: 'opus',
  sampleRateHz: 48_000,
  channelCount: 2,
  setup: Uint8Array.from([...Buffer.from('OpusHead'), 1, 2, 0x38, 1, 0x80, 0xbb, 0, 0, 0, 0, 0]),
};

export const opusFrame = (number: number, length = 160): Frame => {
  const bytes = new Uint8Array(length).fill(number & 0xff);
  return { bytes, sampleCount: 960 };
};
