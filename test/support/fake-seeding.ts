import type { SeedOffer } from '../../shared/tracker/messages.ts';
import type { MountId, PeerId, Stripe } from '../../shared/units.ts';
import type { Seeding, SeedingEvents } from '../../server/seeding/seeding.ts';
import { PlaceFull } from '../../server/seeding/seeding-places.ts';
import type { SeedingPlace, SeedingPlaceEvents, SeedingPlaces } from '../../server/seeding/seeding-places.ts';

/** An offer that tells by its transport who made it. */
export const offerOf = (maker: string): SeedOffer => ({
  routerRtpCapabilities: {},
  transport: { id: maker, iceParameters: {}, iceCandidates: [], dtlsParameters: {}, sctpParameters: {} },
  consumer: { id: maker, dataProducerId: 'p', sctpStreamParameters: {}, label: '', protocol: '' },
});

/** A server's own seeding that does what it is told, and notes it. */
export class FakeSeeding implements Seeding {
  readonly done: string[] = [];
  readonly fed = new Map<PeerId, readonly Stripe[]>();
  isUp = true;
  events: SeedingEvents | null = null;
  #transports = 0;

  start(events: SeedingEvents): void {
    this.events = events;
  }

  assign(_: MountId, id: PeerId, stripes: readonly Stripe[]): Promise<SeedOffer> {
    if (!this.isUp) return Promise.reject(new Error('no worker is up'));
    if (!this.fed.has(id)) this.#transports += 1;
    this.fed.set(id, stripes);
    return Promise.resolve(offerOf(`own ${this.#transports}`));
  }

  release(_: MountId, id: PeerId): void {
    if (this.fed.delete(id)) this.done.push(`release ${id}`);
  }

  connect(_: MountId, id: PeerId, transportId: string): void {
    this.done.push(`connect ${id} ${transportId}`);
  }

  failed(): void {
    this.done.push('failed');
  }

  status(): ReturnType<Seeding['status']> {
    return { state: 'ready', detail: '' };
  }

  load(): ReturnType<Seeding['load']> {
    return { seeds: this.fed.size, copies: 0 };
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}

/** A relay that answers as the test says. */
export class FakePlace implements SeedingPlace {
  readonly key: string;
  readonly address: string;
  free = 8;
  load = 0;
  answer: 'offers' | 'is full' | 'fails' | 'is silent' = 'offers';
  readonly fed = new Map<number, readonly Stripe[]>();
  readonly done: string[] = [];
  #answer: (() => void) | null = null;

  constructor(name: string) {
    this.key = name;
    this.address = `https://${name}.example`;
  }

  async assign(seed: number, _: MountId, stripes: readonly Stripe[]): Promise<SeedOffer> {
    this.done.push(`assign ${seed}`);
    if (this.answer === 'is full') throw new PlaceFull('full');
    if (this.answer === 'fails') throw new Error('broken');
    if (this.answer === 'is silent')
      await new Promise<never>((_, reject) => {
        this.#answer = () => reject(new Error('no answer'));
      });
    this.fed.set(seed, stripes);
    return offerOf(`${this.key} ${seed}`);
  }

  /** It is given up. */
  timeOut(): void {
    this.#answer?.();
  }

  connect(seed: number, transportId: string): void {
    this.done.push(`connect ${seed} ${transportId}`);
  }

  release(seed: number): void {
    this.fed.delete(seed);
    this.done.push(`release ${seed}`);
  }
}

/** The relays that there are, in the order in which they are given. */
export class FakePlaces implements SeedingPlaces {
  #places: readonly FakePlace[];
  events: SeedingPlaceEvents | null = null;

  constructor(...places: readonly FakePlace[]) {
    this.#places = places;
  }

  of(): readonly FakePlace[] {
    return this.#places;
  }

  watch(events: SeedingPlaceEvents): void {
    this.events = events;
  }

  become(...places: readonly FakePlace[]): void {
    this.#places = places;
    this.events?.onChange();
  }
}
