import { decodeUtf8, encodeUtf8 } from '../chunk/utf8.ts';
import { UNREACHABLE_REASON } from '../tracker/messages.ts';
import { millis } from '../units.ts';
import type { Millis, PeerId, Stripe } from '../units.ts';
import { TokenBucket } from '../token-bucket.ts';
import { INTRODUCED_MAX, NO_DEPTH, SIGNAL_LENGTH_MAX } from '../wire/messages.ts';
import type { WireMessage } from '../wire/messages.ts';
import { childSlots } from './children.ts';
import { complain, emit, sendWire, tellTracker, uploadRate } from './core.ts';
import type { Core } from './core.ts';
import {
  CARRY_RATE,
  CARRY_TOTAL_RATE,
  NEIGHBOURS_MIN,
  NEIGHBOURS_TARGET,
  PARENTS_SOUGHT,
  ROUTE_KEPT_MS,
  ROUTES_MAX,
  ROUTES_PER_NEIGHBOUR_MAX,
  SEEK_INTERVAL_MS,
  SEEK_RATE,
  UNREACHABLE_KEPT_MS,
  UNREACHABLE_MAX,
} from './limits.ts';
import { connectTo } from './links.ts';
import { depthOf } from './neighbours.ts';
import type { Neighbour } from './neighbours.ts';

type Introducing = Extract<WireMessage, { type: 'seek' | 'introduce' | 'signal' | 'carried' }>;

/**
 * Life without a tracker: neighbours introduce neighbours and carry their signalling, over one hop. Nothing of it is
 * signed, so it can cause one thing only: a vain attempt at a link with a peer that we hold none with. Those who pass
 * nothing on (leaves, no upload) carry nothing either.
 */
export class Introductions {
  /** Peers met through a neighbour, with which a link is being set up: things are told the way they were met. */
  readonly #routes = new Map<PeerId, { readonly via: PeerId; readonly until: number }>();
  readonly #unreachableUntil = new Map<PeerId, number>();
  readonly #carriedTotal = new TokenBucket(millis(0));
  #asked: { readonly peerId: PeerId; readonly wanted: number } | null = null;
  #seekAllowedAt = 0;

  /** Peers met through neighbours. */
  get routeCount(): number {
    return this.#routes.size;
  }

  get unreachableCount(): number {
    return this.#unreachableUntil.size;
  }

  /** Asks a neighbour for introductions if neighbours or parents are missing and there is no tracker to ask. */
  seek(core: Core, now: Millis, stripes: readonly Stripe[]): void {
    if (core.trackerReady || now < this.#seekAllowedAt) return;
    const ready = core.neighbours.ready();
    if (stripes.length === 0 && ready.length >= NEIGHBOURS_MIN) return;
    const helpers = ready.filter((neighbour) => neighbour.acceptsChildren);
    const helper = helpers[Math.floor(core.random() * helpers.length)];
    if (helper === undefined) return;
    this.#seekAllowedAt = now + SEEK_INTERVAL_MS * (1 + core.random());
    const wanted = Math.max(NEIGHBOURS_TARGET - ready.length, stripes.length > 0 ? PARENTS_SOUGHT : 0);
    this.#asked = { peerId: helper.peerId, wanted };
    sendWire(core, helper, { type: 'seek', stripes });
  }

  onMessage(core: Core, now: Millis, neighbour: Neighbour, message: Introducing): void {
    switch (message.type) {
      case 'seek':
        if (neighbour.seeks.take(SEEK_RATE, now)) introduce(core, neighbour, message.stripes);
        return;
      case 'introduce':
        this.#meet(core, now, neighbour, message.peerIds);
        return;
      case 'signal':
        if (neighbour.carries.take(CARRY_RATE, now, message.data.length))
          this.#carry(core, now, neighbour, message.to, message.data);
        return;
      case 'carried':
        if (neighbour.carries.take(CARRY_RATE, now, message.data.length))
          this.#takeCarried(core, now, neighbour, message.from, message.data);
        return;
    }
  }

  /** Our end of a link's set-up has something to tell: it goes the way the peer was met, or is lost. */
  send(core: Core, now: Millis, to: PeerId, text: string): void {
    const carrier = this.#carrierOf(core, now, to);
    if (carrier !== null) {
      const data = encodeUtf8(text);
      if (data.length > 0 && data.length <= SIGNAL_LENGTH_MAX)
        sendWire(core, carrier, { type: 'signal', to, data });
    } else tellTracker(core, { type: 'signal', to, data: text });
  }

  takeFromTracker(core: Core, from: PeerId, data: string): void {
    this.metByTracker(from);
    emit(core, { type: 'signal', from, data });
  }

  /** From now on it is told things through the tracker. */
  metByTracker(peerId: PeerId): void {
    this.#routes.delete(peerId);
  }

  /** A link could not be opened: the tracker learns that the pair does not work, and neighbours' word is not enough. */
  onUnreachable(core: Core, now: Millis, peerId: PeerId): void {
    if (core.neighbours.get(peerId)?.phase !== 'connecting') return;
    complain(core, peerId, UNREACHABLE_REASON);
    this.#unreachableUntil.delete(peerId);
    this.#unreachableUntil.set(peerId, now + UNREACHABLE_KEPT_MS);
    const [oldest] = this.#unreachableUntil.keys();
    if (this.#unreachableUntil.size > UNREACHABLE_MAX && oldest !== undefined)
      this.#unreachableUntil.delete(oldest);
  }

  /** Only whom we have asked may introduce, and once. */
  #meet(core: Core, now: Millis, neighbour: Neighbour, peerIds: readonly PeerId[]): void {
    if (this.#asked?.peerId !== neighbour.peerId) return;
    let { wanted } = this.#asked;
    this.#asked = null;
    if (core.trackerReady) return;
    for (const peerId of peerIds) {
      if (wanted <= 0) return;
      if (core.neighbours.get(peerId) !== undefined) continue;
      if (now < (this.#unreachableUntil.get(peerId) ?? 0)) continue;
      if (!this.#learnRoute(core, now, peerId, neighbour.peerId)) return;
      if (connectTo(core, now, peerId)) wanted -= 1;
      else this.#routes.delete(peerId);
    }
  }

  /** One neighbour's signal for another, as far as that one is there and there is room for it. */
  #carry(core: Core, now: Millis, from: Neighbour, to: PeerId, data: Uint8Array): void {
    const target = core.neighbours.get(to);
    if (target === undefined || target === from || target.phase !== 'ready' || !target.writable) return;
    if (childSlots(core) === 0 || !this.#carriedTotal.take(CARRY_TOTAL_RATE, now, data.length)) return;
    if (!core.uploadTokens.take(uploadRate(core.uploadCapKbps), now, data.length)) return;
    sendWire(core, target, { type: 'carried', from: from.peerId, data });
  }

  /** A signal that a neighbour carried: it may begin a link, and can do nothing to one that stands. */
  #takeCarried(core: Core, now: Millis, carrier: Neighbour, from: PeerId, data: Uint8Array): void {
    if (from === core.peerId || core.neighbours.isBanned(from)) return;
    const known = core.neighbours.get(from);
    // Nor to a set-up that the tracker carries.
    const byTracker = core.trackerReady && !this.#routes.has(from);
    if (
      known === undefined
        ? core.neighbours.size >= core.room.neighboursMax
        : known.phase !== 'connecting' || byTracker
    )
      return;
    const text = decodeUtf8(data);
    if (text === null || !this.#learnRoute(core, now, from, carrier.peerId)) return;
    emit(core, { type: 'signal', from, data: text });
  }

  #carrierOf(core: Core, now: Millis, peerId: PeerId): Neighbour | null {
    const route = this.#routes.get(peerId);
    const carrier = route === undefined || route.until <= now ? undefined : core.neighbours.get(route.via);
    return carrier?.phase === 'ready' ? carrier : null;
  }

  /** A way that works is kept: whoever comes later cannot take it over. False if there are too many. */
  #learnRoute(core: Core, now: Millis, peerId: PeerId, via: PeerId): boolean {
    const carrier = this.#carrierOf(core, now, peerId);
    if (carrier !== null && carrier.peerId !== via) return true;
    let throughVia = 0;
    for (const [id, route] of this.#routes) {
      if (route.until <= now || id === peerId) this.#routes.delete(id);
      else if (route.via === via) throughVia += 1;
    }
    if (this.#routes.size >= ROUTES_MAX || throughVia >= ROUTES_PER_NEIGHBOUR_MAX) return false;
    this.#routes.set(peerId, { via, until: now + ROUTE_KEPT_MS });
    return true;
  }
}

/** Names some neighbours to one of them: those that have room, and know a way for the stripes, come first. */
function introduce(core: Core, to: Neighbour, stripes: readonly Stripe[]): void {
  if (childSlots(core) === 0) return;
  const peerIds = core.neighbours
    .ready()
    .filter((neighbour) => neighbour !== to)
    .map((neighbour) => ({ peerId: neighbour.peerId, rank: rankOf(neighbour, stripes) + core.random() }))
    .toSorted((left, right) => right.rank - left.rank)
    .slice(0, INTRODUCED_MAX)
    .map(({ peerId }) => peerId);
  if (peerIds.length > 0) sendWire(core, to, { type: 'introduce', peerIds });
}

function rankOf(neighbour: Neighbour, stripes: readonly Stripe[]): number {
  if (neighbour.slotsFree === 0) return 0;
  return stripes.some((stripe) => depthOf(neighbour, stripe) !== NO_DEPTH) ? 2 : 1;
}
