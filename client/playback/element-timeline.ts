import type { Epoch, Micros, Sequence, UnixMillis } from '../../shared/units.ts';
import { micros } from '../../shared/units.ts';
import type { TrackTitle } from './track-title.ts';

/** One chunk's place on the audio element's timeline; element times are seconds, as in `currentTime`. */
export interface TimelineEntry {
  readonly start: number;
  readonly duration: number;
  readonly epoch: Epoch;
  readonly sequence: Sequence;
  readonly mediaTime: Micros;
  readonly packagedAt: UnixMillis;
  /** What is playing from this chunk on; null: as before. */
  readonly title: TrackTitle | null;
}

/** The chunk under the playhead, and where in it the playhead is. */
export interface TimelinePosition {
  readonly entry: TimelineEntry;
  readonly mediaTime: Micros;
}

/** Five minutes of chunks: more than the longest pause keeps. */
export const TIMELINE_ENTRIES_MAX = 1200;

/**
 * Which chunk is heard at an element time. The element's timeline has no holes: chunks lie end to end in the order in
 * which they were appended, across epochs and over skipped chunks, so `currentTime` alone says nothing about media
 * time; this map does.
 */
export class ElementTimeline {
  readonly #entries: TimelineEntry[] = [];

  /** @throws RangeError if the entry starts before the last one. */
  add(entry: TimelineEntry): void {
    const last = this.#entries.at(-1);
    if (last !== undefined && entry.start < last.start)
      throw new RangeError(
        `Cannot add a chunk to the timeline as starts must not go back: current value is ${entry.start} s after ${last.start} s`,
      );
    this.#entries.push(entry);
    if (this.#entries.length > TIMELINE_ENTRIES_MAX) this.#entries.shift();
  }

  /** The chunk at `time`: the last that starts at or before it. Null before the first. */
  at(time: number): TimelinePosition | null {
    const entry = this.#entries[this.#indexAt(time)];
    if (entry === undefined) return null;
    const into = Math.min(Math.max(time - entry.start, 0), entry.duration);
    return { entry, mediaTime: micros(entry.mediaTime + Math.round(into * 1e6)) };
  }

  /** Chunks whose start was passed on the way from `from` (exclusive) to `to` (inclusive). */
  passed(from: number, to: number): readonly TimelineEntry[] {
    return this.#entries.slice(this.#indexAt(from) + 1, this.#indexAt(to) + 1);
  }

  newest(): TimelineEntry | null {
    return this.#entries.at(-1) ?? null;
  }

  /** Forgets chunks that ended before `time`, but never the newest. */
  trimBefore(time: number): void {
    const count = this.#entries.findIndex((entry) => entry.start + entry.duration >= time);
    this.#entries.splice(0, count === -1 ? Math.max(this.#entries.length - 1, 0) : count);
  }

  get length(): number {
    return this.#entries.length;
  }

  /** Binary search: the index of the last entry that starts at or before `time`, or -1. */
  #indexAt(time: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const entry = this.#entries[middle];
      if (entry !== undefined && entry.start <= time) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
