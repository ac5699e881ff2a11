import { millis } from './units.ts';
import type { Millis } from './units.ts';

/** How many tokens come per second, and how many may be saved up. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Counts what a peer may still do. Two numbers, so that thousands of them cost nothing. */
export class TokenBucket {
  #tokens: number;
  #filledAt: Millis;

  constructor(rate: Rate, now: Millis) {
    this.#tokens = rate.burst;
    this.#filledAt = now;
  }

  /** True, and taken, if there are `amount` tokens. */
  take(rate: Rate, now: Millis, amount = 1): boolean {
    const elapsed = Math.max(0, now - this.#filledAt);
    this.#tokens = Math.min(rate.burst, this.#tokens + (elapsed * rate.perSecond) / 1000);
    this.#filledAt = millis(Math.max(now, this.#filledAt));
    if (this.#tokens < amount) return false;
    this.#tokens -= amount;
    return true;
  }

  /** Takes what was spent in any case; a debt is paid back over time. */
  spend(rate: Rate, now: Millis, amount: number): void {
    if (!this.take(rate, now, amount)) this.#tokens -= amount;
  }
}
