import type { Millis } from './units.ts';

/** How many tokens come per second, and how many may be saved up. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/**
 * Counts what a peer may still do, as one number, so that thousands of them cost nothing: when the bucket will be full
 * again (the generic cell rate algorithm, ITU-T I.371).
 */
export class TokenBucket {
  #fullAt = 0;

  /** Full at `now`. */
  constructor(now: Millis) {
    this.#fullAt = now;
  }

  /** True, and taken, if there are `amount` tokens. */
  take(rate: Rate, now: Millis, amount = 1): boolean {
    const fullAt = this.#after(rate, now, amount);
    if (fullAt - now > (rate.burst * 1000) / rate.perSecond) return false;
    this.#fullAt = fullAt;
    return true;
  }

  /** Takes what was spent in any case; a debt is paid back over time. */
  spend(rate: Rate, now: Millis, amount: number): void {
    this.#fullAt = this.#after(rate, now, amount);
  }

  #after(rate: Rate, now: Millis, amount: number): number {
    return Math.max(now, this.#fullAt) + (amount * 1000) / rate.perSecond;
  }
}
