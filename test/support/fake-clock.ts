import type { Clock } from '../../client/listener/environment.ts';
import { millis } from '../../shared/units.ts';
import type { Millis } from '../../shared/units.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that stands still until it is told to go on; timers run in the order of their time. */
export class FakeClock implements Clock {
  #now = 0;
  #made = 0;
  readonly #timers = new Set<Timer>();

  now = (): Millis => millis(this.#now);

  after = (delayMs: number, run: () => void): (() => void) => {
    const timer = { at: this.#now + delayMs, order: this.#made, run };
    this.#made += 1;
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  };

  /** Timers made since the beginning. */
  get timersMade(): number {
    return this.#made;
  }

  /** Timers waiting. */
  get pending(): number {
    return this.#timers.size;
  }

  /** When the next timer is due, in ms from now; null without one. */
  get nextInMs(): number | null {
    const next = this.#next();
    return next === null ? null : next.at - this.#now;
  }

  advance(byMs: number): void {
    const until = this.#now + byMs;
    for (let next = this.#next(); next !== null && next.at <= until; next = this.#next()) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = until;
  }

  /** Go on, and let promises settle after every timer. */
  async advanceSettled(byMs: number): Promise<void> {
    const until = this.#now + byMs;
    await settled();
    for (let next = this.#next(); next !== null && next.at <= until; next = this.#next()) {
      this.advance(Math.max(0, next.at - this.#now));
      await settled();
    }
    this.#now = until;
  }

  #next(): Timer | null {
    let next: Timer | null = null;
    for (const timer of this.#timers) {
      if (next === null || timer.at < next.at || (timer.at === next.at && timer.order < next.order))
        next = timer;
    }
    return next;
  }
}

/** Everything that promises have ready has run. */
export const settled = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
