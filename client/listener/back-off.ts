import type { RandomSource } from '../../shared/units.ts';

export interface BackOffOptions {
  /** The first delay is at most this. */
  readonly baseMs: number;
  /** No delay is longer. */
  readonly capMs: number;
  /** No delay is shorter: a peer that accepts and closes at once must not be asked in a tight loop. */
  readonly floorMs: number;
}

/** Exponential back-off with full jitter: every delay is uniform between the floor and a ceiling that doubles. */
export class BackOff {
  readonly #options: BackOffOptions;
  readonly #random: RandomSource;
  #attempts = 0;

  constructor(options: BackOffOptions, random: RandomSource) {
    this.#options = options;
    this.#random = random;
  }

  nextDelayMs(): number {
    const { baseMs, capMs, floorMs } = this.#options;
    const ceilingMs = Math.min(capMs, baseMs * 2 ** Math.min(this.#attempts, DOUBLINGS_MAX));
    this.#attempts += 1;
    return floorMs + this.#random() * Math.max(0, ceilingMs - floorMs);
  }

  /** Only what has proved stable resets it. */
  reset(): void {
    this.#attempts = 0;
  }
}

const DOUBLINGS_MAX = 30;
