import { PATH_LENGTH_MAX } from '../wire/messages.ts';
import type { RefusalReason } from '../wire/messages.ts';
import { encodeWire } from '../wire/wire-codec.ts';
import { sequence, STRIPE_COUNT, STRIPES } from '../units.ts';
import type { Epoch, Millis, Sequence, Stripe } from '../units.ts';
import { hasStripe, NO_STRIPES } from '../stripe-mask.ts';
import type { Chunk } from '../chunk/chunk.ts';
import { chunkStripe } from '../chunk/chunk.ts';
import { parentOf, sendEncoded, sendWire, uploadRate } from './core.ts';
import type { Core } from './core.ts';
import type { ChunkOrigin } from './engine-io.ts';
import { ADOPTION_BACKLOG_MAX, CHUNKS_HELD_MAX, CHILD_SHARE_OF_CAP, WIRE_OVERHEAD } from './limits.ts';
import { holds, noteHolding, shortIdOf } from './neighbours.ts';
import type { Neighbour } from './neighbours.ts';

/** A neighbour asks us to be its parent for a stripe. */
export function onAdopt(
  core: Core,
  now: Millis,
  neighbour: Neighbour,
  stripe: Stripe,
  from: { readonly epoch: Epoch; readonly sequence: Sequence },
): void {
  const refusal = whyNot(core, neighbour, stripe);
  if (refusal !== null) {
    sendWire(core, neighbour, { type: 'refuse', stripe, reason: refusal });
    return;
  }
  core.children.add(neighbour, stripe);
  sendWire(core, neighbour, { type: 'path', stripe, path: ownPath(core, stripe) ?? [] });
  sendBacklog(core, now, neighbour, stripe, from);
}

/** Passes a chunk that was just verified on to the children of its stripe: at once, to each that can take it. */
export function forwardToChildren(core: Core, now: Millis, chunk: Chunk, origin: ChunkOrigin): void {
  const { epoch, sequence: number } = chunk.header;
  const stripe = chunkStripe(chunk);
  let data = origin.from === 'peer' ? origin.message : null;
  for (const neighbour of core.children.of(stripe)) {
    if (!neighbour.writable || holds(neighbour, epoch, number)) continue;
    data ??= encodeWire({ type: 'chunk', wire: chunk.wire });
    core.uploadTokens.spend(uploadRate(core.uploadCapKbps), now, data.length);
    sendEncoded(core, neighbour, data, true);
    noteHolding(neighbour, epoch, number);
  }
}

/** Our way from the edge for a stripe has changed: the children must know, to see loops. */
export function tellChildrenPath(core: Core, stripe: Stripe): void {
  const path = ownPath(core, stripe);
  if (path === null) return;
  for (const neighbour of core.children.of(stripe).slice()) {
    if (path.includes(neighbour.shortId)) dropChild(core, neighbour, stripe, 'loop');
    else sendWire(core, neighbour, { type: 'path', stripe, path });
  }
}

export function dropChild(core: Core, neighbour: Neighbour, stripe: Stripe, reason: RefusalReason): void {
  if (core.children.remove(neighbour, stripe)) sendWire(core, neighbour, { type: 'refuse', stripe, reason });
}

/** We are about to leave: everybody whom we serve looks for another parent, and is served meanwhile. */
export function tellChildrenToLeave(core: Core): void {
  for (const stripe of STRIPES)
    for (const neighbour of core.children.of(stripe))
      sendWire(core, neighbour, { type: 'refuse', stripe, reason: 'leaving' });
}

/** Whoever is over the listeners' limit is let go, the latest first. */
export function shrinkToListeners(core: Core): void {
  const children = [...new Set(STRIPES.flatMap((stripe) => core.children.of(stripe)))];
  for (const neighbour of children.slice(Math.min(children.length, core.listenersMax)))
    for (const stripe of STRIPES) dropChild(core, neighbour, stripe, 'full');
}

/** After the upload cap went down: children over it are let go, the latest of the stripe with most of them first. */
export function shrinkToCap(core: Core): void {
  while (core.children.count > childSlots(core)) {
    const [longest] = STRIPES.map((stripe) => ({ stripe, children: core.children.of(stripe) })).toSorted(
      (left, right) => right.children.length - left.children.length,
    );
    const last = longest?.children.at(-1);
    if (longest === undefined || last === undefined) return;
    dropChild(core, last, longest.stripe, 'full');
  }
}

/** How many (child, stripe) pairs the upload cap carries. */
export function childSlots(core: Core): number {
  if (core.options.participation === 'leaf' || !core.peersAllowed) return 0;
  const slotKbps = (core.options.bitrateKbps * WIRE_OVERHEAD) / STRIPE_COUNT;
  return Math.min(core.room.childrenMax, Math.floor((core.uploadCapKbps * CHILD_SHARE_OF_CAP) / slotKbps));
}

export const childCount = (core: Core): number => core.children.count;

export const slotsFree = (core: Core): number =>
  core.retiring || isFullOfListeners(core) ? 0 : Math.max(0, childSlots(core) - childCount(core));

const isFullOfListeners = (core: Core): boolean => core.children.neighbourCount >= core.listenersMax;

/** Short ids from the edge to ourselves; null while the stripe has no parent. */
export function ownPath(core: Core, stripe: Stripe): readonly number[] | null {
  const parent = parentOf(core, stripe);
  if (parent.kind === 'none' || core.peerId === null) return null;
  const before = parent.kind === 'edge' ? [] : parent.path;
  return [...before, shortIdOf(core.peerId)];
}

function whyNot(core: Core, neighbour: Neighbour, stripe: Stripe): RefusalReason | null {
  if (childSlots(core) === 0) return 'leaf';
  if (core.retiring) return 'full';
  const path = ownPath(core, stripe);
  if (path === null) return 'no-parent';
  if (path.length >= PATH_LENGTH_MAX) return 'full';
  const asked = parentOf(core, stripe).asking;
  if (path.includes(neighbour.shortId) || asked?.peerId === neighbour.peerId) return 'loop';
  if (hasStripe(neighbour.childMask, stripe)) return null;
  if (neighbour.childMask === NO_STRIPES && isFullOfListeners(core)) return 'full';
  if (core.children.of(stripe).length >= stripeSlots(core, stripe)) return 'full';
  return childSlots(core) - childCount(core) > reservedFor(core, stripe) ? null : 'full';
}

/** Children of one stripe wait for each other: all get its chunk at the same moment, over one uplink. */
function stripeSlots(core: Core, stripe: Stripe): number {
  const prefers = stripe === core.primaryStripe && !core.room.sharesEvenly;
  const share = prefers ? PRIMARY_SHARE : OTHER_SHARE;
  return Math.max(1, Math.ceil(childSlots(core) * share));
}

const PRIMARY_SHARE = 0.5;
const OTHER_SHARE = 0.25;

/** Half of the slots are kept for the stripe we are to be an inner node of, so that each stripe has its own. */
function reservedFor(core: Core, stripe: Stripe): number {
  if (stripe === core.primaryStripe || core.room.sharesEvenly) return 0;
  const primary = core.children.of(core.primaryStripe).length;
  return Math.max(0, Math.floor(childSlots(core) / 2) - primary);
}

function sendBacklog(
  core: Core,
  now: Millis,
  neighbour: Neighbour,
  stripe: Stripe,
  from: { readonly epoch: Epoch; readonly sequence: Sequence },
): void {
  const newest = core.store.newest(from.epoch);
  if (newest === null) return;
  // Whatever it names: no more is looked through than is held.
  const oldest = Math.max(from.sequence, newest - CHUNKS_HELD_MAX + 1);
  const missed: Chunk[] = [];
  for (let number: number = newest; number >= oldest && missed.length < ADOPTION_BACKLOG_MAX; number -= 1) {
    if (number % STRIPES.length !== stripe || holds(neighbour, from.epoch, sequence(number))) continue;
    const chunk = core.store.get(from.epoch, sequence(number));
    if (chunk !== undefined) missed.unshift(chunk);
  }
  for (const chunk of missed) {
    const data = encodeWire({ type: 'chunk', wire: chunk.wire });
    core.uploadTokens.spend(uploadRate(core.uploadCapKbps), now, data.length);
    sendEncoded(core, neighbour, data, true);
    noteHolding(neighbour, from.epoch, chunk.header.sequence);
  }
}
