import type { SeedOffer } from '../../shared/tracker/messages.ts';
import type { MountId, Stripe } from '../../shared/units.ts';
import { dtlsParametersSchema } from '../seeding/dtls-parameters.ts';
import { PlaceFull } from '../seeding/seeding-places.ts';
import type { SeedingPlace, SeedingPlaceEvents, SeedingPlaces } from '../seeding/seeding-places.ts';
import type { FromSeeder, SeedRoom, ToSeeder } from './seeding-messages.ts';

/** A relay that does not answer by then does not feed the seed: its children wait. */
export const ANSWER_MAX_MS = 1_000;

export interface SeederIntroduction {
  readonly relayKey: string;
  readonly publicUrl: string;
  /** The mounts that it has of ours. */
  readonly mountIds: ReadonlySet<MountId>;
  readonly send: (message: ToSeeder) => void;
}

/** The connections of relays by which seeds can be fed: one place each, the newest of a relay being the one. */
export class RelaySeeders implements SeedingPlaces {
  /** Whether listeners are told of this relay now: only such a one feeds seeds. */
  readonly #isOffered: (relayKey: string) => boolean;
  readonly #seeders = new Map<number, Seeder>();
  #events: SeedingPlaceEvents = { onChange: () => undefined, onEnded: () => undefined };

  constructor(isOffered: (relayKey: string) => boolean) {
    this.#isOffered = isOffered;
  }

  watch(events: SeedingPlaceEvents): void {
    this.#events = events;
  }

  of(mountId: MountId): readonly SeedingPlace[] {
    const newest = new Map([...this.#seeders.values()].map((seeder) => [seeder.key, seeder]));
    return [...newest.values()].filter(
      (seeder) => seeder.canSeed && seeder.mountIds.has(mountId) && this.#isOffered(seeder.key),
    );
  }

  /** @param connection never used again. */
  opened(connection: number, relay: SeederIntroduction): void {
    this.#seeders.set(connection, new Seeder(relay));
    this.changed();
  }

  closed(connection: number): void {
    const seeder = this.#seeders.get(connection);
    if (seeder === undefined) return;
    this.#seeders.delete(connection);
    seeder.close();
    this.changed();
  }

  /** Its figures. @param room null: it feeds no seeds. */
  told(connection: number, room: SeedRoom | null, load: number): void {
    const seeder = this.#seeders.get(connection);
    if (seeder === undefined) return;
    const could = seeder.canSeed;
    seeder.tell(room, load);
    if (could !== seeder.canSeed) this.changed();
  }

  /** False if we did not ask for it. */
  heard(connection: number, message: FromSeeder): boolean {
    const seeder = this.#seeders.get(connection);
    if (seeder === undefined) return false;
    if (message.type !== 'seedEnded') return seeder.answered(message);
    this.#events.onEnded(seeder, message.seeds);
    return false;
  }

  /** Which relays listeners are told of, or can feed, may have changed. */
  changed(): void {
    this.#events.onChange();
  }
}

class Seeder implements SeedingPlace {
  readonly #relay: SeederIntroduction;
  readonly #asked = new Map<number, Asked>();
  #room: SeedRoom | null = null;
  #load = 0;
  #lastTicket = 0;

  constructor(relay: SeederIntroduction) {
    this.#relay = relay;
  }

  get key(): string {
    return this.#relay.relayKey;
  }

  get address(): string {
    return this.#relay.publicUrl;
  }

  get mountIds(): ReadonlySet<MountId> {
    return this.#relay.mountIds;
  }

  get canSeed(): boolean {
    return this.#room !== null;
  }

  get free(): number {
    return this.#room?.free ?? 0;
  }

  get load(): number {
    return this.#load;
  }

  tell(room: SeedRoom | null, load: number): void {
    this.#room = room;
    this.#load = load;
  }

  async assign(seed: number, mountId: MountId, stripes: readonly Stripe[]): Promise<SeedOffer> {
    this.#lastTicket += 1;
    const ticket = this.#lastTicket;
    const answer = new Promise<SeedOffer>((resolve, reject) => {
      const timeout = setTimeout(() => {
        this.#asked.delete(ticket);
        reject(new Error(`it has not answered within ${ANSWER_MAX_MS} ms`));
      }, ANSWER_MAX_MS);
      this.#asked.set(ticket, { resolve, reject, timeout });
    });
    this.#relay.send({ type: 'seed', ticket, seed, mountId, stripes });
    const offer = await answer;
    // Until it tells anew.
    this.#take(stripes.length);
    return offer;
  }

  connect(seed: number, transportId: string, dtlsParameters: unknown): void {
    const parsed = dtlsParametersSchema.safeParse(dtlsParameters);
    // What is not understood does not connect, and ends by its time-out.
    if (!parsed.success) return;
    this.#relay.send({ type: 'seedConnect', seed, transportId, dtlsParameters: parsed.data });
  }

  release(seed: number): void {
    this.#relay.send({ type: 'seedRelease', seed });
  }

  /** False if it was not asked for, or too late. */
  answered(message: Exclude<FromSeeder, { type: 'seedEnded' }>): boolean {
    const asked = this.#asked.get(message.ticket);
    if (asked === undefined) return false;
    this.#asked.delete(message.ticket);
    clearTimeout(asked.timeout);
    if (message.type === 'seedOffer') asked.resolve(message.offer);
    else {
      this.#take(Infinity);
      asked.reject(new PlaceFull(message.reason));
    }
    return true;
  }

  close(): void {
    for (const { reject, timeout } of this.#asked.values()) {
      clearTimeout(timeout);
      reject(new Error('its connection has ended'));
    }
    this.#asked.clear();
  }

  #take(places: number): void {
    if (this.#room === null) return;
    this.#room = { ...this.#room, free: Math.max(0, this.#room.free - places) };
  }
}

interface Asked {
  readonly resolve: (offer: SeedOffer) => void;
  readonly reject: (error: Error) => void;
  readonly timeout: NodeJS.Timeout;
}
