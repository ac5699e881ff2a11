import {
  EncodedAudioPacketSource,
  EncodedPacket,
  Mp4OutputFormat,
  NullTarget,
  Output,
  WebMOutputFormat,
} from 'mediabunny';
import type { CodecConfig, CodecName, Frame } from '../../shared/codec/codec.ts';
import { concat } from './concat.ts';
import type { Packing } from './formats.ts';

/** Bytes for a SourceBuffer: `initialisation` once per configuration, then fragments. */
export interface Fragment {
  readonly initialisation: Uint8Array<ArrayBuffer>;
  readonly media: Uint8Array<ArrayBuffer>;
}

/**
 * Wraps frames in one fragment of a container (fragmented MP4, or a WebM cluster). Loaded only where the browser does
 * not take the codec's frames as they are.
 *
 * Each call makes a whole small file, of which the caller appends the head only once. One long-lived muxer would hold
 * the last frames back until more come, and remembers every sample it ever wrote; a fragment a quarter of a second
 * long costs less than a millisecond.
 *
 * @param start seconds on the element's timeline; frames follow each other without a gap from there.
 */
export async function packFragment(
  packing: Exclude<Packing, 'raw'>,
  config: CodecConfig,
  frames: readonly Frame[],
  start: number,
): Promise<Fragment> {
  const head: Uint8Array[] = [];
  const body: Uint8Array[] = [];
  const output = new Output({ format: outputFormat(packing, head, body), target: new NullTarget() });
  const source = new EncodedAudioPacketSource(config.codec);
  output.addAudioTrack(source);
  await output.start();
  let samples = 0;
  for (const frame of frames) {
    const timestamp = start + samples / config.sampleRateHz;
    const packet = new EncodedPacket(
      frameData(config.codec, frame.bytes),
      'key',
      timestamp,
      frame.sampleCount / config.sampleRateHz,
    );
    await source.add(packet, samples === 0 ? { decoderConfig: decoderConfig(config) } : undefined);
    samples += frame.sampleCount;
  }
  await output.finalize();
  return { initialisation: concat(head), media: concat(body) };
}

function outputFormat(
  packing: Exclude<Packing, 'raw'>,
  head: Uint8Array[],
  body: Uint8Array[],
): Mp4OutputFormat | WebMOutputFormat {
  const toHead = (data: Uint8Array): void => void head.push(data.slice());
  const toBody = (data: Uint8Array): void => void body.push(data.slice());
  if (packing === 'webm')
    return new WebMOutputFormat({
      appendOnly: true,
      minimumClusterDuration: FRAGMENT_MAX_S,
      onEbmlHeader: toHead,
      onSegmentHeader: toHead,
      onCluster: toBody,
    });
  return new Mp4OutputFormat({
    fastStart: 'fragmented',
    minimumFragmentDuration: FRAGMENT_MAX_S,
    onFtyp: toHead,
    onMoov: toHead,
    onMoof: toBody,
    onMdat: toBody,
  });
}

/** Longer than any chunk: all frames of a call end up in one fragment. */
const FRAGMENT_MAX_S = 3600;

function decoderConfig(config: CodecConfig): AudioDecoderConfig {
  return {
    codec: codecString(config),
    sampleRate: config.sampleRateHz,
    numberOfChannels: config.channelCount,
    ...(config.setup === null ? {} : { description: config.setup }),
  };
}

function codecString(config: CodecConfig): string {
  if (config.codec !== 'aac') return config.codec;
  const first = config.setup?.[0];
  return `mp4a.40.${first === undefined ? 2 : first >> 3}`;
}

/** MP4 holds AAC without its ADTS header: 7 bytes, 9 with a checksum (ISO/IEC 13818-7, 6.2). */
function frameData(codec: CodecName, bytes: Uint8Array): Uint8Array {
  if (codec !== 'aac') return bytes;
  const checksumAbsent = ((bytes[1] ?? 0) & 1) === 1;
  return bytes.subarray(checksumAbsent ? 7 : 9);
}
