import { millis } from '../../shared/units.ts';
import type { Millis } from '../../shared/units.ts';

/** Time, passed in so that tests need not wait for it. */
export interface Clock {
  /** Monotonic. */
  now(): Millis;
  /** Runs `task` once after `delay`; the function returned calls it off. */
  schedule(delay: Millis, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => millis(performance.now()),
  schedule(delay, task) {
    const timer = setTimeout(task, delay);
    return () => clearTimeout(timer);
  },
};
