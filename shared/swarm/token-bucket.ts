import type { Millis } from '../units.ts';

/** Allows `rate` things a second on average and `burst` at once. */
export class TokenBucket {
  private tokens: number;
  private at: number;
  private readonly rate: number;
  private readonly burst: number;

  constructor(now: Millis, rate: number, burst: number) {
    this.rate = rate;
    this.burst = burst;
    this.tokens = burst;
    this.at = now;
  }

  /** True, and taken, if there are `amount` tokens. */
  take(now: Millis, amount = 1): boolean {
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.at) / 1000) * this.rate);
    this.at = now;
    if (this.tokens < amount) return false;
    this.tokens -= amount;
    return true;
  }

  /** Takes what was spent in any case; the debt is paid back over time. */
  spend(now: Millis, amount: number): void {
    if (!this.take(now, amount)) this.tokens -= amount;
  }
}
