import type { MountId } from '../../shared/units.ts';
import type { Clock } from '../ingest/clock.ts';
import type { SeedingPlace, SeedingPlaces } from './seeding-places.ts';

/** A place that failed gets no new seed for so long, twice as long each time. */
export const PLACE_BACK_OFF = { firstMs: 15_000, maxMs: 1_800_000 } as const;
/** Places remembered for having failed. */
const REMEMBERED_MAX = 1_000;

/** Which relays may get a new seed, and in which order they are asked. */
export class PlaceChoice {
  readonly #places: SeedingPlaces;
  readonly #clock: Clock;
  /** By the relay's key. */
  readonly #failed = new Map<string, Failed>();

  constructor(places: SeedingPlaces, clock: Clock) {
    this.#places = places;
    this.#clock = clock;
  }

  /** It may be used for this mount, and go on feeding whom it feeds. */
  isUsable(mountId: MountId, place: SeedingPlace): boolean {
    return this.#places.of(mountId).includes(place);
  }

  hasAny(mountId: MountId): boolean {
    return this.#places.of(mountId).length > 0;
  }

  /**
   * Those for a new seed of so many stripes, those with the fewest of ours first, then those that say they do least.
   * @param placed where our seeds are now.
   */
  candidates(
    mountId: MountId,
    stripes: number,
    placed: Iterable<SeedingPlace | null>,
  ): readonly SeedingPlace[] {
    const now = this.#clock.now();
    const counts = new Map<SeedingPlace, number>();
    for (const place of placed) if (place !== null) counts.set(place, (counts.get(place) ?? 0) + 1);
    return this.#places
      .of(mountId)
      .filter(({ key, free }) => free >= stripes && now >= (this.#failed.get(key)?.notBefore ?? 0))
      .toSorted(
        (left, right) =>
          (counts.get(left) ?? 0) - (counts.get(right) ?? 0) ||
          left.load - right.load ||
          right.free - left.free,
      );
  }

  /** What fails while it is left alone already is the same failure. */
  failed({ key }: SeedingPlace): void {
    const at = this.#clock.now();
    const before = this.#failed.get(key);
    if (before !== undefined && at < before.notBefore) return;
    const failures = (before?.failures ?? 0) + 1;
    const { firstMs, maxMs } = PLACE_BACK_OFF;
    this.#failed.delete(key);
    this.#failed.set(key, { failures, at, notBefore: at + Math.min(maxMs, firstMs * 2 ** (failures - 1)) });
    const [oldest] = this.#failed.keys();
    if (this.#failed.size > REMEMBERED_MAX && oldest !== undefined) this.#failed.delete(oldest);
  }

  /** It has fed a seed well since then: that makes up for what it failed before. */
  proved({ key }: SeedingPlace, since: number): void {
    if (since > (this.#failed.get(key)?.at ?? 0)) this.#failed.delete(key);
  }
}

interface Failed {
  readonly failures: number;
  /** The last time. */
  readonly at: number;
  readonly notBefore: number;
}
