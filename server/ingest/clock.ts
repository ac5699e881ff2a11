import { millis } from '../../shared/units.ts';
import type { Millis } from '../../shared/units.ts';

/** Time, passed in so that tests need not wait for it. */
export interface Clock {
  /** Monotonic. */
  now(): Millis;
  /** Runs `run` once after `delayMs`; the function returned calls it off. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => millis(performance.now()),
  after(delayMs, run) {
    const timer = setTimeout(run, Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
};
