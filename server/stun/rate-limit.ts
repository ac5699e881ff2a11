/** Answers per address and second; a page that gathers candidates asks a handful of times. */
export const STUN_ANSWERS_PER_SECOND = 50;
/** Addresses answered in one second; more is a flood from forged addresses. */
export const STUN_ADDRESSES_MAX = 10_000;

/** Counts by address within each second, and forgets at its end: nothing grows. */
export class RateLimit {
  readonly #counts = new Map<string, number>();
  #second = -1;

  /** @param nowMs a monotonic clock. False: too many from there, or from everywhere. */
  allows(address: string, nowMs: number): boolean {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#counts.clear();
    }
    const count = this.#counts.get(address) ?? 0;
    if (count >= STUN_ANSWERS_PER_SECOND) return false;
    if (count === 0 && this.#counts.size >= STUN_ADDRESSES_MAX) return false;
    this.#counts.set(address, count + 1);
    return true;
  }
}
