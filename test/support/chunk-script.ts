import { encodeUnsigned, sealChunk } from '../../shared/chunk/chunk-codec.ts';
import { SIGNATURE_LENGTH } from '../../shared/chunk/chunk.ts';
import { encodeMetadata } from '../../shared/chunk/metadata-codec.ts';
import type { ChunkMetadata } from '../../shared/chunk/metadata.ts';
import type { CodecConfig, Frame } from '../../shared/codec/codec.ts';
import { packFrames } from '../../shared/codec/frames.ts';
import { epoch, micros, mountId, sequence, unixMillis } from '../../shared/units.ts';
import type { EncodedSound } from './encoded-sound.ts';

export const SCRIPT_MOUNT_ID = mountId('00112233aabbccdd');

/** One epoch of a scripted stream. */
export interface ScriptedEpoch {
  readonly sound: EncodedSound;
  /** Titles, or all that is said of one, by the sequence number at which they change. */
  readonly titles?: Readonly<Record<number, string | ChunkMetadata>>;
  /** Chunks that never come. */
  readonly missing?: readonly number[];
}

export interface ScriptedChunk {
  /** Milliseconds from the script's start to the chunk's end: when a packager would have it. */
  readonly readyAtMs: number;
  /** The chunk as a packager would make it then; its signature is empty, for nothing here verifies. */
  readonly wireAt: (packagedAt: number) => Uint8Array;
}

export const SCRIPT_CHUNK_MS = 250;

/** Cuts sounds into chunks, one epoch after the other, without a pause. */
export function scriptChunks(epochs: readonly ScriptedEpoch[]): readonly ScriptedChunk[] {
  const script: ScriptedChunk[] = [];
  let startMs = 0;
  for (const [index, scripted] of epochs.entries()) {
    const pieces = cut(scripted.sound);
    let mediaMs = 0;
    for (const [number, frames] of pieces.entries()) {
      const durationMs = frameMs(scripted.sound.config, frames);
      const chunk = { scripted, index, number, frames, mediaMs, durationMs };
      mediaMs += durationMs;
      if (scripted.missing?.includes(number) === true) continue;
      script.push({ readyAtMs: startMs + mediaMs, wireAt: (packagedAt) => wire(chunk, packagedAt) });
    }
    startMs += mediaMs;
  }
  return script;
}

interface Piece {
  readonly scripted: ScriptedEpoch;
  readonly index: number;
  readonly number: number;
  readonly frames: readonly Frame[];
  readonly mediaMs: number;
  readonly durationMs: number;
}

function wire(piece: Piece, packagedAt: number): Uint8Array {
  const { scripted, index, number, frames, mediaMs, durationMs } = piece;
  const { config } = scripted.sound;
  const fields = {
    codec: config.codec,
    discontinuity: number === 0,
    mountId: SCRIPT_MOUNT_ID,
    epoch: epoch(EPOCH_BASE + index),
    sequence: sequence(number),
    mediaTime: micros(Math.round(mediaMs * 1000)),
    duration: micros(Math.round(durationMs * 1000)),
    packagedAt: unixMillis(Math.round(packagedAt)),
  };
  const metadata = encodeMetadata({ ...titleAt(scripted, number), ...(number === 0 ? setUp(config) : {}) });
  const unsigned = encodeUnsigned(fields, metadata, packFrames(config.codec, frames));
  return sealChunk(unsigned, new Uint8Array(SIGNATURE_LENGTH)).wire;
}

export const EPOCH_BASE = 1_700_000_000_000;

function titleAt({ titles = {} }: ScriptedEpoch, number: number): ChunkMetadata {
  const title = titles[number] ?? {};
  return typeof title === 'string' ? { title, artist: 'Essaim' } : title;
}

function setUp({ sampleRateHz, channelCount, setup }: CodecConfig): ChunkMetadata {
  const config = { sampleRateHz, channelCount };
  return setup === null ? config : { ...config, setup: Buffer.from(setup).toString('base64') };
}

function cut({ config, frames }: EncodedSound): readonly (readonly Frame[])[] {
  const pieces: Frame[][] = [];
  let current: Frame[] = [];
  for (const frame of frames) {
    current.push(frame);
    if (frameMs(config, current) < SCRIPT_CHUNK_MS) continue;
    pieces.push(current);
    current = [];
  }
  if (current.length > 0) pieces.push(current);
  return pieces;
}

const frameMs = (config: CodecConfig, frames: readonly Frame[]): number =>
  (frames.reduce((sum, { sampleCount }) => sum + sampleCount, 0) / config.sampleRateHz) * 1000;
