import type { Millis } from '../../shared/units.ts';
import type { Clock } from '../ingest/clock.ts';
import type { SoundEvent } from '../ingest/events.ts';

/** Sound that comes faster than it lasts is let through at once up to this much: a first burst, or after a hiccup. */
export const AHEAD_MS_MAX = 3_000;
/** What waits behind that; with more, the client is read no further, and its own connection slows it down. */
export const QUEUE_MS_MAX = 2_000;
export const QUEUE_EVENTS_MAX = 4_096;
/** A client's sound card may run a little fast for days: it must not be held up for that. */
export const DRIFT_MAX = 0.002;

/**
 * Lets a source's sound through in real time, whatever the speed at which it comes: a file that is sent at once would
 * otherwise fill the window and run away from the listeners. Events keep their order.
 */
export class Pacer {
  readonly #clock: Clock;
  readonly #emit: (event: SoundEvent) => void;
  #queue: SoundEvent[] = [];
  #queuedMs = 0;
  #sampleRateHz = 0;
  /** The rate of what is let out: a new configuration may still wait in the queue. */
  #emittedRateHz = 0;
  /** How far what was let through is ahead of real time, at `levelAt`. */
  #levelMs = 0;
  #levelAt: Millis;
  #cancelTimer: (() => void) | null = null;
  #onRoom: (() => void)[] = [];

  constructor(clock: Clock, emit: (event: SoundEvent) => void) {
    this.#clock = clock;
    this.#emit = emit;
    this.#levelAt = clock.now();
  }

  push(event: SoundEvent): void {
    if (event.type === 'config') this.#sampleRateHz = event.config.sampleRateHz;
    if (event.type === 'frame') this.#queuedMs += durationMs(event, this.#sampleRateHz);
    this.#queue.push(event);
    if (this.#cancelTimer === null) this.#drain();
  }

  /** Resolves when more may be pushed. */
  async room(): Promise<void> {
    if (!this.#isFull()) return;
    await new Promise<void>((resolve) => {
      this.#onRoom.push(resolve);
    });
  }

  /** Nothing comes after this; whoever waits for room goes on. */
  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = () => undefined;
    this.#queue = [];
    this.#queuedMs = 0;
    this.#tellRoom();
  }

  #isFull(): boolean {
    return this.#queuedMs > QUEUE_MS_MAX || this.#queue.length > QUEUE_EVENTS_MAX;
  }

  #drain(): void {
    this.#cancelTimer = null;
    const now = this.#clock.now();
    this.#levelMs = Math.max(0, this.#levelMs - (now - this.#levelAt) * (1 + DRIFT_MAX));
    this.#levelAt = now;
    let count = 0;
    for (const event of this.#queue) {
      if (event.type === 'frame' && this.#levelMs > AHEAD_MS_MAX) break;
      if (event.type === 'config') this.#emittedRateHz = event.config.sampleRateHz;
      if (event.type === 'frame') {
        const lengthMs = durationMs(event, this.#emittedRateHz);
        this.#levelMs += lengthMs;
        this.#queuedMs -= lengthMs;
      }
      count += 1;
      this.#emit(event);
    }
    this.#queue.splice(0, count);
    if (this.#queue.length > 0)
      this.#cancelTimer = this.#clock.after(this.#levelMs - AHEAD_MS_MAX, () => this.#drain());
    else this.#queuedMs = 0;
    if (!this.#isFull()) this.#tellRoom();
  }

  #tellRoom(): void {
    for (const resolve of this.#onRoom.splice(0)) resolve();
  }
}

const durationMs = (event: Extract<SoundEvent, { type: 'frame' }>, sampleRateHz: number): number =>
  sampleRateHz === 0 ? 0 : (event.frame.sampleCount * 1000) / sampleRateHz;
