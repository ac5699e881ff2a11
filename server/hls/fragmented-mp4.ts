import { payloadPart } from '../../shared/chunk/chunk.ts';
import type { CodecName } from '../../shared/codec/codec.ts';
import { unpackFrames } from '../../shared/codec/frames.ts';
import type { CodecDescription } from '../../shared/station/description.ts';
import type { Segment } from './segmenter.ts';

export interface Mp4Parts {
  /** `ftyp` and `moov`: the same for all segments of an epoch. */
  readonly initialisation: Uint8Array<ArrayBuffer>;
  /** `moof` and `mdat`. */
  readonly media: Uint8Array<ArrayBuffer>;
}

/**
 * A segment as fragmented MP4, by mediabunny, which is loaded with the first one that is asked for. Each call makes a
 * small file of one fragment: it costs less than a millisecond, and nothing is held between calls.
 */
export async function fragmentedMp4(
  segment: Segment,
  { codec, sampleRateHz, channelCount, setup }: CodecDescription,
): Promise<Mp4Parts> {
  const { EncodedAudioPacketSource, EncodedPacket, Mp4OutputFormat, NullTarget, Output } =
    await import('mediabunny');
  const head: Uint8Array[] = [];
  const body: Uint8Array[] = [];
  const output = new Output({
    format: new Mp4OutputFormat({
      fastStart: 'fragmented',
      minimumFragmentDuration: FRAGMENT_SECONDS_MAX,
      onFtyp: collect(head),
      onMoov: collect(head),
      onMoof: collect(body),
      onMdat: collect(body),
    }),
    target: new NullTarget(),
  });
  const source = new EncodedAudioPacketSource(codec);
  output.addAudioTrack(source);
  await output.start();
  const decoderConfig = {
    codec,
    sampleRate: sampleRateHz,
    numberOfChannels: channelCount,
    ...(setup === null ? {} : { description: new Uint8Array(Buffer.from(setup, 'base64')) }),
  };
  let samples = Math.round(((segment.chunks[0]?.header.mediaTime ?? 0) * sampleRateHz) / 1e6);
  let isFirst = true;
  for (const { bytes, sampleCount } of framesOf(segment, codec)) {
    const packet = new EncodedPacket(bytes, 'key', samples / sampleRateHz, sampleCount / sampleRateHz);
    await source.add(packet, isFirst ? { decoderConfig } : undefined);
    isFirst = false;
    samples += sampleCount;
  }
  await output.finalize();
  return { initialisation: join(head), media: join(body) };
}

const collect =
  (parts: Uint8Array[]) =>
  (data: Uint8Array): void =>
    void parts.push(data.slice());

/** Longer than any segment: all frames of a call end up in one fragment. */
const FRAGMENT_SECONDS_MAX = 3600;

const framesOf = (segment: Segment, codec: CodecName) =>
  segment.chunks.flatMap((chunk) => {
    const unpacked = unpackFrames(codec, payloadPart(chunk));
    return unpacked.ok ? unpacked.frames : [];
  });

const join = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.concat(parts));
