import { millis } from '../units.ts';
import type { Epoch, Micros, Millis } from '../units.ts';

/**
 * The ear's time line: what is played end to end, over all epochs, in ms of play position. Each epoch is laid on it
 * with an offset; one anchor says when position 0 is (or would have been) heard on our clock.
 */
export class PlayClock {
  #anchorMs = 0;
  #current: Placed | null = null;
  #before: Placed | null = null;

  /** Begins anew: the media time given is heard at `at`. */
  begin(at: Millis, epoch: Epoch, mediaTime: Micros): void {
    this.#before = null;
    this.#current = { epoch, offsetMs: 0 };
    this.#anchorMs = at - mediaTime / 1000;
  }

  /** Lays the next epoch so that the media time given is heard at `at`, without moving what is there. */
  append(at: Millis, epoch: Epoch, mediaTime: Micros): void {
    this.#before = this.#current;
    this.#current = { epoch, offsetMs: at - this.#anchorMs - mediaTime / 1000 };
  }

  /** Everything not heard yet is heard so much later (or earlier, if negative). */
  shift(byMs: number): void {
    this.#anchorMs += byMs;
  }

  /** This media time is heard now. */
  align(now: Millis, epoch: Epoch, mediaTime: Micros): void {
    const placed = this.#placed(epoch);
    if (placed !== null) this.#anchorMs = now - mediaTime / 1000 - placed.offsetMs;
  }

  /** When the media time is heard; null for an epoch that is not on the line. */
  heardAt(epoch: Epoch, mediaTimeMs: number): Millis | null {
    const placed = this.#placed(epoch);
    return placed === null ? null : millis(this.#anchorMs + placed.offsetMs + mediaTimeMs);
  }

  #placed(epoch: Epoch): Placed | null {
    if (this.#current?.epoch === epoch) return this.#current;
    return this.#before?.epoch === epoch ? this.#before : null;
  }
}

interface Placed {
  readonly epoch: Epoch;
  readonly offsetMs: number;
}
