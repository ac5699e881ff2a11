import { DRIFT_SHARE_MAX, START_BUFFER_MS } from '../../../shared/swarm/limits.ts';
import { CHUNK_MS } from '../../support/virtual-origin.ts';
import type { HeardChunk } from '../playback-watch.ts';
import type { Holdings } from './holdings.ts';

/** A burst's oldest chunk is a little older than the delay by the time it is here, as `shared/swarm/playout.ts` has it. */
const START_SLACK_MS = 300;
/** With a burst on its way, sound waits for all of it; without one, for half, as in Essaim. */
const STARTING_CHUNKS = START_BUFFER_MS / CHUNK_MS;
const STARTING_CHUNKS_WITHOUT_BURST = STARTING_CHUNKS / 2;
/** A listener may take so long to begin before silence counts, as in `playback-watch.ts`. */
const STARTING_MS = 2_000;

/** When a chunk was packaged, ms of virtual time. */
export type PackagedAt = (chunk: number) => number;

/**
 * A play-out for comparators. Sound starts with the first second that has no hole (half a second without a burst), and
 * not before the play-out delay; from then on the timetable never stops: a chunk that is there when the ear reaches it
 * was in time, to the last millisecond, and one that is not is skipped. That is kinder than Essaim's own play-out,
 * which gives a chunk up 120 ms before, and waits (in silence that counts) when nothing later is there either.
 */
export class Ear {
  readonly #holdings: Holdings;
  readonly #packagedAt: PackagedAt;
  readonly #delayMs: number;
  readonly #startingChunks: number;
  /** Heard next, and when; null before sound. */
  #next: { readonly chunk: number; readonly at: number } | null = null;
  #hearing = true;

  constructor(holdings: Holdings, packagedAt: PackagedAt, delayMs: number, burstAtJoin: boolean) {
    this.#holdings = holdings;
    this.#packagedAt = packagedAt;
    this.#delayMs = delayMs;
    this.#startingChunks = burstAtJoin ? STARTING_CHUNKS : STARTING_CHUNKS_WITHOUT_BURST;
  }

  get next(): { readonly chunk: number; readonly at: number } | null {
    return this.#next;
  }

  /** When a chunk is, or is going to be, heard. */
  dueAt(chunk: number): number {
    const next = this.#next;
    if (next === null) return this.#packagedAt(chunk) + this.#delayMs;
    return next.at + (chunk - next.chunk) * CHUNK_MS;
  }

  /** True if sound starts by what is there now. */
  start(now: number): boolean {
    if (this.#next !== null) return false;
    const { newest } = this.#holdings;
    let run = 0;
    for (let chunk = this.#oldest(now); chunk <= newest; chunk += 1) {
      run = this.#holdings.has(chunk) ? run + 1 : 0;
      if (run < this.#startingChunks) continue;
      const first = chunk - run + 1;
      this.#next = { chunk: first, at: Math.max(now, this.dueAt(first)) };
      return true;
    }
    return false;
  }

  /** The ear has reached the next chunk. */
  hear(now: number): HeardChunk | null {
    const heard = this.#next;
    if (heard === null) return null;
    const inTime = this.#holdings.has(heard.chunk);
    const interrupted = !inTime && this.#hearing;
    this.#hearing = inTime;
    const latencyMs = now - this.#packagedAt(heard.chunk);
    const stepMs = CHUNK_MS * DRIFT_SHARE_MAX;
    const drift = Math.max(-stepMs, Math.min(stepMs, this.#delayMs - latencyMs));
    this.#next = { chunk: heard.chunk + 1, at: heard.at + CHUNK_MS + drift };
    return { inTime, silent: 0, interrupted, latencyMs: inTime ? latencyMs : null };
  }

  /** Chunks' worth of silence of a listener that never heard anything in the time that counts. */
  neverHeard(now: number, since: number): number {
    if (this.#next !== null) return 0;
    return Math.max(0, Math.floor((now - since - STARTING_MS) / CHUNK_MS));
  }

  #oldest(now: number): number {
    const age = this.#delayMs + START_SLACK_MS;
    let chunk = this.#holdings.newest;
    while (chunk > 0 && now - this.#packagedAt(chunk - 1) <= age) chunk -= 1;
    return Math.max(0, chunk);
  }
}
