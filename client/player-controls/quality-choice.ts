import type { MountDescription } from '../../shared/station/description.ts';

/** So many interruptions within this time, and the network does not carry the mount. */
const STALLS_MAX = 2;
const STALLS_WITHIN_MS = 60_000;
/** One interruption that lasts so long says the same. */
const STALL_LONG_MS = 8000;
/** Quiet for so long, a better mount is tried; after it failed again, twice as long, up to the second. */
const CLIMB_AFTER_MS = 180_000;
const CLIMB_AFTER_MAX_MS = 1_800_000;

/**
 * The automatic choice of quality: begins with the mount that the station names first (or the smallest, where data is
 * to be saved), falls to the next smaller one when the sound is interrupted, and climbs back after a quiet time. Pure:
 * time comes in.
 */
export class QualityChoice {
  readonly #bySize: readonly MountDescription[];
  #index: number;
  readonly #top: number;
  #stalls: number[] = [];
  #stalledSince: number | null = null;
  #quietSince: number;
  #climbAfterMs = CLIMB_AFTER_MS;

  /** @param mounts in the station's order; those that this device plays. */
  constructor(mounts: readonly MountDescription[], savesData: boolean, now: number) {
    this.#bySize = mounts.toSorted((a, b) => a.bitrateKbps - b.bitrateKbps);
    const [first] = mounts;
    this.#top = first === undefined ? 0 : this.#bySize.indexOf(first);
    this.#index = savesData ? 0 : this.#top;
    this.#quietSince = now;
  }

  get mount(): MountDescription | undefined {
    return this.#bySize[this.#index];
  }

  /** The sound was interrupted although there is a network. */
  onStall(now: number): void {
    this.#stalledSince ??= now;
    this.#stalls = [...this.#stalls.filter((at) => now - at < STALLS_WITHIN_MS), now];
    this.#quietSince = now;
  }

  onPlaying(now: number): void {
    if (this.#stalledSince !== null) this.#quietSince = now;
    this.#stalledSince = null;
  }

  /** Looked at every second or so. @returns whether `mount` is another one now. */
  review(now: number): boolean {
    const stalledMs = this.#stalledSince === null ? 0 : now - this.#stalledSince;
    if ((this.#stalls.length >= STALLS_MAX || stalledMs >= STALL_LONG_MS) && this.#index > 0) {
      this.#climbAfterMs = Math.min(this.#climbAfterMs * 2, CLIMB_AFTER_MAX_MS);
      return this.#move(-1, now);
    }
    const isQuiet = this.#stalledSince === null && now - this.#quietSince >= this.#climbAfterMs;
    return isQuiet && this.#index < this.#top ? this.#move(1, now) : false;
  }

  #move(by: 1 | -1, now: number): boolean {
    this.#index += by;
    this.#stalls = [];
    this.#stalledSince = null;
    this.#quietSince = now;
    return true;
  }
}
