import { NO_DEPTH, PATH_LENGTH_MAX } from '../wire/messages.ts';
import type { RefusalReason } from '../wire/messages.ts';
import { epoch as toEpoch, sequence, STRIPE_COUNT, STRIPES } from '../units.ts';
import type { Epoch, Millis, PeerId, Sequence, Stripe } from '../units.ts';
import { hasStripe } from '../stripe-mask.ts';
import { tellChildrenPath } from './children.ts';
import { parentOf, sendWire, setParent } from './core.ts';
import type { Asking, Core, StripeParent } from './core.ts';
import {
  ADOPT_TIMEOUT_MS,
  MISSED_MAX,
  PARENT_BACKOFF_MS,
  PARENT_FAILURES_COUNTED,
  PARENT_HURRIED_MS,
} from './limits.ts';
import { depthOf, newestHeld } from './neighbours.ts';
import type { Neighbour } from './neighbours.ts';

/** Which peers the tracker would ask first, per stripe. */
export class Proposals {
  readonly #byStripe = new Map<Stripe, readonly PeerId[]>();

  set(stripe: Stripe, peerIds: readonly PeerId[]): void {
    this.#byStripe.set(stripe, peerIds);
  }

  includes(stripe: Stripe, peerId: PeerId): boolean {
    return this.#byStripe.get(stripe)?.includes(peerId) ?? false;
  }
}

/** Asks the best neighbour to be the stripe's parent, unless one is being asked. True if somebody is. */
export function seekParent(core: Core, now: Millis, proposals: Proposals, stripe: Stripe): boolean {
  const parent = parentOf(core, stripe);
  if (parent.asking !== null) return true;
  const best = bestCandidate(core, now, proposals, stripe, NO_DEPTH);
  if (best === null) return false;
  ask(core, now, stripe, best);
  return true;
}

/** Looks for a parent nearer to the edge than the present one, and asks it. */
export function reviewParent(core: Core, now: Millis, proposals: Proposals, stripe: Stripe): void {
  const parent = parentOf(core, stripe);
  if (parent.kind !== 'peer' || parent.asking !== null) return;
  const best = bestCandidate(core, now, proposals, stripe, parent.path.length - 1);
  if (best !== null && best.peerId !== parent.peerId) ask(core, now, stripe, best);
}

/** A neighbour agreed to be our parent, or tells that its own path has changed. */
export function onPath(
  core: Core,
  now: Millis,
  neighbour: Neighbour,
  stripe: Stripe,
  path: readonly number[],
): void {
  const parent = parentOf(core, stripe);
  const isParent = parent.kind === 'peer' && parent.peerId === neighbour.peerId;
  const wasAsked = parent.asking?.peerId === neighbour.peerId;
  if (!isParent && !wasAsked) {
    sendWire(core, neighbour, { type: 'release', stripe });
    return;
  }
  if (closesLoop(core, path) || path.length >= PATH_LENGTH_MAX) {
    sendWire(core, neighbour, { type: 'release', stripe });
    postpone(neighbour, now, stripe);
    if (isParent) setParent(core, stripe, { kind: 'none', since: now, asking: null });
    else setParent(core, stripe, { ...parent, asking: null });
    return;
  }
  if (parent.kind === 'peer' && !isParent) releaseTo(core, parent.peerId, stripe);
  if (!isParent) core.counters.reparentings += 1;
  setParent(core, stripe, {
    kind: 'peer',
    peerId: neighbour.peerId,
    path,
    since: isParent ? parent.since : now,
    missed: isParent ? parent.missed : 0,
    suspectedAt: isParent ? parent.suspectedAt : null,
    leaving: isParent && parent.leaving,
    asking: wasAsked ? null : parent.asking,
  });
  tellChildrenPath(core, stripe);
}

/** A neighbour will not be our parent, or no longer is; one that is `leaving` still is, until there is another. */
export function onRefuse(
  core: Core,
  now: Millis,
  neighbour: Neighbour,
  stripe: Stripe,
  reason: RefusalReason,
): void {
  const parent = parentOf(core, stripe);
  const isHurried = parent.kind === 'peer' && parent.leaving && parent.peerId !== neighbour.peerId;
  // Two children of one that leaves may ask each other at the same moment, and both be refused.
  if (isHurried) neighbour.parentNotBefore[stripe] = now + PARENT_HURRIED_MS * (0.5 + core.random());
  else postpone(neighbour, now, stripe);
  if (reason === 'leaving' && parent.kind === 'peer' && parent.peerId === neighbour.peerId)
    setParent(core, stripe, { ...parent, leaving: true });
  else if (parent.asking?.peerId === neighbour.peerId) setParent(core, stripe, { ...parent, asking: null });
  else if (parent.kind === 'peer' && parent.peerId === neighbour.peerId) {
    setParent(core, stripe, { kind: 'none', since: now, asking: null });
  }
}

/** The neighbour is gone: it is nobody's parent any more. Returns the stripes that lost theirs. */
export function forgetParent(core: Core, now: Millis, peerId: PeerId): Stripe[] {
  const orphaned: Stripe[] = [];
  for (const stripe of STRIPES) {
    const parent = parentOf(core, stripe);
    const asking = parent.asking?.peerId === peerId ? null : parent.asking;
    if (parent.kind === 'peer' && parent.peerId === peerId) {
      setParent(core, stripe, { kind: 'none', since: now, asking });
      orphaned.push(stripe);
    } else if (asking !== parent.asking) {
      setParent(core, stripe, { ...parent, asking });
    }
  }
  return orphaned;
}

/** The edge pushes this stripe to us: a peer that did so is released. */
export function takeFromEdge(core: Core, now: Millis, stripe: Stripe): void {
  const parent = parentOf(core, stripe);
  if (parent.kind === 'edge') return;
  if (parent.kind === 'peer') releaseTo(core, parent.peerId, stripe);
  setParent(core, stripe, { kind: 'edge', since: now, asking: null });
  tellChildrenPath(core, stripe);
}

/** The edge no longer pushes this stripe to us. */
export function leaveEdge(core: Core, now: Millis, stripe: Stripe): void {
  const parent = parentOf(core, stripe);
  if (parent.kind === 'edge') setParent(core, stripe, { kind: 'none', since: now, asking: parent.asking });
}

/**
 * A chunk of the stripe has to be pulled. A parent that lives is forgiven one: a packet was lost, or it repairs it.
 * Returns the one that is let go.
 */
export function noteMissed(core: Core, now: Millis, stripe: Stripe): PeerId | null {
  const parent = parentOf(core, stripe);
  if (parent.kind !== 'peer') return null;
  const missed = parent.missed + 1;
  if (missed < MISSED_MAX) {
    setParent(core, stripe, { ...parent, missed });
    return null;
  }
  leaveParent(core, now, stripe);
  return parent.peerId;
}

/** It does not do what a parent is for: it is let go, and left alone for a while. */
export function leaveParent(core: Core, now: Millis, stripe: Stripe): void {
  const parent = parentOf(core, stripe);
  if (parent.kind !== 'peer') return;
  const neighbour = core.neighbours.get(parent.peerId);
  if (neighbour !== undefined) {
    neighbour.parentFailures = Math.min(PARENT_FAILURES_COUNTED, neighbour.parentFailures + 1);
    postpone(neighbour, now, stripe);
    sendWire(core, neighbour, { type: 'release', stripe });
  }
  setParent(core, stripe, { kind: 'none', since: now, asking: parent.asking });
}

/** The parent has delivered: it is forgiven what it missed. */
export function noteDelivered(core: Core, stripe: Stripe, peerId: PeerId): void {
  const parent = parentOf(core, stripe);
  if (parent.kind !== 'peer' || parent.peerId !== peerId) return;
  const neighbour = core.neighbours.get(peerId);
  if (neighbour !== undefined) neighbour.parentFailures = 0;
  if (parent.missed > 0) setParent(core, stripe, { ...parent, missed: 0 });
}

/** Gives up asking those that did not answer. */
export function expireAsking(core: Core, now: Millis): void {
  for (const stripe of STRIPES) {
    const parent = parentOf(core, stripe);
    if (parent.asking === null || now - parent.asking.at < ADOPT_TIMEOUT_MS) continue;
    const neighbour = core.neighbours.get(parent.asking.peerId);
    if (neighbour !== undefined) {
      postpone(neighbour, now, stripe);
      sendWire(core, neighbour, { type: 'release', stripe });
    }
    setParent(core, stripe, { ...parent, asking: null });
  }
}

function ask(core: Core, now: Millis, stripe: Stripe, neighbour: Neighbour): void {
  const asking: Asking = { peerId: neighbour.peerId, at: now };
  const parent: StripeParent = { ...parentOf(core, stripe), asking };
  setParent(core, stripe, parent);
  const from = firstWanted(core, stripe);
  sendWire(core, neighbour, { type: 'adopt', stripe, epoch: from.epoch, from: from.sequence });
}

function bestCandidate(
  core: Core,
  now: Millis,
  proposals: Proposals,
  stripe: Stripe,
  depthBelow: number,
): Neighbour | null {
  let best: Neighbour | null = null;
  let bestScore = Number.POSITIVE_INFINITY;
  for (const neighbour of core.neighbours.all()) {
    const depth = depthOf(neighbour, stripe);
    if (!mayBeParent(now, neighbour, stripe) || depth >= depthBelow) continue;
    const score =
      depth +
      (neighbour.primaryStripe === stripe ? 0 : 0.5) +
      (neighbour.roundTripMs ?? 100) / 200 +
      (proposals.includes(stripe, neighbour.peerId) ? -1 : 0) +
      // The fuller, the dearer: no peer should carry a whole small swarm because it came first.
      4 / (1 + neighbour.slotsFree) +
      (isBehind(core, neighbour) ? 3 : 0) +
      core.random() * 0.4;
    if (score < bestScore) {
      best = neighbour;
      bestScore = score;
    }
  }
  return best;
}

const mayBeParent = (now: Millis, neighbour: Neighbour, stripe: Stripe): boolean =>
  neighbour.phase === 'ready' &&
  neighbour.acceptsChildren &&
  neighbour.slotsFree > 0 &&
  depthOf(neighbour, stripe) !== NO_DEPTH &&
  !hasStripe(neighbour.childMask, stripe) &&
  now >= (neighbour.parentNotBefore[stripe] ?? 0);

/** Its newest chunk is well behind ours: it is starving, or slow. */
function isBehind(core: Core, neighbour: Neighbour): boolean {
  const epoch = core.store.newestEpoch();
  const newest = epoch === null ? null : core.store.newest(epoch);
  return epoch !== null && newest !== null && newestHeld(neighbour, epoch) < newest - 2 * STRIPE_COUNT;
}

function firstWanted(core: Core, stripe: Stripe): { readonly epoch: Epoch; readonly sequence: Sequence } {
  const epoch = core.store.newestEpoch();
  const newest = epoch === null ? null : core.store.newest(epoch);
  if (epoch === null || newest === null) return { epoch: toEpoch(0), sequence: sequence(0) };
  for (let number: number = newest; number > newest - 3 * STRIPE_COUNT && number >= 0; number -= 1) {
    if (number % STRIPE_COUNT === stripe && core.store.has(epoch, sequence(number))) {
      return { epoch, sequence: sequence(number + STRIPE_COUNT) };
    }
  }
  return { epoch, sequence: sequence(Math.max(0, newest - STRIPE_COUNT)) };
}

const closesLoop = (core: Core, path: readonly number[]): boolean => {
  const own = core.peerId === null ? null : Number.parseInt(core.peerId.slice(8), 16);
  return own !== null && path.includes(own);
};

function releaseTo(core: Core, peerId: PeerId, stripe: Stripe): void {
  const neighbour = core.neighbours.get(peerId);
  if (neighbour !== undefined) sendWire(core, neighbour, { type: 'release', stripe });
}

function postpone(neighbour: Neighbour, now: Millis, stripe: Stripe): void {
  neighbour.parentNotBefore[stripe] =
    now + PARENT_BACKOFF_MS * 2 ** Math.max(0, neighbour.parentFailures - 1);
}

/** Our hops from an edge, per stripe, as told in summaries. */
export const ownDepths = (core: Core): number[] =>
  STRIPES.map((stripe) => {
    const parent = parentOf(core, stripe);
    if (parent.kind === 'none' || core.peerId === null) return NO_DEPTH;
    return parent.kind === 'edge' ? 0 : Math.min(NO_DEPTH - 1, parent.path.length);
  });
