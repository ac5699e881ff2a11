import { PAYLOAD_LENGTH_MAX } from '../../shared/chunk/chunk.ts';
import type { ChunkMetadata } from '../../shared/chunk/metadata.ts';
import { FRAMES_PER_PAYLOAD_MAX, packFrames } from '../../shared/codec/frames.ts';
import { sameConfig } from '../../shared/codec/codec.ts';
import type { CodecConfig, CodecName, Frame } from '../../shared/codec/codec.ts';
import { micros, sequence } from '../../shared/units.ts';
import type { Epoch, Micros, Sequence } from '../../shared/units.ts';
import { sameTitle, titleMetadata } from './title.ts';
import type { Title } from './title.ts';

/** A chunk before it gets its mount, its time of packaging and its signature. */
export interface ChunkDraft {
  readonly codec: CodecName;
  readonly discontinuity: boolean;
  readonly epoch: Epoch;
  readonly sequence: Sequence;
  readonly mediaTime: Micros;
  readonly duration: Micros;
  readonly metadata: ChunkMetadata | null;
  readonly payload: Uint8Array;
}

export const CHUNK_DURATION_MS = 250;
/** A joiner waits no longer than this for the title in the chunks. */
export const TITLE_INTERVAL_MS = 4000;
/** A packed frame's record is this much longer than the frame at most (see `frames.ts`). */
const RECORD_OVERHEAD_MAX = 8;
/**
 * Characters of base64 that fit into a chunk's metadata beside the longest title; longer set-up data is in the mount's
 * description only.
 */
const SETUP_LENGTH_MAX = 11_400;

/**
 * Whole frames in, chunks of about 250 ms out. Pure: an epoch's number comes from outside, and media time is a count
 * of samples, so it never drifts. A chunk ends at the frame boundary nearest to the next multiple of its duration,
 * so the rate of chunks does not drift either.
 */
export class Packager {
  readonly #nextEpoch: () => Epoch;
  #config: CodecConfig | null = null;
  #run: Run | null = null;
  #title: Title | null = null;
  /** The last chunk made, in whatever epoch. */
  #last: { readonly epoch: Epoch; readonly sequence: Sequence } | null = null;

  /** @param nextEpoch called when an epoch's first frame comes. */
  constructor(nextEpoch: () => Epoch) {
    this.#nextEpoch = nextEpoch;
  }

  get config(): CodecConfig | null {
    return this.#config;
  }

  get title(): Title | null {
    return this.#title;
  }

  /** From the next frame on this is how to decode. Another configuration than before ends the epoch. */
  setConfig(config: CodecConfig): readonly ChunkDraft[] {
    if (this.#config !== null && sameConfig(this.#config, config)) return [];
    const flushed = this.gap();
    this.#config = config;
    return flushed;
  }

  /** From the next frame on this is what plays. */
  setTitle(title: Title): void {
    if (this.#title !== null && sameTitle(title, this.#title)) return;
    this.#title = title;
    if (this.#run !== null) this.#run.titleDue = true;
  }

  /** Sound was lost, or the source changed: what is there is flushed, and the next frame begins a new epoch. */
  gap(): readonly ChunkDraft[] {
    const run = this.#run;
    this.#run = null;
    return run === null || run.frames.length === 0 ? [] : [this.#close(run)];
  }

  /** @throws Error if no configuration was given before. */
  addFrame(frame: Frame): readonly ChunkDraft[] {
    if (this.#config === null)
      throw new Error('Cannot add a frame as sound of a known codec: current value is no configuration');
    if (frame.bytes.length === 0) return [];
    const length = frame.bytes.length + RECORD_OVERHEAD_MAX;
    // Such a frame fits into no chunk: for the listener it is lost sound.
    if (length > PAYLOAD_LENGTH_MAX) return this.gap();
    const drafts: ChunkDraft[] = [];
    this.#run ??= newRun(this.#nextEpoch(), this.#config);
    const run = this.#run;
    if (!hasRoom(run, length)) drafts.push(this.#close(run));
    run.frames.push(frame);
    run.length += length;
    run.samples += frame.sampleCount;
    if (isFull(run, frame)) drafts.push(this.#close(run));
    return drafts;
  }

  #close(run: Run): ChunkDraft {
    const start = mediaTimeOf(run.samplesBefore, run.config.sampleRateHz);
    const end = mediaTimeOf(run.samples, run.config.sampleRateHz);
    const draft: ChunkDraft = {
      codec: run.config.codec,
      discontinuity: run.sequence === 0,
      epoch: run.epoch,
      sequence: sequence(run.sequence),
      mediaTime: start,
      duration: micros(end - start),
      metadata: this.#metadata(run, start),
      payload: packFrames(run.config.codec, run.frames),
    };
    this.#last = { epoch: draft.epoch, sequence: draft.sequence };
    run.sequence += 1;
    run.samplesBefore = run.samples;
    run.frames = [];
    run.length = 0;
    run.boundary = Math.floor(end / CHUNK_DURATION_US + 0.5) + 1;
    return draft;
  }

  #metadata(run: Run, mediaTime: Micros): ChunkMetadata | null {
    const withTitle = this.#title !== null && (run.titleDue || mediaTime >= run.titleAgainAt);
    const title = withTitle && this.#title !== null ? titleMetadata(this.#title) : null;
    if (withTitle) {
      run.titleDue = false;
      run.titleAgainAt = mediaTime + TITLE_INTERVAL_MS * 1000;
    }
    if (run.sequence > 0) return title;
    const { setup, sampleRateHz, channelCount } = run.config;
    return {
      ...title,
      sampleRateHz,
      channelCount,
      ...(setup === null || Math.ceil(setup.length / 3) * 4 > SETUP_LENGTH_MAX
        ? {}
        : { setup: base64(setup) }),
      ...(this.#last === null ? {} : { after: this.#last }),
    };
  }
}

const CHUNK_DURATION_US = CHUNK_DURATION_MS * 1000;

/** An epoch under way. */
interface Run {
  readonly epoch: Epoch;
  readonly config: CodecConfig;
  /** Of the chunk being filled. */
  sequence: number;
  frames: Frame[];
  /** Bytes of `frames`, packed, at most. */
  length: number;
  /** Samples before the chunk being filled, and in all frames so far. */
  samplesBefore: number;
  samples: number;
  /** The chunk being filled ends near this multiple of CHUNK_DURATION_MS. */
  boundary: number;
  titleDue: boolean;
  titleAgainAt: number;
}

const newRun = (epoch: Epoch, config: CodecConfig): Run => ({
  epoch,
  config,
  sequence: 0,
  frames: [],
  length: 0,
  samplesBefore: 0,
  samples: 0,
  boundary: 1,
  titleDue: true,
  titleAgainAt: 0,
});

const hasRoom = (run: Run, length: number): boolean =>
  run.length + length <= PAYLOAD_LENGTH_MAX && run.frames.length < FRAMES_PER_PAYLOAD_MAX;

/** One more frame as long as this one would end farther from the boundary than now. */
function isFull(run: Run, frame: Frame): boolean {
  const rate = run.config.sampleRateHz;
  const boundarySamples = (run.boundary * CHUNK_DURATION_MS * rate) / 1000;
  return run.samples > run.samplesBefore && run.samples + frame.sampleCount / 2 >= boundarySamples;
}

/** Exact for centuries: whole seconds first, so that no product leaves the integers. */
function mediaTimeOf(samples: number, sampleRateHz: number): Micros {
  const seconds = Math.floor(samples / sampleRateHz);
  const rest = samples - seconds * sampleRateHz;
  return micros(seconds * 1_000_000 + Math.round((rest * 1_000_000) / sampleRateHz));
}

const base64 = (data: Uint8Array): string => Buffer.from(data).toString('base64');
