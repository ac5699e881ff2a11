import { millis } from '../../shared/units.ts';
import type { Millis } from '../../shared/units.ts';
import { EventQueue } from '../support/event-queue.ts';

/** Events that one virtual instant may hold: more means that two parts feed each other without end. */
export const EVENTS_PER_INSTANT_MAX = 1_000_000;

/** The one clock of a simulation: events in order of (time, order of asking), and nothing between them. */
export class VirtualTime {
  readonly #queue = new EventQueue();
  #now: number;
  #atThisInstant = 0;
  #events = 0;

  constructor(startMs: number) {
    this.#now = startMs;
  }

  get now(): Millis {
    return millis(this.#now);
  }

  /** Events that have happened so far. */
  get events(): number {
    return this.#events;
  }

  /** Runs at the time given, or now if that is past. */
  at(timeMs: number, run: () => void): void {
    this.#queue.at(timeMs > this.#now ? timeMs : this.#now, run);
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.#now + delayMs, run);
  }

  /**
   * Lets time pass until `untilMs`, events of that instant included.
   * @throws Error when an instant does not end.
   */
  runUntil(untilMs: number): void {
    while (this.#queue.nextTime() <= untilMs) {
      const event = this.#queue.next();
      if (event === undefined) break;
      this.#advance(event.time);
      event.run();
    }
    this.#now = Math.max(this.#now, untilMs);
  }

  #advance(time: number): void {
    this.#events += 1;
    this.#atThisInstant = time > this.#now ? 0 : this.#atThisInstant + 1;
    if (this.#atThisInstant > EVENTS_PER_INSTANT_MAX)
      throw new Error(
        `Cannot go on as an instant has at most ${EVENTS_PER_INSTANT_MAX} events: current value is ${this.#now} ms`,
      );
    this.#now = Math.max(this.#now, time);
  }
}
