import type { Millis } from '../units.ts';
import { DEDICATED_LINKS_MAX, LATE_ADDRESSES_MIN, LATE_KEPT, LATE_SHARE_MIN } from './limits.ts';

/**
 * What the children of a community relay say of it. One child's word is worth nothing, as it may be its own line, or a
 * lie; those of many at once tell that the relay delays, withholds, or has less upload than it says.
 */
export class RelayConduct {
  /** By address, when a child there last let it go for late chunks. */
  readonly #lateAt = new Map<string, Millis>();

  /**
   * A child let it go for late chunks. Returns true if that is enough to have it rest.
   * @param childrenMax listeners that may hang on it, by what it reported
   */
  late(address: string, now: Millis, childrenMax: number): boolean {
    for (const [other, at] of this.#lateAt) if (now - at > LATE_KEPT) this.#lateAt.delete(other);
    this.#lateAt.set(address, now);
    const listeners = Math.min(childrenMax, DEDICATED_LINKS_MAX);
    if (this.#lateAt.size < Math.max(LATE_ADDRESSES_MIN, listeners * LATE_SHARE_MIN)) return false;
    this.#lateAt.clear();
    return true;
  }
}
