import { millis } from '../../shared/units.ts';
import type { Millis } from '../../shared/units.ts';
import type { Clock } from '../ingest/clock.ts';

/** So many wrong passwords in a row cost nothing: people mistype. */
export const FREE_TRIES = 2;
/** What the next one costs; each further one twice as much, up to the cap. */
export const PENALTY_MS_FIRST = 500;
export const PENALTY_MS_CAP = 8000;
/** Forgotten after so long without a wrong password. */
export const PENALTY_MEMORY_MS = 600_000;
/** Tries that wait at once, for one address; more are turned away unseen. */
export const WAITING_MAX = 8;
export const ADDRESSES_MAX = 10_000;

interface Record {
  failures: number;
  lastAt: Millis;
  /** The next try is looked at then. */
  freeAt: Millis;
  waiting: number;
  /** Resolves when the last one that waits may be looked at. */
  turn: Promise<void>;
}

const newRecord = (now: Millis): Record => ({
  failures: 0,
  lastAt: now,
  freeAt: now,
  waiting: 0,
  turn: Promise.resolve(),
});

/**
 * Slows down the guessing of passwords. An address that failed waits *before* its next try is looked at, one try after
 * the other, so that guessing in parallel gains nothing.
 */
export class Penalties {
  readonly #clock: Clock;
  readonly #records = new Map<string, Record>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when a try of this address may be looked at; false: too many are waiting, do not look. */
  async wait(address: string): Promise<boolean> {
    const record = this.#record(address);
    if (record === undefined || record.failures <= FREE_TRIES) return true;
    if (record.waiting >= WAITING_MAX) return false;
    record.waiting += 1;
    record.turn = record.turn.then(() => this.#turn(record));
    await record.turn;
    record.waiting -= 1;
    return true;
  }

  add(address: string): void {
    const now = this.#clock.now();
    const record = this.#record(address) ?? newRecord(now);
    record.failures += 1;
    record.lastAt = now;
    if (record.failures > FREE_TRIES) record.freeAt = later(now, costOf(record.failures));
    // The one that failed last stands last: whoever is quiet for the longest is forgotten first.
    this.#records.delete(address);
    this.#records.set(address, record);
    const [oldest] = this.#records.keys();
    if (this.#records.size > ADDRESSES_MAX && oldest !== undefined) this.#records.delete(oldest);
  }

  clear(address: string): void {
    this.#records.delete(address);
  }

  async #turn(record: Record): Promise<void> {
    const delay = record.freeAt - this.#clock.now();
    if (delay > 0)
      await new Promise<void>((resolve) => {
        this.#clock.after(delay, resolve);
      });
    // The next in turn waits as if this one were wrong: whether it is shows only later.
    record.freeAt = later(this.#clock.now(), costOf(record.failures + 1));
  }

  #record(address: string): Record | undefined {
    const record = this.#records.get(address);
    if (record === undefined || this.#clock.now() - record.lastAt <= PENALTY_MEMORY_MS) return record;
    this.#records.delete(address);
    return undefined;
  }
}

const costOf = (failures: number): number =>
  Math.min(PENALTY_MS_CAP, PENALTY_MS_FIRST * 2 ** Math.min(16, failures - FREE_TRIES - 1));

const later = (from: Millis, byMs: number): Millis => millis(from + byMs);
