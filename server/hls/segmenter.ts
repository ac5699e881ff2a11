import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { CodecDescription } from '../../shared/station/description.ts';
import type { Epoch } from '../../shared/units.ts';
import { titleIn } from '../icecast/mount-titles.ts';
import { NO_TITLE } from '../station/title.ts';
import type { Title } from '../station/title.ts';

/** A segment is closed when it is so long: short, as a player stays three of them behind. */
export const SEGMENT_MS = 2000;
/** What `EXT-X-TARGETDURATION` promises, seconds: no segment, rounded, is longer. */
export const TARGET_SECONDS = 2;
const SEGMENT_MS_MAX = 2490;
/** Segments in the playlist. */
export const LISTED_MAX = 6;
/** And those that have left it, for players that are still fetching them. */
const KEPT_MAX = 10;

/** Whole chunks of one epoch, in order. */
export interface Segment {
  /** Grows by one from segment to segment, over epochs and restarts. */
  readonly number: number;
  readonly chunks: readonly Chunk[];
  /** As it was when the first of them came. */
  readonly codec: CodecDescription;
  readonly durationMs: number;
  /** It does not continue the one before. */
  readonly isDiscontinuous: boolean;
  /** Discontinuities before it. */
  readonly discontinuities: number;
  /** What plays when it begins. */
  readonly title: Title;
}

/** Chunks in, segments out. Pure; holds references to a window's newest chunks, nothing of its own. */
export class Segmenter {
  readonly #segments: Segment[] = [];
  #open: Chunk[] = [];
  #codec: CodecDescription | null = null;
  #openMs = 0;
  #openTitle = NO_TITLE;
  #title: Title = NO_TITLE;
  #next: number | null = null;
  #discontinuities = 0;

  /** Oldest first. */
  get listed(): readonly Segment[] {
    return this.#segments.slice(-LISTED_MAX);
  }

  find(number: number): Segment | null {
    return this.#segments.find((segment) => segment.number === number) ?? null;
  }

  /** The newest segment of this epoch. */
  findEpoch(epoch: number): Segment | null {
    return this.#segments.findLast((segment) => epochOf(segment) === epoch) ?? null;
  }

  /** @param codec how to decode it; a chunk that it does not fit is left out. */
  take(chunk: Chunk, codec: CodecDescription | null): void {
    if (codec?.codec !== chunk.header.codec) return;
    const [first] = this.#open;
    const durationMs = chunk.header.duration / 1000;
    const isNewEpoch = first !== undefined && first.header.epoch !== chunk.header.epoch;
    if (first !== undefined && (isNewEpoch || this.#openMs + durationMs > SEGMENT_MS_MAX)) this.#close();
    this.#title = titleIn(chunk) ?? this.#title;
    if (this.#open.length === 0) {
      this.#openTitle = this.#title;
      this.#codec = codec;
    }
    this.#open.push(chunk);
    this.#openMs += durationMs;
    if (this.#openMs >= SEGMENT_MS - durationMs / 2) this.#close();
  }

  #close(): void {
    const [first] = this.#open;
    if (first === undefined || this.#codec === null) return;
    const before = this.#segments.at(-1);
    const isDiscontinuous = before !== undefined && !continues(before, first);
    if (isDiscontinuous) this.#discontinuities += 1;
    // After a restart the numbers must not go back: players would wait until they have caught up.
    this.#next ??= Math.floor(first.header.packagedAt / SEGMENT_MS);
    this.#segments.push({
      number: this.#next,
      chunks: this.#open,
      codec: this.#codec,
      durationMs: this.#openMs,
      isDiscontinuous,
      discontinuities: this.#discontinuities,
      title: this.#openTitle,
    });
    this.#next += 1;
    if (this.#segments.length > KEPT_MAX) this.#segments.shift();
    this.#open = [];
    this.#openMs = 0;
  }
}

export const epochOf = (segment: Segment): Epoch | null => segment.chunks[0]?.header.epoch ?? null;

const continues = (before: Segment, first: Chunk): boolean => epochOf(before) === first.header.epoch;
