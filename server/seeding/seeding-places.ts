import type { SeedOffer } from '../../shared/tracker/messages.ts';
import type { MountId, Stripe } from '../../shared/units.ts';

/** A relay that can feed seeds of ours, for as long as one connection to it lasts. */
export interface SeedingPlace {
  /** The relay's public key. */
  readonly key: string;
  /** Base address by which listeners know it as an edge. */
  readonly address: string;
  /** Seeds of one stripe that it has room for, by its own word. */
  readonly free: number;
  /** Share of what it is willing to give that is in use, by its own word. */
  readonly load: number;
  /**
   * Makes a transport for the seed, or gives the one it has other stripes. Rejects with PlaceFull if it has no room, with
   * another Error if it cannot, or does not answer in time.
   */
  assign(seed: number, mountId: MountId, stripes: readonly Stripe[]): Promise<SeedOffer>;
  connect(seed: number, transportId: string, dtlsParameters: unknown): void;
  release(seed: number): void;
}

/** It says that it cannot feed one more: no fault of its own. */
export class PlaceFull extends Error {}

export interface SeedingPlaceEvents {
  /** What `of` gives has changed. */
  readonly onChange: () => void;
  /** By the place's own word these seeds are fed no more. */
  readonly onEnded: (place: SeedingPlace, seeds: readonly number[]) => void;
}

/** The relays that may feed seeds now. */
export interface SeedingPlaces {
  of(mountId: MountId): readonly SeedingPlace[];
  /** To be called once. */
  watch(events: SeedingPlaceEvents): void;
}
