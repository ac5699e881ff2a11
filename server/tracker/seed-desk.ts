import type { SeedAssignment } from '../../shared/tracker/tracker-io.ts';
import type { SeedOffer, TrackerMessage } from '../../shared/tracker/messages.ts';
import type { MountId, PeerId } from '../../shared/units.ts';
import { errorText } from '../error.ts';
import type { Log } from '../log.ts';
import type { Seeding } from '../seeding/seeding.ts';

export interface SeedDeskEvents {
  readonly send: (connection: number, message: TrackerMessage) => void;
  /** The seed cannot be fed over WebRTC. */
  readonly onLost: (mountId: MountId, peerId: PeerId) => void;
}

/** Carries the tracker's orders to the seeding, and tells each seed once its transport is there. */
export class SeedDesk {
  readonly #seeding: Seeding;
  readonly #events: SeedDeskEvents;
  readonly #log: Log;
  /** The newest order that is under way for each peer: an older one that ends later says nothing more. */
  readonly #newest = new Map<PeerId, SeedAssignment>();
  /** The order that each seed over WebRTC was last told. */
  readonly #told = new Map<PeerId, SeedAssignment>();

  constructor(seeding: Seeding, events: SeedDeskEvents, log: Log) {
    this.#seeding = seeding;
    this.#events = events;
    this.#log = log;
  }

  assign(order: SeedAssignment): void {
    if (order.transport === 'webrtc' && order.stripes.length > 0) {
      this.#newest.set(order.peerId, order);
      void this.#offer(order);
      return;
    }
    this.release(order.mountId, order.peerId);
    this.#events.send(order.connection, seedMessage(order));
  }

  release(mountId: MountId, peerId: PeerId): void {
    this.#newest.delete(peerId);
    this.#told.delete(peerId);
    this.#seeding.release(mountId, peerId);
  }

  /** The seed is fed by another transport; an order that is under way will tell it by itself. */
  moved(peerId: PeerId, webrtc: SeedOffer): void {
    const order = this.#told.get(peerId);
    if (order === undefined || this.#newest.has(peerId)) return;
    this.#events.send(order.connection, { ...seedMessage(order), webrtc });
  }

  async #offer(order: SeedAssignment): Promise<void> {
    try {
      const webrtc = await this.#seeding.assign(order.mountId, order.peerId, order.stripes);
      if (!this.#finish(order)) return;
      this.#told.set(order.peerId, order);
      this.#events.send(order.connection, { ...seedMessage(order), webrtc });
    } catch (error) {
      if (!this.#finish(order)) return;
      this.#log.info(
        { peerId: order.peerId, reason: errorText(error) },
        'a seed could not be fed over WebRTC',
      );
      this.#events.onLost(order.mountId, order.peerId);
    }
  }

  /** False if a newer order has come. */
  #finish(order: SeedAssignment): boolean {
    if (this.#newest.get(order.peerId) !== order) return false;
    this.#newest.delete(order.peerId);
    return true;
  }
}

const seedMessage = ({ stripes, transport, solo }: SeedAssignment): SeedMessage => ({
  type: 'seed',
  stripes,
  transport,
  solo,
});

type SeedMessage = Extract<TrackerMessage, { type: 'seed' }>;
