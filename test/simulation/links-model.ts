import {
  BUFFERED_BYTES_MAX,
  HIGH_WATER_BYTES,
  LINK_SETUP_TIMEOUT_MS,
} from '../../client/listener/peer-link.ts';
import type { PeerId, RandomSource } from '../../shared/units.ts';
import type { SimulatedListener } from './listener-model.ts';
import { bytesOnWire } from './network/access-line.ts';
import type { AccessLine } from './network/access-line.ts';
import { Way } from './network/machine.ts';
import { canConnect } from './network/nat.ts';
import type { NetworkPreset } from './network/presets.ts';
import { uniform } from './network/random.ts';
import type { Happening, VirtualTime } from './virtual-time.ts';

/** A tab that vanishes is noticed by the others' browsers so much later. */
const VANISHED_NOTICED_MS = 16_000;
/** ICE checks, DTLS and SCTP: round trips between the first check and an open channel. */
export const SET_UP_ROUND_TRIPS = 5;

/** One end's view of a link. `remote` sees its own end; the two may differ while news travels. */
export interface LinkEnd {
  readonly owner: SimulatedListener;
  /** The owner's. */
  readonly line: AccessLine;
  readonly remoteId: PeerId;
  readonly initiator: boolean;
  readonly session: number;
  phase: 'setting-up' | 'open' | 'closed';
  /** Known once both ends take part. */
  other: LinkEnd | null;
  way: Way | null;
  bufferedBytes: number;
  drainedAt: number;
  writable: boolean;
}

export interface LinksEvents {
  /** A message has arrived whole. */
  readonly delivered: (to: SimulatedListener, from: PeerId, data: Uint8Array) => void;
  /** The engine sent to a link that it had been told is closed, or never open. */
  readonly sentToClosed: (from: SimulatedListener, to: PeerId) => void;
}

/** Data channels between listeners: set-up by signals as `client/listener/peer-links.ts` does it, then messages. */
export class Links {
  readonly #time: VirtualTime;
  readonly #preset: NetworkPreset;
  readonly #random: RandomSource;
  readonly #events: LinksEvents;
  #sessions = 0;
  #attempts = 0;
  #opened = 0;

  constructor(time: VirtualTime, preset: NetworkPreset, random: RandomSource, events: LinksEvents) {
    this.#time = time;
    this.#preset = preset;
    this.#random = random;
    this.#events = events;
  }

  get attempts(): number {
    return this.#attempts;
  }

  get opened(): number {
    return this.#opened;
  }

  connect(owner: SimulatedListener, remoteId: PeerId): void {
    const ends = owner.links;
    if (ends.has(remoteId)) return;
    if (ends.size >= owner.linksMax) {
      this.#time.after(0, () => {
        owner.give({ type: 'linkClosed', peerId: remoteId, reason: 'too many links', end: 'closed' });
      });
      return;
    }
    this.#attempts += 1;
    this.#sessions += 1;
    const end = this.#add(owner, remoteId, true, this.#sessions);
    tell(owner, remoteId, `offer ${end.session}`);
  }

  disconnect(owner: SimulatedListener, remoteId: PeerId): void {
    const end = owner.links.get(remoteId);
    if (end === undefined) return;
    if (end.phase === 'setting-up') tell(owner, remoteId, `reject ${end.session}`);
    this.#close(end);
    this.#tellOther(end, 'closed by the other side');
  }

  /** A signal has come from a peer. */
  receive(to: SimulatedListener, from: PeerId, data: string): void {
    const [type, session] = data.split(' ');
    const number = Number(session);
    const end = to.links.get(from);
    if (type === 'offer') this.#receiveOffer(to, from, number, end);
    else if (end === undefined || end.session !== number || end.phase !== 'setting-up') return;
    else if (type === 'answer') this.#receiveAnswer(end);
    else if (type === 'reject') this.#fail(end, 'rejected: full');
  }

  send(owner: SimulatedListener, remoteId: PeerId, data: Uint8Array): void {
    const end = owner.links.get(remoteId);
    if (end === undefined || end.phase !== 'open') {
      this.#events.sentToClosed(owner, remoteId);
      return;
    }
    const { now } = this.#time;
    if (now >= end.drainedAt) end.bufferedBytes = 0;
    if (end.bufferedBytes + data.length > BUFFERED_BYTES_MAX) return;
    end.bufferedBytes += data.length;
    const departure = end.line.departure(now, data.length);
    end.drainedAt = departure;
    if (end.writable && end.bufferedBytes > HIGH_WATER_BYTES) this.#stall(end);
    this.#travel(end, data, departure);
  }

  /** `closed`: it says goodbye. `vanished`: nobody hears of it for long. */
  leave(owner: SimulatedListener, how: 'closed' | 'vanished'): void {
    for (const end of owner.links.values()) {
      const { other } = end;
      this.#close(end);
      if (how === 'closed') this.#tellOther(end, 'closed by the other side');
      else if (other !== null)
        this.#time.after(VANISHED_NOTICED_MS * (0.8 + this.#random() * 0.4), () => {
          this.#fail(other, 'no answer');
        });
    }
  }

  /** Listeners at the other end of its open links. */
  openRemotes(owner: SimulatedListener): SimulatedListener[] {
    const remotes: SimulatedListener[] = [];
    for (const { phase, other } of owner.links.values())
      if (phase === 'open' && other !== null) remotes.push(other.owner);
    return remotes;
  }

  #add(owner: SimulatedListener, remoteId: PeerId, initiator: boolean, session: number): LinkEnd {
    const end: LinkEnd = {
      owner,
      line: owner.machine.line,
      remoteId,
      initiator,
      session,
      phase: 'setting-up',
      other: null,
      way: null,
      bufferedBytes: 0,
      drainedAt: 0,
      writable: true,
    };
    owner.links.set(remoteId, end);
    this.#time.after(LINK_SETUP_TIMEOUT_MS, () => {
      if (end.phase === 'setting-up') this.#fail(end, 'set-up timeout', 'unreachable');
    });
    return end;
  }

  #receiveOffer(to: SimulatedListener, from: PeerId, session: number, existing: LinkEnd | undefined): void {
    const glare = existing?.phase === 'setting-up' && existing.initiator;
    if (glare && to.peerId !== null && to.peerId < from) return;
    if (existing === undefined && to.links.size >= to.linksMax) {
      tell(to, from, `reject ${session}`);
      return;
    }
    if (existing !== undefined) {
      const wasOpen = existing.phase === 'open';
      this.#close(existing);
      if (wasOpen)
        to.give({ type: 'linkClosed', peerId: from, reason: 'replaced by a new offer', end: 'closed' });
    }
    const end = this.#add(to, from, false, session);
    this.#offered.set(session, end);
    tell(to, from, `answer ${session}`);
  }

  /** Ends that have answered an offer, until the answer arrives. */
  readonly #offered = new Map<number, LinkEnd>();

  #receiveAnswer(end: LinkEnd): void {
    const other = this.#offered.get(end.session);
    this.#offered.delete(end.session);
    if (other === undefined || other.phase !== 'setting-up') return;
    const way = new Way(this.#preset, end.owner.machine.place, other.owner.machine.place, this.#random);
    end.other = other;
    other.other = end;
    end.way = way;
    other.way = way;
    if (!canConnect(end.owner.machine.nat, other.owner.machine.nat)) return;
    const work = uniform(this.#random, this.#preset.linkSetUpMs);
    this.#time.after(SET_UP_ROUND_TRIPS * way.roundTripMs + work, () => {
      this.#open(other);
      this.#time.after(way.crossing(), () => {
        this.#open(end);
      });
    });
  }

  #open(end: LinkEnd): void {
    if (end.phase !== 'setting-up' || end.other === null || end.other.phase === 'closed') return;
    end.phase = 'open';
    this.#opened += 1;
    end.owner.give({ type: 'linkOpen', peerId: end.remoteId });
  }

  #travel(end: LinkEnd, data: Uint8Array, departure: number): void {
    const { other, way, owner, line } = end;
    if (other === null || way === null) return;
    const arriving = other.line;
    let arrival = departure + way.crossing() + arriving.reception(data.length);
    if (line.isHit(departure, data.length) || arriving.isHit(arrival, data.length))
      arrival += line.retransmission(way.roundTripMs);
    if (owner.peerId !== null) this.#underWay(arrival, other, owner.peerId, data);
  }

  #underWay(arrival: number, to: LinkEnd, from: PeerId, data: Uint8Array): void {
    const message = this.#arrived.pop() ?? new TravellingMessage(this.#arrive);
    message.to = to;
    message.from = from;
    message.data = data;
    this.#time.at(arrival, message);
  }

  /** Messages that have arrived, to be used again: a new one for each would mostly be work for the garbage collector. */
  readonly #arrived: TravellingMessage[] = [];

  readonly #arrive = (message: TravellingMessage): void => {
    const { to, from, data } = message;
    message.data = NO_DATA;
    this.#arrived.push(message);
    if (to === null || from === null) return;
    // The channel opened first at the other end, or is opening here: it waits as `peer-link.ts` lets it wait.
    if (to.phase === 'setting-up') this.#underWay(this.#time.now + 5, to, from, data);
    else if (to.phase === 'open') this.#events.delivered(to.owner, from, data);
  };

  #stall(end: LinkEnd): void {
    end.writable = false;
    end.owner.give({ type: 'linkWritable', peerId: end.remoteId, writable: false });
    this.#awaitDrain(end);
  }

  #awaitDrain(end: LinkEnd): void {
    this.#time.at(end.drainedAt, () => {
      if (end.phase !== 'open') return;
      if (this.#time.now < end.drainedAt) {
        this.#awaitDrain(end);
        return;
      }
      end.writable = true;
      end.owner.give({ type: 'linkWritable', peerId: end.remoteId, writable: true });
    });
  }

  #tellOther(end: LinkEnd, reason: string): void {
    const { other, way } = end;
    if (other === null || way === null) return;
    this.#time.after(way.crossing(), () => {
      this.#fail(other, reason);
    });
  }

  #fail(end: LinkEnd, reason: string, how: 'closed' | 'unreachable' = 'closed'): void {
    if (end.phase === 'closed') return;
    const { owner } = end;
    if (owner.frozenUntil > this.#time.now) {
      // Whoever stands still learns of it later, and until then knows no better than to send.
      this.#time.at(owner.frozenUntil, () => {
        this.#fail(end, reason, how);
      });
      return;
    }
    this.#close(end);
    owner.give({ type: 'linkClosed', peerId: end.remoteId, reason, end: how });
  }

  #close(end: LinkEnd): void {
    end.phase = 'closed';
    this.#offered.delete(end.session);
    const ends = end.owner.links;
    if (ends.get(end.remoteId) === end) ends.delete(end.remoteId);
  }
}

const NO_DATA = new Uint8Array(0);

/** A message between two links' ends. */
class TravellingMessage implements Happening {
  to: LinkEnd | null = null;
  from: PeerId | null = null;
  data: Uint8Array = NO_DATA;
  readonly #arrive: (message: TravellingMessage) => void;

  constructor(arrive: (message: TravellingMessage) => void) {
    this.#arrive = arrive;
  }

  happen(): void {
    this.#arrive(this);
  }
}

/** What a message takes of its sender's line, bytes. */
export const uploadBytes = (data: Uint8Array): number => bytesOnWire(data.length);

/** The engine knows the way to the other end. */
function tell(from: SimulatedListener, to: PeerId, data: string): void {
  from.give({ type: 'signal', to, data });
}
