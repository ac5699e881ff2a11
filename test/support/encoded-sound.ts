import { execFileSync } from 'node:child_process';
import CodecParser from 'codec-parser';
import { parseAdtsHeader, audioSpecificConfig } from '../../shared/codec/adts-header.ts';
import type { CodecConfig, CodecName, Frame } from '../../shared/codec/codec.ts';
import { unpackFrames } from '../../shared/codec/frames.ts';
import { oggPackets } from './ogg-packets.ts';

/** Sound as a source would send it, already cut into frames. */
export interface EncodedSound {
  readonly config: CodecConfig;
  readonly frames: readonly Frame[];
}

/** A tone of `frequencyHz` with a slow tremolo, encoded by ffmpeg: never silent, and easy to tell from another. */
export function encodeTone(codec: CodecName, seconds: number, frequencyHz: number): EncodedSound {
  const rate = codec === 'opus' ? 48_000 : 44_100;
  const source = `sine=frequency=${frequencyHz}:duration=${seconds}:sample_rate=${rate},tremolo=f=2:d=0.4`;
  const file = execFileSync(
    'ffmpeg',
    ['-v', 'error', '-f', 'lavfi', '-i', source, '-ac', '2', ...ENCODER_ARGUMENTS[codec], 'pipe:1'],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  const bytes = new Uint8Array(file);
  if (codec === 'mp3' || codec === 'aac') return selfFramed(codec, rate, bytes);
  return fromOgg(codec, rate, bytes);
}

const ENCODER_ARGUMENTS: Readonly<Record<CodecName, readonly string[]>> = {
  mp3: ['-c:a', 'libmp3lame', '-b:a', '128k', '-write_xing', '0', '-id3v2_version', '0', '-f', 'mp3'],
  aac: ['-c:a', 'aac', '-b:a', '128k', '-f', 'adts'],
  opus: ['-c:a', 'libopus', '-b:a', '96k', '-f', 'ogg'],
  vorbis: ['-c:a', 'libvorbis', '-q:a', '4', '-f', 'ogg'],
  flac: ['-c:a', 'flac', '-sample_fmt', 's16', '-f', 'ogg'],
};

function selfFramed(codec: 'mp3' | 'aac', sampleRateHz: number, file: Uint8Array): EncodedSound {
  const unpacked = unpackFrames(codec, file);
  if (!unpacked.ok)
    throw new Error(`Cannot cut ffmpeg's ${codec} as frames: current value is ${unpacked.reason}`);
  const adts = codec === 'aac' ? parseAdtsHeader(file, 0) : null;
  const setup = adts === null ? null : audioSpecificConfig(adts);
  return { config: { codec, sampleRateHz, channelCount: 2, setup }, frames: unpacked.frames };
}

function fromOgg(codec: 'opus' | 'vorbis' | 'flac', sampleRateHz: number, file: Uint8Array): EncodedSound {
  const packets = oggPackets(file);
  const headerCount = codec === 'opus' ? 2 : codec === 'vorbis' ? 3 : flacHeaderCount(packets);
  const counts = sampleCounts(file);
  const frames = packets
    .slice(headerCount)
    .filter((bytes) => bytes.length > 0)
    .map((bytes, index) => ({ bytes, sampleCount: counts[index] ?? 0 }))
    .filter(({ sampleCount }) => sampleCount > 0);
  const setup = SETUP[codec](packets.slice(0, headerCount));
  return { config: { codec, sampleRateHz, channelCount: 2, setup }, frames };
}

const SETUP: Readonly<Record<'opus' | 'vorbis' | 'flac', (headers: readonly Uint8Array[]) => Uint8Array>> = {
  opus: ([head]) => head ?? new Uint8Array(),
  vorbis: (headers) => {
    const [identification, comment] = headers;
    const lacing = [2, ...xiphLength(identification?.length ?? 0), ...xiphLength(comment?.length ?? 0)];
    return new Uint8Array(Buffer.concat([Uint8Array.from(lacing), ...headers]));
  },
  // The first packet wraps `fLaC` and STREAMINFO in 9 bytes of Ogg mapping; marked as the last block, it is enough.
  flac: ([first]) => {
    const setup = (first ?? new Uint8Array()).slice(9);
    setup[4] = (setup[4] ?? 0) | 0x80;
    return setup;
  },
};

const flacHeaderCount = (packets: readonly Uint8Array[]): number =>
  packets.findIndex((packet) => packet[0] === 0xff && (packet[1] ?? 0) >= 0xf8);

function xiphLength(length: number): readonly number[] {
  return [...Array.from({ length: Math.floor(length / 255) }, () => 255), length % 255];
}

function sampleCounts(file: Uint8Array): readonly number[] {
  const parser = new CodecParser('audio/ogg', { enableFrameCRC32: false });
  return parser
    .parseAll(file)
    .flatMap((page) => ('codecFrames' in page ? page.codecFrames : []).map((frame) => frame.samples));
}
