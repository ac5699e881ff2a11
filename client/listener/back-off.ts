import type { RandomSource } from '../../shared/units.ts';

export interface BackOffOptions {
  /** The first delay is at most this. */
  readonly baseMs: number;
  /** No delay is longer. */
  readonly capMs: number;
  /** No delay is shorter: a peer that accepts and closes at once must not be asked in a tight loop. */
  readonly floorMs: number;
}

/**
 * Exponential back-off with jitter: every delay is uniform below a ceiling that doubles. The first may be as short as
 * the floor, which spreads those who were cut off together; the others are at least half of their ceiling, so that
 * second attempts do not fall among first ones.
 */
export class BackOff {
  readonly #options: BackOffOptions;
  readonly #random: RandomSource;
  #ceilingMs: number;
  #isFirst = true;

  constructor(options: BackOffOptions, random: RandomSource) {
    this.#options = options;
    this.#random = random;
    this.#ceilingMs = options.baseMs;
  }

  nextDelayMs(): number {
    const { capMs, floorMs } = this.#options;
    const ceilingMs = Math.min(capMs, this.#ceilingMs);
    const leastMs = this.#isFirst ? floorMs : Math.max(floorMs, ceilingMs / 2);
    this.#isFirst = false;
    this.#ceilingMs = Math.min(capMs, 2 * ceilingMs);
    return leastMs + this.#random() * Math.max(0, ceilingMs - leastMs);
  }

  /** Only what has proved stable resets it. @param firstMs the first delay is at most this, from now on */
  reset(firstMs: number): void {
    this.#ceilingMs = firstMs;
    this.#isFirst = true;
  }
}
