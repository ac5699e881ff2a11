import { millis } from '../../shared/units.ts';
import type { Millis } from '../../shared/units.ts';
import { EventQueue } from '../support/event-queue.ts';

/** Events that one virtual instant may hold: more means that two parts feed each other without end. */
export const EVENTS_PER_INSTANT_MAX = 1_000_000;

/** Something that happens at a moment of virtual time; most of them are objects that are used again and again. */
export interface Happening {
  happen(): void;
}

/** The one clock of a simulation: events in order of (time, order of asking), and nothing between them. */
export class VirtualTime {
  readonly #queue = new EventQueue<Happening | (() => void)>();
  #now = 0;
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

  /** Happens at the time given, or now if that is past. */
  at(timeMs: number, event: Happening | (() => void)): void {
    this.#queue.at(timeMs > this.#now ? timeMs : this.#now, event);
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.#now + delayMs, run);
  }

  /**
   * Lets time pass until `untilMs`, events of that instant included.
   * @throws Error when an instant does not end.
   */
  runUntil(untilMs: number): void {
    for (let time = this.#queue.nextTime(); time <= untilMs; time = this.#queue.nextTime()) {
      const event = this.#queue.next();
      if (event === undefined) break;
      this.#advance(time);
      if (typeof event === 'function') event();
      else event.happen();
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
