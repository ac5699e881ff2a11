import type { SeedOffer } from '../../shared/tracker/messages.ts';
import type { MountId, PeerId, Stripe } from '../../shared/units.ts';
import type { SeedingStatus } from '../edge/edge-context.ts';
import { errorText } from '../error.ts';
import type { Clock } from '../ingest/clock.ts';
import type { Log } from '../log.ts';
import { PlaceChoice } from './place-choice.ts';
import { SeedPaths } from './seed-paths.ts';
import type { SeedFailure, Seeding, SeedingEvents, SeedingLoad } from './seeding.ts';
import { PlaceFull } from './seeding-places.ts';
import type { SeedingPlace, SeedingPlaces } from './seeding-places.ts';
import { Turns } from './turns.ts';

export interface DelegatedSeedingOptions {
  /** This server's, for what no relay takes. */
  readonly own: Seeding;
  readonly places: SeedingPlaces;
  readonly mountIds: readonly MountId[];
  /** A seed at the address `complainant` says what a relay, named by its address as an edge, does to it. */
  readonly onComplaint: (address: string, reason: 'forged' | 'withheld', complainant: string) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** No other relay is asked for a seed after that: the seed's children wait. */
export const PLACING_MAX_MS = 1_000;
/** One of our own seeds at a time is brought to a relay that has room: each move costs it a moment. */
export const TEND_INTERVAL_MS = 2_000;
/** A relay that has fed a seed for so long is forgiven what it failed before. */
export const PROVED_AFTER_MS = 60_000;
/** A seed that has moved has opened its new transport by then. */
export const LEAVE_AFTER_MS = 5_000;

/**
 * Seeds are fed by relays' mediasoup, so that the origin sends each stripe to a relay once and to no listener; what no
 * relay takes is fed by our own. No relay is trusted: seeds check every chunk, and say when some are missing.
 */
export class DelegatedSeeding implements Seeding {
  readonly #options: DelegatedSeedingOptions;
  readonly #placed = new Map<PeerId, Placed>();
  readonly #turns = new Turns<PeerId>();
  readonly #choice: PlaceChoice;
  readonly #paths: SeedPaths;
  /** Timers of what is left a moment later. */
  readonly #leaving = new Set<() => void>();
  #events: SeedingEvents = NO_EVENTS;
  #lastSeed = 0;
  #cancelTending: () => void = () => undefined;

  constructor(options: DelegatedSeedingOptions) {
    this.#options = options;
    const choice = new PlaceChoice(options.places, options.clock);
    this.#choice = choice;
    this.#paths = new SeedPaths(
      (mountId) => choice.hasAny(mountId),
      (mountId, up) => this.#events.onPath(mountId, up),
    );
  }

  get own(): Seeding {
    return this.#options.own;
  }

  start(events: SeedingEvents): void {
    const { own, places } = this.#options;
    this.#events = events;
    places.watch({
      onChange: () => this.#placesChanged(),
      onEnded: (place, seeds) => this.#ended(place, seeds),
    });
    own.start({
      onPath: (mountId, up) => this.#ownPath(mountId, up),
      onStalled: (mountId, peerId) => {
        if (this.#isOurs(peerId)) events.onStalled(mountId, peerId);
      },
      onLost: (mountId, peerId, reason) => {
        if (this.#isOurs(peerId)) events.onLost(mountId, peerId, reason);
      },
      onMoved: events.onMoved,
    });
    this.#tendLater();
    this.#placesChanged();
  }

  async assign(mountId: MountId, peerId: PeerId, stripes: readonly Stripe[]): Promise<SeedOffer> {
    return await this.#turns.take(peerId, async () => {
      const placed = this.#placed.get(peerId);
      const again = placed === undefined ? null : await this.#again(peerId, { ...placed, stripes });
      return again ?? (await this.#settle(peerId, mountId, stripes, placed?.home ?? null));
    });
  }

  release(mountId: MountId, peerId: PeerId): void {
    void this.#turns.take(peerId, () => {
      const placed = this.#placed.get(peerId);
      this.#placed.delete(peerId);
      if (placed?.home.kind === 'place') placed.home.place.release(placed.home.seed);
      this.#options.own.release(mountId, peerId);
      return Promise.resolve();
    });
  }

  connect(mountId: MountId, peerId: PeerId, transportId: string, dtlsParameters: unknown): void {
    const home = this.#placed.get(peerId)?.home;
    if (home?.kind === 'place') home.place.connect(home.seed, transportId, dtlsParameters);
    else this.#options.own.connect(mountId, peerId, transportId, dtlsParameters);
  }

  failed(_: MountId, peerId: PeerId, { reason, complainant }: SeedFailure): void {
    const home = this.#placed.get(peerId)?.home;
    if (home?.kind !== 'place') return;
    const { log, onComplaint } = this.#options;
    log.info({ relay: home.place.address, reason }, 'a seed that a relay fed has failed');
    this.#choice.failed(home.place);
    if (reason === 'forged' || reason === 'withheld') onComplaint(home.place.address, reason, complainant);
  }

  status(): SeedingStatus {
    return this.#options.own.status();
  }

  load(mountId: MountId): SeedingLoad {
    return this.#options.own.load(mountId);
  }

  async stop(): Promise<void> {
    this.#cancelTending();
    for (const cancel of this.#leaving) cancel();
    this.#placed.clear();
    await this.#options.own.stop();
  }

  /** Where it is fed already, if that can go on. */
  async #again(peerId: PeerId, { mountId, stripes, home }: Placed): Promise<SeedOffer | null> {
    try {
      if (home.kind === 'own') {
        const offer = await this.#options.own.assign(mountId, peerId, stripes);
        this.#placed.set(peerId, { mountId, stripes, home });
        return offer;
      }
      if (!this.#choice.isUsable(mountId, home.place)) return null;
      const offer = await home.place.assign(home.seed, mountId, stripes);
      this.#placed.set(peerId, { mountId, stripes, home });
      return { ...offer, ofRelay: true };
    } catch (error) {
      if (home.kind === 'place') this.#noteFault(home.place, error);
      return null;
    }
  }

  /** Somewhere else than at `away`. Rejects if nobody can feed it. */
  async #settle(
    peerId: PeerId,
    mountId: MountId,
    stripes: readonly Stripe[],
    away: Home | null,
  ): Promise<SeedOffer> {
    const offer = await this.#atPlace(peerId, mountId, stripes, away);
    return offer ?? (await this.#atOwn(peerId, mountId, stripes));
  }

  async #atPlace(
    peerId: PeerId,
    mountId: MountId,
    stripes: readonly Stripe[],
    away: Home | null,
  ): Promise<SeedOffer | null> {
    const { clock } = this.#options;
    const until = clock.now() + PLACING_MAX_MS;
    for (const place of this.#candidates(mountId, stripes.length)) {
      if (away?.kind === 'place' && away.place === place) continue;
      if (clock.now() >= until) return null;
      this.#lastSeed += 1;
      const seed = this.#lastSeed;
      try {
        const offer = await place.assign(seed, mountId, stripes);
        this.#put(peerId, {
          mountId,
          stripes,
          home: { kind: 'place', place, seed, since: clock.now() },
        });
        return { ...offer, ofRelay: true };
      } catch (error) {
        // It may have made a transport all the same, and answer too late.
        place.release(seed);
        this.#noteFault(place, error);
      }
    }
    return null;
  }

  async #atOwn(peerId: PeerId, mountId: MountId, stripes: readonly Stripe[]): Promise<SeedOffer> {
    const { own } = this.#options;
    // A transport from before it moved away is closed on its side.
    own.release(mountId, peerId);
    const offer = await own.assign(mountId, peerId, stripes);
    this.#put(peerId, { mountId, stripes, home: { kind: 'own' } });
    return offer;
  }

  #candidates(mountId: MountId, stripes: number): readonly SeedingPlace[] {
    const homes = [...this.#placed.values()].map(({ home }) => (home.kind === 'place' ? home.place : null));
    return this.#choice.candidates(mountId, stripes, homes);
  }

  #noteFault(place: SeedingPlace, error: unknown): void {
    this.#options.log.info(
      { relay: place.address, reason: errorText(error) },
      'a relay does not feed a seed',
    );
    if (!(error instanceof PlaceFull)) this.#choice.failed(place);
  }

  /** Its home from now on; the one before is left once the seed has heard of it. */
  #put(peerId: PeerId, placed: Placed): void {
    const before = this.#placed.get(peerId);
    this.#placed.set(peerId, placed);
    if (before === undefined) return;
    const { home } = before;
    if (home.kind === 'place') this.#later(() => home.place.release(home.seed));
    else if (placed.home.kind === 'place')
      this.#later(() => {
        if (!this.#isOurs(peerId)) this.#options.own.release(before.mountId, peerId);
      });
  }

  #later(act: () => void): void {
    const cancel = this.#options.clock.after(LEAVE_AFTER_MS, () => {
      this.#leaving.delete(cancel);
      act();
    });
    this.#leaving.add(cancel);
  }

  #isOurs(peerId: PeerId): boolean {
    return this.#placed.get(peerId)?.home.kind === 'own';
  }

  /** Another home for a seed that has just lost its own. */
  #move(peerId: PeerId, away: Home): void {
    void this.#turns.take(peerId, async () => {
      const placed = this.#placed.get(peerId);
      if (placed?.home !== away) return;
      const { mountId, stripes } = placed;
      try {
        const offer = await this.#settle(peerId, mountId, stripes, away);
        this.#events.onMoved(mountId, peerId, offer);
      } catch (error) {
        this.#placed.delete(peerId);
        this.#events.onLost(mountId, peerId, errorText(error));
      }
    });
  }

  #ended(place: SeedingPlace, seeds: readonly number[]): void {
    this.#noteFault(place, new Error('seeds have ended by its own word'));
    for (const [peerId, { home }] of this.#placed)
      if (home.kind === 'place' && home.place === place && seeds.includes(home.seed))
        this.#move(peerId, home);
  }

  #placesChanged(): void {
    for (const mountId of this.#options.mountIds) this.#paths.look(mountId);
    for (const [peerId, { mountId, home }] of this.#placed)
      if (home.kind === 'place' && !this.#choice.isUsable(mountId, home.place)) this.#move(peerId, home);
  }

  #ownPath(mountId: MountId, up: boolean): void {
    this.#paths.setOwn(mountId, up);
    // Without any path the tracker has just taken all seeds away.
    if (up || !this.#paths.isUp(mountId)) return;
    for (const [peerId, placed] of this.#placed)
      if (placed.mountId === mountId && placed.home.kind === 'own') this.#move(peerId, placed.home);
  }

  #tendLater(): void {
    this.#cancelTending = this.#options.clock.after(TEND_INTERVAL_MS, () => {
      this.#tend();
      this.#tendLater();
    });
  }

  #tend(): void {
    const provedBefore = this.#options.clock.now() - PROVED_AFTER_MS;
    for (const { home } of this.#placed.values())
      if (home.kind === 'place' && home.since <= provedBefore) this.#choice.proved(home.place, home.since);
    for (const [peerId, { mountId, stripes, home }] of this.#placed) {
      if (home.kind !== 'own' || this.#candidates(mountId, stripes.length).length === 0) continue;
      this.#relieve(peerId, home);
      return;
    }
  }

  #relieve(peerId: PeerId, from: Home): void {
    void this.#turns.take(peerId, async () => {
      const placed = this.#placed.get(peerId);
      if (placed?.home !== from) return;
      const offer = await this.#atPlace(peerId, placed.mountId, placed.stripes, null);
      if (offer !== null) this.#events.onMoved(placed.mountId, peerId, offer);
    });
  }
}

type Home =
  | { readonly kind: 'own' }
  | {
      readonly kind: 'place';
      readonly place: SeedingPlace;
      readonly seed: number;
      readonly since: number;
    };

interface Placed {
  readonly mountId: MountId;
  readonly stripes: readonly Stripe[];
  readonly home: Home;
}

const NO_EVENTS: SeedingEvents = {
  onPath: () => undefined,
  onStalled: () => undefined,
  onLost: () => undefined,
  onMoved: () => undefined,
};
