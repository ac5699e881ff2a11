import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { LivePosition } from '../../shared/station/description.ts';
import type { Epoch, Sequence } from '../../shared/units.ts';

/** What the window keeps, measured by the chunks' own durations. */
export const WINDOW_DURATION_MS = 30_000;
/** What it never exceeds, whatever the bit rate: 30 s of 24-bit 96 kHz stereo FLAC is about 17 MB. */
export const WINDOW_BYTES_MAX = 32 * 1024 * 1024;
/** Chunks that it never exceeds, however short they are (a source that flaps makes many short ones). */
export const WINDOW_CHUNKS_MAX = 1024;

/** `future`: newer than what the window holds. `gone`: older, or never made. */
export type ChunkLookup =
  | { readonly state: 'held'; readonly chunk: Chunk }
  | { readonly state: 'future' }
  | { readonly state: 'gone' };

export interface ChunkWindow {
  readonly newest: Chunk | null;
  readonly oldest: Chunk | null;
  /** How many chunks it holds. */
  readonly size: number;
  /** How much sound they are. */
  readonly durationMs: number;
  /** Null while empty. */
  live(): LivePosition | null;
  lookUp(epoch: Epoch, sequence: Sequence): ChunkLookup;
  /** The newest chunks, oldest first, that together last at least this long (or all); may cross epochs. */
  burst(durationMs: number): readonly Chunk[];
  /** All chunks from this one on, itself included if it is held, oldest first. */
  from(epoch: Epoch, sequence: Sequence): readonly Chunk[];
}

export interface WindowLimits {
  readonly durationMs: number;
  readonly bytesMax: number;
  readonly chunksMax: number;
}

const DEFAULT_LIMITS: WindowLimits = {
  durationMs: WINDOW_DURATION_MS,
  bytesMax: WINDOW_BYTES_MAX,
  chunksMax: WINDOW_CHUNKS_MAX,
};

/** The last seconds of a mount, in the order in which they were made. */
export class SlidingWindow implements ChunkWindow {
  readonly #limits: WindowLimits;
  readonly #chunks: Chunk[] = [];
  #durationMs = 0;
  #bytes = 0;

  constructor(limits: WindowLimits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  get newest(): Chunk | null {
    return this.#chunks.at(-1) ?? null;
  }

  get oldest(): Chunk | null {
    return this.#chunks[0] ?? null;
  }

  get size(): number {
    return this.#chunks.length;
  }

  get durationMs(): number {
    return this.#durationMs;
  }

  /** @throws RangeError if the chunk is not newer than all that are held. */
  push(chunk: Chunk): void {
    const { newest } = this;
    if (newest !== null && compare(newest, chunk.header.epoch, chunk.header.sequence) >= 0)
      throw new RangeError(
        `Cannot add a chunk to the window as newer than ${name(newest)}: current value is ${name(chunk)}`,
      );
    this.#chunks.push(chunk);
    this.#durationMs += durationMs(chunk);
    this.#bytes += chunk.wire.length;
    this.#shrink();
  }

  live(): LivePosition | null {
    const { newest } = this;
    if (newest === null) return null;
    const { epoch } = newest.header;
    const oldest = this.#chunks.find((chunk) => chunk.header.epoch === epoch) ?? newest;
    return { epoch, oldest: oldest.header.sequence, newest: newest.header.sequence };
  }

  lookUp(epoch: Epoch, sequence: Sequence): ChunkLookup {
    const { newest } = this;
    if (newest === null || compare(newest, epoch, sequence) < 0) return { state: 'future' };
    const chunk = this.#chunks[this.#indexFrom(epoch, sequence)];
    const found = chunk !== undefined && compare(chunk, epoch, sequence) === 0;
    return found ? { state: 'held', chunk } : { state: 'gone' };
  }

  burst(wantedMs: number): readonly Chunk[] {
    let index = this.#chunks.length;
    let haveMs = 0;
    while (index > 0 && haveMs < wantedMs) {
      index -= 1;
      const chunk = this.#chunks[index];
      if (chunk !== undefined) haveMs += durationMs(chunk);
    }
    return this.#chunks.slice(index);
  }

  from(epoch: Epoch, sequence: Sequence): readonly Chunk[] {
    return this.#chunks.slice(this.#indexFrom(epoch, sequence));
  }

  /** The first chunk that is not older than this position, by bisection. */
  #indexFrom(epoch: Epoch, sequence: Sequence): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const chunk = this.#chunks[middle];
      if (chunk !== undefined && compare(chunk, epoch, sequence) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Keeps at least the newest chunk, so that a lone huge one can still be served. */
  #shrink(): void {
    for (;;) {
      const [oldest, next] = this.#chunks;
      if (oldest === undefined || next === undefined) return;
      const tooLong = this.#durationMs - durationMs(oldest) >= this.#limits.durationMs;
      const tooLarge = this.#bytes > this.#limits.bytesMax;
      const tooMany = this.#chunks.length > this.#limits.chunksMax;
      if (!tooLong && !tooLarge && !tooMany) return;
      this.#chunks.shift();
      this.#durationMs -= durationMs(oldest);
      this.#bytes -= oldest.wire.length;
    }
  }
}

const durationMs = (chunk: Chunk): number => chunk.header.duration / 1000;
const name = (chunk: Chunk): string => `${chunk.header.epoch}.${chunk.header.sequence}`;

/** Negative if the chunk is older than the position, 0 if it is the one there. */
const compare = (chunk: Chunk, epoch: Epoch, sequence: Sequence): number =>
  chunk.header.epoch - epoch || chunk.header.sequence - sequence;
