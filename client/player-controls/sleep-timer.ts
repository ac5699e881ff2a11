/** The sound gets quieter over this long before it stops. */
export const FADE_MS = 20_000;
const TICK_MS = 200;

export interface SleepTimerHandlers {
  /** By how much the volume is to be multiplied, 0 to 1. */
  readonly onFade: (factor: number) => void;
  /** The time has come. */
  readonly onEnd: () => void;
  /** What is left has changed: whole minutes, rounded up; null: the timer is off. */
  readonly onLeft: (minutes: number | null) => void;
}

/** Stops the sound after a while, and fades it out first. On the real clock: a machine that slept is past its time. */
export class SleepTimer {
  readonly #handlers: SleepTimerHandlers;
  readonly #now: () => number;
  #endsAt: number | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;
  #left: number | null = null;

  constructor(handlers: SleepTimerHandlers, now: () => number = Date.now) {
    this.#handlers = handlers;
    this.#now = now;
  }

  /** @param minutes null: off. */
  set(minutes: number | null): void {
    this.#clear();
    if (minutes !== null) {
      this.#endsAt = this.#now() + minutes * 60_000;
      this.#timer = setInterval(() => this.tick(), TICK_MS);
    }
    this.#handlers.onFade(1);
    this.tick();
  }

  tick(): void {
    const leftMs = this.#endsAt === null ? null : this.#endsAt - this.#now();
    if (leftMs !== null && leftMs <= 0) {
      this.#clear();
      this.#tell(null);
      this.#handlers.onEnd();
      this.#handlers.onFade(1);
      return;
    }
    this.#tell(leftMs === null ? null : Math.ceil(leftMs / 60_000));
    if (leftMs !== null && leftMs < FADE_MS) this.#handlers.onFade(leftMs / FADE_MS);
  }

  #tell(left: number | null): void {
    if (left === this.#left) return;
    this.#left = left;
    this.#handlers.onLeft(left);
  }

  #clear(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#endsAt = null;
  }
}
