import type { Tracker } from '../../shared/tracker/tracker.ts';
import type { TrackerInput, TrackerOutput } from '../../shared/tracker/tracker-io.ts';
import { millis } from '../../shared/units.ts';
import type { Millis } from '../../shared/units.ts';

/** The longest that timers take. */
const TIMER_MAX_MS = 2_147_483_647;

/** Runs the tracker on a real clock: inputs are queued, `handle` is never entered twice, one timer for its deadline. */
export class TrackerDriver {
  readonly #tracker: Tracker;
  readonly #now: () => number;
  readonly #perform: (output: TrackerOutput) => void;
  readonly #queue: TrackerInput[] = [];
  #state: 'resting' | 'running' | 'stopped' = 'resting';
  #time: Millis = millis(0);
  #timer: NodeJS.Timeout | null = null;
  #armedFor: Millis | null = null;

  /** @param now a monotonic clock, milliseconds */
  constructor(tracker: Tracker, now: () => number, perform: (output: TrackerOutput) => void) {
    this.#tracker = tracker;
    this.#now = now;
    this.#perform = perform;
  }

  /** After `stop` inputs are dropped. */
  push(input: TrackerInput): void {
    if (this.#state === 'stopped') return;
    this.#queue.push(input);
    if (this.#state === 'resting') this.#run();
  }

  stop(): void {
    this.#state = 'stopped';
    this.#queue.length = 0;
    this.#disarm();
  }

  #run(): void {
    this.#state = 'running';
    for (let input = this.#queue.shift(); input !== undefined; input = this.#queue.shift()) {
      this.#time = millis(Math.max(this.#time, this.#now()));
      for (const output of this.#tracker.handle(this.#time, input)) this.#perform(output);
    }
    this.#rest();
  }

  #rest(): void {
    if (this.#state === 'running') this.#state = 'resting';
    const deadline = this.#state === 'stopped' ? null : this.#tracker.deadline();
    if (deadline === this.#armedFor) return;
    this.#disarm();
    if (deadline === null) return;
    this.#armedFor = deadline;
    const delay = Math.min(Math.max(0, deadline - this.#now()), TIMER_MAX_MS);
    this.#timer = setTimeout(() => {
      this.#armedFor = null;
      // Timers may fire early by a fraction of a millisecond: the deadline has come all the same.
      if (delay < TIMER_MAX_MS) this.#time = millis(Math.max(this.#time, deadline));
      this.push({ type: 'tick' });
    }, delay);
    this.#timer.unref();
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#armedFor = null;
  }
}
