import { randomBytes } from 'node:crypto';
import type { SeedOffer } from '../../../shared/tracker/messages.ts';
import { mountId, peerId } from '../../../shared/units.ts';
import type { MountId, PeerId, Stripe } from '../../../shared/units.ts';
import type { SeedingStatus } from '../../edge/edge-context.ts';
import { errorText } from '../../error.ts';
import { SEEDS_PER_MESSAGE_MAX } from '../../relays/seeding-messages.ts';
import type { FromSeeder, ToSeeder } from '../../relays/seeding-messages.ts';
import type { SeedFailure, Seeding, SeedingEvents, SeedingLoad } from '../../seeding/seeding.ts';

export interface GuestSeedsOptions {
  /** The mediasoup that our own tracker's seeds are fed by as well. */
  readonly own: Seeding;
  /** Null: there is room for one more of so many stripes, and sound to send; else why not. */
  readonly whyNot: (mountId: MountId, stripes: number) => string | null;
}

/** One connection to the station, by which it has seeds fed here. */
export interface GuestLine {
  heard(message: ToSeeder): void;
  /** What is fed goes on: the listeners need it all the more while the station is away. */
  lost(): void;
}

/** Once the station is back it has found another place for those that it had here, who know it by then. */
export const FORGOTTEN_AFTER_MS = 10_000;

/**
 * A relay's mediasoup, for two who know nothing of each other: the relay's own tracker, and the station, whose seeds
 * are guests here, known by numbers that the station gave them.
 */
export class GuestSeeds implements Seeding {
  readonly #options: GuestSeedsOptions;
  /** By the id that they have here, which nobody else knows. */
  readonly #guests = new Map<PeerId, Guest>();
  readonly #upMounts = new Set<MountId>();
  #lastLine = 0;

  constructor(options: GuestSeedsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#guests.size;
  }

  /** Seeds can be fed over WebRTC. */
  get isUp(): boolean {
    return this.#upMounts.size > 0;
  }

  start(events: SeedingEvents): void {
    this.#options.own.start({
      ...events,
      onPath: (mount, up) => {
        if (up) this.#upMounts.add(mount);
        else {
          this.#upMounts.delete(mount);
          this.#end([...this.#guests].filter(([, guest]) => guest.mountId === mount));
        }
        events.onPath(mount, up);
      },
      // A guest's slow line is told like one that is lost: the station finds out what is the matter.
      onStalled: (mount, id) => {
        if (!this.#lost(id)) events.onStalled(mount, id);
      },
      onLost: (mount, id, reason) => {
        if (!this.#lost(id)) events.onLost(mount, id, reason);
      },
    });
  }

  async assign(mount: MountId, id: PeerId, stripes: readonly Stripe[]): Promise<SeedOffer> {
    return await this.#options.own.assign(mount, id, stripes);
  }

  release(mount: MountId, id: PeerId): void {
    this.#options.own.release(mount, id);
  }

  connect(mount: MountId, id: PeerId, transportId: string, dtlsParameters: unknown): void {
    this.#options.own.connect(mount, id, transportId, dtlsParameters);
  }

  failed(mount: MountId, id: PeerId, failure: SeedFailure): void {
    this.#options.own.failed(mount, id, failure);
  }

  status(): SeedingStatus {
    return this.#options.own.status();
  }

  load(mount: MountId): SeedingLoad {
    return this.#options.own.load(mount);
  }

  async stop(): Promise<void> {
    this.#guests.clear();
    await this.#options.own.stop();
  }

  /** The station has come, or come back. */
  open(send: (message: FromSeeder) => void): GuestLine {
    this.#lastLine += 1;
    const line = this.#lastLine;
    const before = [...this.#guests.keys()];
    setTimeout(() => {
      for (const id of before) this.#release(id);
    }, FORGOTTEN_AFTER_MS).unref();
    let isOpen = true;
    return {
      heard: (message) => {
        if (isOpen) void this.#obey(line, message, (answer) => isOpen && send(answer));
      },
      lost: () => {
        isOpen = false;
      },
    };
  }

  async #obey(line: number, message: ToSeeder, send: (message: FromSeeder) => void): Promise<void> {
    switch (message.type) {
      case 'seed': {
        const { ticket } = message;
        try {
          send({ type: 'seedOffer', ticket, offer: await this.#feed(line, message, send) });
        } catch (error) {
          send({ type: 'seedRefused', ticket, reason: errorText(error).slice(0, 300) });
        }
        return;
      }
      case 'seedConnect': {
        const found = this.#find(line, message.seed);
        if (found !== null)
          this.connect(found.guest.mountId, found.id, message.transportId, message.dtlsParameters);
        return;
      }
      case 'seedRelease': {
        const found = this.#find(line, message.seed);
        if (found !== null) this.#release(found.id);
      }
    }
  }

  async #feed(
    line: number,
    { seed, mountId: mount, stripes }: Extract<ToSeeder, { type: 'seed' }>,
    send: (message: FromSeeder) => void,
  ): Promise<SeedOffer> {
    const known = this.#find(line, seed);
    const more = stripes.length - (known?.guest.stripes ?? 0);
    const reason = more > 0 ? this.#options.whyNot(mountId(mount), more) : null;
    if (reason !== null) throw new Error(reason);
    const id = known?.id ?? peerId(randomBytes(8).toString('hex'));
    this.#guests.set(id, { line, seed, mountId: mountId(mount), stripes: stripes.length, send });
    try {
      const offer = await this.assign(mountId(mount), id, stripes);
      // Nobody reads those, and they are long.
      return { ...offer, routerRtpCapabilities: {} };
    } catch (error) {
      this.#release(id);
      throw error;
    }
  }

  #find(line: number, seed: number): { readonly id: PeerId; readonly guest: Guest } | null {
    for (const [id, guest] of this.#guests)
      if (guest.line === line && guest.seed === seed) return { id, guest };
    return null;
  }

  #release(id: PeerId): void {
    const guest = this.#guests.get(id);
    this.#guests.delete(id);
    if (guest !== undefined) this.release(guest.mountId, id);
  }

  /** False if it is none of the guests. */
  #lost(id: PeerId): boolean {
    const guest = this.#guests.get(id);
    if (guest === undefined) return false;
    this.#release(id);
    this.#end([[id, guest]]);
    return true;
  }

  #end(ended: readonly (readonly [PeerId, Guest])[]): void {
    for (const [id] of ended) this.#guests.delete(id);
    for (const send of new Set(ended.map(([, guest]) => guest.send))) {
      const seeds = ended.filter(([, guest]) => guest.send === send).map(([, { seed }]) => seed);
      for (let first = 0; first < seeds.length; first += SEEDS_PER_MESSAGE_MAX)
        send({ type: 'seedEnded', seeds: seeds.slice(first, first + SEEDS_PER_MESSAGE_MAX) });
    }
  }
}

interface Guest {
  readonly line: number;
  /** The number that the station gave it. */
  readonly seed: number;
  readonly mountId: MountId;
  readonly stripes: number;
  readonly send: (message: FromSeeder) => void;
}
