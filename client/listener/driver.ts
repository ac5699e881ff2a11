import type { EngineInput, EngineOutput } from '../../shared/swarm/engine-io.ts';
import { millis } from '../../shared/units.ts';
import type { Millis } from '../../shared/units.ts';
import type { CancelTimer, Clock } from './environment.ts';

/** What the driver needs of an engine: the listener's, or a test's script. */
export interface DrivenEngine {
  handle(now: Millis, input: EngineInput): readonly EngineOutput[];
  /** When a `tick` is due; null if nothing waits for time. */
  deadline(): Millis | null;
}

export interface DriverOptions {
  readonly engine: DrivenEngine;
  readonly clock: Clock;
  /** Do what the engine asks; inputs that come of it may be pushed at once. */
  readonly perform: (output: EngineOutput) => void;
  /** `perform` threw: a fault of ours, told and survived. */
  readonly onFault: (error: unknown) => void;
}

/** Inputs that one turn may leave behind; more means that two parts feed each other without end. */
export const INPUT_QUEUE_MAX = 10_000;
/** The longest that timers take. */
const TIMER_MAX_MS = 2_147_483_647;

/**
 * Runs a sans-I/O engine on a real clock: inputs are queued and `handle` is never entered twice, outputs are performed
 * in order, one timer is re-armed only when the deadline has changed, and time never goes back.
 */
export class Driver {
  readonly #options: DriverOptions;
  readonly #queue: EngineInput[] = [];
  #state: 'resting' | 'running' | 'closed' = 'resting';
  #now: Millis = millis(0);
  #armed: { readonly deadline: Millis; readonly cancel: CancelTimer } | null = null;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#now = options.clock.now();
  }

  /** The time that the engine would be told now. */
  now(): Millis {
    this.#now = millis(Math.max(this.#now, this.#options.clock.now()));
    return this.#now;
  }

  /** @throws RangeError if INPUT_QUEUE_MAX inputs wait. After `close` inputs are dropped. */
  push(input: EngineInput): void {
    if (this.#state === 'closed') return;
    if (this.#queue.length >= INPUT_QUEUE_MAX) {
      throw new RangeError(
        `Cannot queue an input as one of at most ${INPUT_QUEUE_MAX}: current value is ${input.type}`,
      );
    }
    this.#queue.push(input);
    if (this.#state === 'resting') this.#run();
  }

  /** No more inputs, outputs or timers: an output in hand is the last one performed. */
  close(): void {
    this.#state = 'closed';
    this.#queue.length = 0;
    this.#disarm();
  }

  #run(): void {
    this.#state = 'running';
    for (let input = this.#queue.shift(); input !== undefined; input = this.#queue.shift()) {
      for (const output of this.#options.engine.handle(this.now(), input)) {
        this.#perform(output);
        if (this.#isClosed()) return;
      }
    }
    this.#state = 'resting';
    this.#arm();
  }

  #perform(output: EngineOutput): void {
    try {
      this.#options.perform(output);
    } catch (error) {
      this.#options.onFault(error);
    }
  }

  // A method, as the compiler cannot know that performing an output may close us.
  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #arm(): void {
    const deadline = this.#options.engine.deadline();
    if (deadline === (this.#armed?.deadline ?? null)) return;
    this.#disarm();
    if (deadline === null) return;
    const delayMs = Math.min(Math.max(0, deadline - this.now()), TIMER_MAX_MS);
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#armed = null;
      // Timers may fire early by a fraction of a millisecond: the engine's deadline has come all the same.
      if (delayMs < TIMER_MAX_MS) this.#now = millis(Math.max(this.#now, deadline));
      this.push({ type: 'tick' });
    });
    this.#armed = { deadline, cancel };
  }

  #disarm(): void {
    this.#armed?.cancel();
    this.#armed = null;
  }
}
