import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { Micros } from '../../shared/units.ts';

/** The burst's chunks come within milliseconds of each other; this much silence means that it is over. */
const QUIET_MS = 15;
/** Sound starts with what there is after this long. */
const WAIT_MAX_MS = 150;
/** A burst is a few seconds; more than this is released as it comes. */
const HELD_MAX = 120;

/**
 * Holds a join's first chunks back for an instant, to start at the wanted distance from the live edge: without it,
 * the first to be appended would be heard, and then jumped away from.
 */
export class StartGate {
  readonly #targetMs: number;
  readonly #liveAt: () => Micros | null;
  readonly #release: (chunk: Chunk) => void;
  readonly #drop: (chunk: Chunk) => void;
  #held: Chunk[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #heldSince: number | null = null;
  #phase: 'holding' | 'open' | 'closed' = 'holding';

  /**
   * @param liveAt media time of the live edge in the held chunks' epoch, or null while unknown.
   * @param drop takes the chunks, in order, that are too old to start with.
   */
  constructor(
    targetMs: number,
    liveAt: () => Micros | null,
    release: (chunk: Chunk) => void,
    drop: (chunk: Chunk) => void,
  ) {
    this.#targetMs = targetMs;
    this.#liveAt = liveAt;
    this.#release = release;
    this.#drop = drop;
  }

  push(chunk: Chunk): void {
    if (this.#phase === 'closed') return;
    if (this.#phase === 'open') return this.#release(chunk);
    this.#held.push(chunk);
    this.#heldSince ??= performance.now();
    const waitedMs = performance.now() - this.#heldSince;
    if (this.#held.length >= HELD_MAX) return this.#open();
    const enough = durationMs(this.#held) >= this.#targetMs - chunk.header.duration / 1000;
    const wait = Math.max(0, WAIT_MAX_MS - waitedMs);
    this.#rearm(enough ? Math.min(QUIET_MS, wait) : wait);
  }

  close(): void {
    this.#phase = 'closed';
    this.#held = [];
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #rearm(afterMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), afterMs);
  }

  #open(): void {
    if (this.#phase !== 'holding') return;
    this.#phase = 'open';
    const held = this.#held;
    this.#held = [];
    const first = firstToPlay(held, this.#targetMs, this.#liveAt());
    for (const chunk of held.slice(0, first)) this.#drop(chunk);
    for (const chunk of held.slice(first)) this.#release(chunk);
  }
}

/**
 * The index of the first chunk that is no further behind the live edge than wanted, or of the newest. With an unknown
 * live edge, the newest chunk's end stands for it.
 */
export function firstToPlay(chunks: readonly Chunk[], targetMs: number, liveAt: Micros | null): number {
  const newest = chunks.at(-1);
  if (newest === undefined) return 0;
  const { epoch } = newest.header;
  const newestEnd = newest.header.mediaTime + newest.header.duration;
  const live = Math.max(newestEnd, liveAt ?? newestEnd);
  const first = chunks.findIndex(
    ({ header }) => header.epoch === epoch && live - header.mediaTime <= targetMs * 1000,
  );
  return first === -1 ? chunks.length - 1 : first;
}

const durationMs = (chunks: readonly Chunk[]): number =>
  chunks.reduce((sum, { header }) => sum + header.duration, 0) / 1000;
