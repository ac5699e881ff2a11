import type { ChunkHeader } from '../chunk/chunk.ts';
import { millis, sequence } from '../units.ts';
import type { Epoch, Millis, Sequence } from '../units.ts';
import { EPOCHS_HELD_MAX } from './limits.ts';

/** Chunks whose packaging times decide where the live edge is: a source that slips is followed in 4 s. */
const RECENT_MAX = 16;
/** The clock offset is the smallest seen, but for a little more after each of these: clocks drift apart. */
const OFFSET_WINDOW_MS = 30_000;
const OFFSET_DRIFT_MS = 10;
/** Nothing came nearly as early for one whole window: a clock was set, or the machine slept. */
const OFFSET_JUMP_MS = 1_000;

/**
 * Where the live edge is, on our own clock. From signed packaging times: the offset between the origin's clock and
 * ours is the smallest (arrival − packaged at), so it includes the shortest way here and nothing else.
 */
export class Timeline {
  /** At most EPOCHS_HELD_MAX, so looking through them costs nothing. */
  readonly #epochs: EpochTimeline[] = [];
  /** Infinite before the first chunk. */
  #offsetMs = Number.POSITIVE_INFINITY;
  #offsetBeforeMs = Number.POSITIVE_INFINITY;
  #offsetSince = 0;

  /** A genuine chunk has come. */
  note(now: Millis, header: ChunkHeader): void {
    this.#noteOffset(now, now - header.packagedAt);
    let epoch = this.#find(header.epoch);
    if (epoch === undefined) {
      epoch = {
        epoch: header.epoch,
        recentNumbers: [],
        recentAnchorsMs: [],
        newest: -1,
        newestEndMs: 0,
        leastAnchorMs: Number.POSITIVE_INFINITY,
      };
      this.#epochs.push(epoch);
      this.#evict();
    }
    const endMs = (header.mediaTime + header.duration) / 1000;
    if (header.sequence > epoch.newest) {
      epoch.newest = header.sequence;
      epoch.newestEndMs = endMs;
    }
    remember(epoch, header.sequence, header.packagedAt - endMs);
  }

  get epochCount(): number {
    return this.#epochs.length;
  }

  /** When the chunk is (or was) packaged, on our clock; null before the epoch's first chunk. */
  expectedAt(epoch: Epoch, number: Sequence): Millis | null {
    const anchor = this.#anchorMs(epoch);
    const end = this.#mediaEndMs(epoch, number);
    return anchor === null || end === null ? null : millis(anchor + end);
  }

  /** The newest chunk that should exist by now; null before the epoch's first chunk. */
  liveSequence(now: Millis, epoch: Epoch): Sequence | null {
    const known = this.#find(epoch);
    const anchor = this.#anchorMs(epoch);
    if (known === undefined || anchor === null) return null;
    const ahead = Math.floor((now - anchor - known.newestEndMs) / meanDurationMs(known));
    return sequence(Math.max(0, known.newest + ahead));
  }

  /** Media time of the live edge, ms. */
  liveMediaMs(now: Millis, epoch: Epoch): number | null {
    const anchor = this.#anchorMs(epoch);
    return anchor === null ? null : now - anchor;
  }

  /** Media time at which the chunk begins, ms: exact to the mean chunk where it has not been seen. */
  mediaStartMs(epoch: Epoch, number: Sequence): number | null {
    const known = this.#find(epoch);
    const end = this.#mediaEndMs(epoch, number);
    return known === undefined || end === null ? null : end - meanDurationMs(known);
  }

  /** When something packaged at `packagedAt` on the origin's clock was packaged on ours. */
  localTime(packagedAt: number): number | null {
    const offsetMs = Math.min(this.#offsetMs, this.#offsetBeforeMs);
    return offsetMs === Number.POSITIVE_INFINITY ? null : packagedAt + offsetMs;
  }

  #mediaEndMs(epoch: Epoch, number: Sequence): number | null {
    const known = this.#find(epoch);
    if (known === undefined) return null;
    return known.newestEndMs + (number - known.newest) * meanDurationMs(known);
  }

  #anchorMs(epoch: Epoch): number | null {
    const known = this.#find(epoch);
    return known === undefined ? null : this.localTime(known.leastAnchorMs);
  }

  #noteOffset(now: Millis, offsetMs: number): void {
    if (this.#offsetMs === Number.POSITIVE_INFINITY) {
      this.#offsetMs = offsetMs;
      this.#offsetSince = now;
    } else if (now - this.#offsetSince > OFFSET_WINDOW_MS) {
      const heldMs = Math.min(this.#offsetMs, this.#offsetBeforeMs + OFFSET_DRIFT_MS);
      this.#offsetBeforeMs = this.#offsetMs - heldMs > OFFSET_JUMP_MS ? this.#offsetMs : heldMs;
      this.#offsetMs = offsetMs;
      this.#offsetSince = now;
    } else {
      this.#offsetMs = Math.min(this.#offsetMs, offsetMs);
    }
  }

  #find(epoch: Epoch): EpochTimeline | undefined {
    for (const known of this.#epochs) if (known.epoch === epoch) return known;
    return undefined;
  }

  #evict(): void {
    if (this.#epochs.length <= EPOCHS_HELD_MAX) return;
    this.#epochs.sort((left, right) => left.epoch - right.epoch);
    this.#epochs.shift();
  }
}

interface EpochTimeline {
  readonly epoch: Epoch;
  /** Of the chunks that came last: their numbers, and packaging time minus media time at their end, ms. */
  readonly recentNumbers: number[];
  readonly recentAnchorsMs: number[];
  newest: number;
  newestEndMs: number;
  /** Of `recentAnchorsMs`. */
  leastAnchorMs: number;
}

/** Adds one, in place of the lowest-numbered when there are too many, and keeps the least. */
function remember(epoch: EpochTimeline, number: number, anchorMs: number): void {
  const { recentNumbers, recentAnchorsMs } = epoch;
  const { length } = recentNumbers;
  const place = length < RECENT_MAX ? length : recentNumbers.indexOf(Math.min(...recentNumbers));
  if (number < (recentNumbers[place] ?? 0)) return;
  const replacedMs = recentAnchorsMs[place];
  recentNumbers[place] = number;
  recentAnchorsMs[place] = anchorMs;
  if (anchorMs <= epoch.leastAnchorMs) epoch.leastAnchorMs = anchorMs;
  else if (replacedMs === epoch.leastAnchorMs) epoch.leastAnchorMs = Math.min(...recentAnchorsMs);
}

/** Media time starts at 0 with chunk 0, so the mean needs one chunk only. */
const meanDurationMs = (epoch: EpochTimeline): number => Math.max(1, epoch.newestEndMs / (epoch.newest + 1));
