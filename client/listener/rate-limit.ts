import type { Millis } from '../../shared/units.ts';

export interface RateLimitOptions {
  /** Events that one key may cause at once … */
  readonly burst: number;
  /** … and how long it takes to earn another. */
  readonly refillMs: number;
  /** Keys remembered: beyond it the one seen longest ago is forgotten. */
  readonly keysMax: number;
}

/** A token bucket per key. */
export class RateLimit {
  readonly #options: RateLimitOptions;
  readonly #buckets = new Map<string, { readonly tokens: number; readonly at: Millis }>();

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /** True if `key` may, and then it has. */
  take(key: string, now: Millis): boolean {
    const { burst, refillMs, keysMax } = this.#options;
    const bucket = this.#buckets.get(key);
    const earned = bucket === undefined ? burst : (now - bucket.at) / refillMs;
    const tokens = Math.min(burst, (bucket?.tokens ?? 0) + earned);
    const allowed = tokens >= 1;
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, at: now });
    if (this.#buckets.size > keysMax) {
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest);
        break;
      }
    }
    return allowed;
  }
}
