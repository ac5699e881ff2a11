import type { ListenerMessage } from '../tracker/messages.ts';
import { decodeWire, encodeWire } from '../wire/wire-codec.ts';
import type { WireMessage } from '../wire/messages.ts';
import { millis, STRIPES } from '../units.ts';
import type { Epoch, KilobitsPerSecond, Millis, PeerId, RandomSource, Sequence, Stripe } from '../units.ts';
import { ChildLists } from './child-lists.ts';
import { ChunkStore } from './chunk-store.ts';
import type { Chunk } from '../chunk/chunk.ts';
import { decodeChunk } from '../chunk/chunk-codec.ts';
import { ALL_STRIPES, bitOf } from '../stripe-mask.ts';
import type { StripeMask } from '../stripe-mask.ts';
import { NO_COUNTS } from './engine-io.ts';
import type { ChunkOrigin, EngineCounters, EngineOptions, EngineOutput, Readers } from './engine-io.ts';
import { PAYLOAD_SHARE_OF_CAP } from './limits.ts';
import { Neighbours } from './neighbours.ts';
import type { Neighbour } from './neighbours.ts';
import { roomOf } from './room.ts';
import type { Room } from './room.ts';
import { Timeline } from './timeline.ts';
import { TokenBucket } from '../token-bucket.ts';
import type { Rate } from '../token-bucket.ts';

/**
 * The engine's state, shared by the modules of this folder. Each module owns one field group and is the only one to
 * change it; they import each other in one direction: neighbours ← children ← parents ← links ← (introductions) ← repair ← intake.
 */
export interface Core {
  readonly options: EngineOptions;
  readonly readers: Readers;
  readonly room: Room;
  readonly random: RandomSource;
  readonly store: ChunkStore;
  readonly timeline: Timeline;
  readonly neighbours: Neighbours;
  readonly children: ChildLists;
  readonly counters: Counters;
  /** What this step has decided, see `emit`; handed out and emptied by the engine at the step's end. */
  outputs: EngineOutput[];
  peerId: PeerId | null;
  primaryStripe: Stripe;
  uploadCapKbps: KilobitsPerSecond;
  peersAllowed: boolean;
  /** Neighbours that may be our children at a time, whatever the upload cap carries. */
  listenersMax: number;
  /** We are about to leave: no new children, and those there are look for another parent. */
  retiring: boolean;
  /** True between the tracker's `welcome` and the loss of its socket. */
  trackerReady: boolean;
  /** What answers to pulls may use of the upload cap, in bytes. */
  uploadTokens: TokenBucket;
  readonly parents: StripeParent[];
  /** Stripes without a parent. */
  orphanMask: StripeMask;
  /** Per stripe, how long after packaging its chunks usually come: mean and mean deviation, ms. */
  readonly lateness: { meanMs: number; deviationMs: number }[];
  /** In no order: there are few at a time. */
  readonly pending: PendingVerification[];
  nextTicket: number;
}

/** Where a stripe comes from. `asking` keeps the parent that still serves until the new one has agreed. */
export type StripeParent =
  | { readonly kind: 'none'; readonly since: Millis; readonly asking: Asking | null }
  | { readonly kind: 'edge'; readonly since: Millis; readonly asking: Asking | null }
  | {
      readonly kind: 'peer';
      readonly since: Millis;
      readonly asking: Asking | null;
      readonly peerId: PeerId;
      /** Short ids from the edge to the parent. */
      readonly path: readonly number[];
      /** Chunks of the stripe in a row that did not come from it in time. */
      readonly missed: number;
      /** A chunk is late, and it has been asked whether it lives. */
      readonly suspectedAt: Millis | null;
      /** It has told that it is about to leave, and serves until we have another. */
      readonly leaving: boolean;
    };

export interface Asking {
  readonly peerId: PeerId;
  readonly at: Millis;
}

export interface PendingVerification {
  readonly ticket: number;
  readonly chunk: Chunk;
  readonly origin: ChunkOrigin;
  readonly at: Millis;
}

export type Counters = { -readonly [Name in keyof EngineCounters]: EngineCounters[Name] };

export function createCore(options: EngineOptions, random: RandomSource): Core {
  const room = roomOf(options.participation);
  return {
    options,
    readers: options.readers ?? { message: decodeWire, chunk: decodeChunk },
    room,
    random,
    store: new ChunkStore(),
    timeline: new Timeline(),
    neighbours: new Neighbours(room.neighboursMax),
    children: new ChildLists(),
    counters: { ...NO_COUNTS },
    outputs: NOTHING_TO_DO,
    peerId: null,
    primaryStripe: STRIPES[0] ?? noStripes(),
    uploadCapKbps: options.uploadCapKbps,
    peersAllowed: options.peersAllowed,
    listenersMax: Number.POSITIVE_INFINITY,
    retiring: false,
    trackerReady: false,
    uploadTokens: new TokenBucket(millis(0)),
    parents: STRIPES.map(() => ({ kind: 'none', since: millis(0), asking: null })),
    orphanMask: ALL_STRIPES,
    lateness: STRIPES.map(() => ({ meanMs: 150, deviationMs: 75 })),
    pending: [],
    nextTicket: 1,
  };
}

/** It is here already: its signature is being checked. */
export function isBeingVerified(core: Core, epoch: Epoch, number: Sequence): boolean {
  for (const { chunk } of core.pending) {
    if (chunk.header.epoch === epoch && chunk.header.sequence === number) return true;
  }
  return false;
}

/** Most steps decide nothing, or one thing: they need no list of their own, or a short one. */
export function emit(core: Core, output: EngineOutput): void {
  if (core.outputs === NOTHING_TO_DO) core.outputs = [output];
  else core.outputs.push(output);
}

/** Whoever says something while there is no tracker is not heard. */
export function tellTracker(core: Core, message: ListenerMessage): void {
  if (core.trackerReady) emit(core, { type: 'tracker', message });
}

/** Of a peer; a hint, not a proof. */
export function complain(core: Core, peerId: PeerId, reason: string, stripe?: Stripe): void {
  tellTracker(core, { type: 'complaint', peerId, reason, stripe });
}

/** Shared by all engines, and empty for ever. */
export const NOTHING_TO_DO: EngineOutput[] = [];

/** Answers to pulls may come in bursts of half a second's worth; packets have headers of their own. */
export const uploadRate = (cap: KilobitsPerSecond): Rate => ({
  perSecond: cap * 125 * PAYLOAD_SHARE_OF_CAP,
  burst: cap * 62.5,
});

/** Sends one message to a neighbour and counts it: as a chunk's bytes, or as control. */
export function sendWire(core: Core, neighbour: Neighbour, message: WireMessage): void {
  sendEncoded(core, neighbour, encodeWire(message), message.type === 'chunk');
}

/** As `sendWire`, for bytes that go to several neighbours. */
export function sendEncoded(core: Core, neighbour: Neighbour, data: Uint8Array, isChunk: boolean): void {
  neighbour.bytesSent += data.length;
  if (isChunk) core.counters.chunkBytesToPeers += data.length;
  else core.counters.controlBytesSent += data.length;
  emit(core, { type: 'send', peerId: neighbour.peerId, data });
}

export function parentOf(core: Core, stripe: Stripe): StripeParent {
  return core.parents[stripe] ?? noStripes();
}

export function setParent(core: Core, stripe: Stripe, parent: StripeParent): void {
  const before = sourceOf(parentOf(core, stripe));
  const after = sourceOf(parent);
  core.parents[stripe] = parent;
  if (parent.kind === 'none') core.orphanMask |= bitOf(stripe);
  else core.orphanMask &= ~bitOf(stripe);
  if (after !== before) emit(core, { type: 'parent', stripe, from: after });
}

/** Where a stripe comes from, as told outside. */
export function sourceOf(parent: StripeParent): PeerId | 'edge' | null {
  if (parent.kind === 'peer') return parent.peerId;
  return parent.kind === 'edge' ? 'edge' : null;
}

export function latenessOf(core: Core, stripe: Stripe): { meanMs: number; deviationMs: number } {
  return core.lateness[stripe] ?? noStripes();
}

function noStripes(): never {
  throw new RangeError(
    'Cannot find a stripe as there are STRIPE_COUNT of them: current value is out of range',
  );
}
