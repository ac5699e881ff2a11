import { INTRODUCTION_MAX } from '../tracker/messages.ts';
import { WIRE_VERSION } from '../wire/messages.ts';
import { millis } from '../units.ts';
import type { Millis, PeerId } from '../units.ts';
import { childSlots } from './children.ts';
import { complain, emit, sendWire } from './core.ts';
import type { Core } from './core.ts';
import type { MisbehaviourReason } from './engine-io.ts';
import { HELLO_TIMEOUT_MS, NEED_INTERVAL_MS, PING_INTERVAL_MS, SILENCE_MAX_MS } from './limits.ts';
import type { Neighbour } from './neighbours.ts';
import { forgetParent } from './parents.ts';
import { sendSummary } from './summaries.ts';

/** The tracker or a neighbour named a peer: open a link to it, if we still want neighbours. True if one is begun. */
export function connectTo(core: Core, now: Millis, peerId: PeerId): boolean {
  if (
    !core.peersAllowed ||
    core.retiring ||
    peerId === core.peerId ||
    core.neighbours.get(peerId) !== undefined
  )
    return false;
  if (core.neighbours.hopefulCount(now) >= core.room.neighboursTarget + 4) return false;
  if (core.neighbours.admit(now, peerId) === null) return false;
  emit(core, { type: 'connect', peerId });
  return true;
}

/** The channel is open, whoever opened it. */
export function onLinkOpen(core: Core, now: Millis, peerId: PeerId): void {
  const neighbour = core.peersAllowed && !core.retiring ? core.neighbours.admit(now, peerId) : null;
  if (neighbour === null) {
    emit(core, { type: 'disconnect', peerId, reason: 'not-wanted' });
    return;
  }
  neighbour.phase = 'open';
  neighbour.heardAt = now;
  sendWire(core, neighbour, {
    type: 'hello',
    version: WIRE_VERSION,
    acceptsChildren: childSlots(core) > 0,
    primaryStripe: core.primaryStripe,
  });
  sendSummary(core, neighbour);
}

/** The channel is closed: what hung on it is let go. */
export function onLinkClosed(core: Core, now: Millis, peerId: PeerId): void {
  const neighbour = core.neighbours.get(peerId);
  if (neighbour !== undefined) core.children.forget(neighbour);
  core.neighbours.remove(peerId);
  forgetParent(core, now, peerId);
}

/** Closes a link that broke no rule. */
export function disconnect(core: Core, now: Millis, peerId: PeerId, reason: string): void {
  emit(core, { type: 'disconnect', peerId, reason });
  onLinkClosed(core, now, peerId);
}

/** The peer broke a rule: it is dropped, reported and not taken back. */
export function dropMisbehaving(core: Core, now: Millis, peerId: PeerId, reason: MisbehaviourReason): void {
  // Of its forgeries several may have been under verification: one is enough.
  if (core.neighbours.isBanned(peerId)) return;
  core.neighbours.ban(peerId);
  core.counters.misbehavingPeers += 1;
  emit(core, { type: 'misbehaviour', peerId, reason });
  complain(core, peerId, reason);
  disconnect(core, now, peerId, reason);
}

/** Heartbeats, pings, links that never became one; asks the tracker for neighbours when there are too few. */
export class LinkKeeper {
  #needAllowedAt = 0;

  tick(core: Core, now: Millis): void {
    for (const neighbour of core.neighbours.all()) {
      if (isDead(neighbour, now)) disconnect(core, now, neighbour.peerId, 'silent');
      else if (neighbour.phase === 'ready' && now - neighbour.pingedAt > PING_INTERVAL_MS)
        ping(core, now, neighbour);
    }
  }

  /** Asks for what is missing, at most once per NEED_INTERVAL_MS. */
  askTracker(core: Core, now: Millis, parentsFor: readonly number[]): void {
    if (!core.trackerReady || core.retiring || now < this.#needAllowedAt) return;
    const held = core.neighbours.hopefulCount(now);
    const { neighboursMin, neighboursTarget } = core.room;
    const neighbours = held < neighboursMin ? Math.min(INTRODUCTION_MAX, neighboursTarget - held) : 0;
    if (neighbours === 0 && parentsFor.length === 0) return;
    this.#needAllowedAt = now + NEED_INTERVAL_MS * (1 + core.random());
    emit(core, { type: 'tracker', message: { type: 'need', neighbours, parentsFor } });
  }
}

export function onPong(neighbour: Neighbour, now: Millis, nonce: number): void {
  if (neighbour.ping?.nonce !== nonce) return;
  neighbour.roundTripMs = millis(now - neighbour.ping.at);
  neighbour.ping = null;
}

export function ping(core: Core, now: Millis, neighbour: Neighbour): void {
  const nonce = Math.floor(core.random() * 0xffff_ffff);
  neighbour.ping = { nonce, at: now };
  neighbour.pingedAt = now;
  sendWire(core, neighbour, { type: 'ping', nonce });
}

/** A link that is still being opened is the driver's to time out. */
const isDead = (neighbour: Neighbour, now: Millis): boolean =>
  (neighbour.phase === 'ready' && now - neighbour.heardAt > SILENCE_MAX_MS) ||
  (neighbour.phase === 'open' && now - neighbour.heardAt > HELLO_TIMEOUT_MS);
