import { NO_DEPTH } from '../wire/messages.ts';
import type { WireMessage } from '../wire/messages.ts';
import { sequence, STRIPE_COUNT } from '../units.ts';
import type { Epoch, Millis, PeerId, Sequence, Stripe } from '../units.ts';
import { BANNED_MAX, MESSAGE_RATE, NEIGHBOURS_MAX, SUMMARY_CHUNKS, WANT_RATE } from './limits.ts';
import { TokenBucket } from '../token-bucket.ts';

/** A link's life: asked for → open → (both said hello) ready → gone from the table. */
export type NeighbourPhase = 'connecting' | 'open' | 'ready';

/** A peer that we hold, or are opening, a data channel with. */
export interface Neighbour {
  readonly peerId: PeerId;
  /** Four bytes of the id, for paths: a collision costs one refused parent, nothing more. */
  readonly shortId: number;
  phase: NeighbourPhase;
  readonly since: Millis;
  heardAt: Millis;
  writable: boolean;
  acceptsChildren: boolean;
  primaryStripe: Stripe | null;
  slotsFree: number;
  depths: readonly number[];
  /** What it says it holds, of one epoch. */
  heldEpoch: Epoch | null;
  held: Set<number>;
  lacks: number;
  /** Not to be asked to be our parent before this time, per stripe. */
  readonly parentNotBefore: number[];
  /** Times in a row that it failed us as a parent. */
  parentFailures: number;
  /** Stripes it is our child for. */
  readonly childOf: Set<Stripe>;
  ping: { readonly nonce: number; readonly at: Millis } | null;
  pingedAt: number;
  roundTripMs: number | null;
  bytesReceived: number;
  bytesSent: number;
  readonly messages: TokenBucket;
  readonly wants: TokenBucket;
}

/** The table of neighbours, and of those who are never to be neighbours again. */
export class Neighbours {
  private readonly byId = new Map<PeerId, Neighbour>();
  private readonly banned = new Set<PeerId>();

  get size(): number {
    return this.byId.size;
  }

  get bannedCount(): number {
    return this.banned.size;
  }

  get(peerId: PeerId): Neighbour | undefined {
    return this.byId.get(peerId);
  }

  all(): IterableIterator<Neighbour> {
    return this.byId.values();
  }

  ready(): Neighbour[] {
    return [...this.byId.values()].filter((neighbour) => neighbour.phase === 'ready');
  }

  /** The neighbour, known before or new; null if it is banned or the table is full. */
  admit(now: Millis, peerId: PeerId): Neighbour | null {
    const known = this.byId.get(peerId);
    if (known !== undefined) return known;
    if (this.banned.has(peerId) || this.byId.size >= NEIGHBOURS_MAX) return null;
    const neighbour = newNeighbour(now, peerId);
    this.byId.set(peerId, neighbour);
    return neighbour;
  }

  remove(peerId: PeerId): void {
    this.byId.delete(peerId);
  }

  ban(peerId: PeerId): void {
    if (this.banned.size >= BANNED_MAX) {
      const [oldest] = this.banned;
      if (oldest !== undefined) this.banned.delete(oldest);
    }
    this.banned.add(peerId);
  }

  isBanned(peerId: PeerId): boolean {
    return this.banned.has(peerId);
  }
}

export const shortIdOf = (peerId: PeerId): number => Number.parseInt(peerId.slice(8), 16);

/** Takes over what a summary says. */
export function applySummary(neighbour: Neighbour, summary: Extract<WireMessage, { type: 'have' }>): void {
  neighbour.depths = summary.depths;
  neighbour.slotsFree = summary.slotsFree;
  neighbour.lacks = Math.max(0, neighbour.lacks - 1);
  neighbour.heldEpoch = summary.epoch;
  neighbour.held = new Set(bitsSet(summary.held).map((bit) => summary.base + bit));
}

/** The neighbour holds this chunk: it said so, or sent it. */
export function noteHolding(neighbour: Neighbour, epoch: Epoch, number: Sequence): void {
  if (neighbour.heldEpoch !== epoch) {
    if (neighbour.heldEpoch !== null && neighbour.heldEpoch > epoch) return;
    neighbour.heldEpoch = epoch;
    neighbour.held = new Set();
  }
  neighbour.held.add(number);
  // A set is in insertion order: the first is the oldest news.
  if (neighbour.held.size > 4 * SUMMARY_CHUNKS) {
    const [oldest] = neighbour.held;
    if (oldest !== undefined) neighbour.held.delete(oldest);
  }
}

export const holds = (neighbour: Neighbour, epoch: Epoch, number: Sequence): boolean =>
  neighbour.heldEpoch === epoch && neighbour.held.has(number);

/** The newest chunk of the epoch that the neighbour says it holds, or -1. */
export function newestHeld(neighbour: Neighbour, epoch: Epoch): number {
  if (neighbour.heldEpoch !== epoch) return -1;
  let newest = -1;
  for (const number of neighbour.held) newest = Math.max(newest, number);
  return newest;
}

export const depthOf = (neighbour: Neighbour, stripe: Stripe): number => neighbour.depths[stripe] ?? NO_DEPTH;

/** The bitmap of a summary: bit i, most significant first, stands for base + i; trailing zero bytes left out. */
export function bitmapOf(base: Sequence, isHeld: (number: Sequence) => boolean): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(SUMMARY_CHUNKS / 8));
  let used = 0;
  for (let bit = 0; bit < bitmap.length * 8; bit += 1) {
    if (!isHeld(sequence(base + bit))) continue;
    const byte = bit >> 3;
    bitmap[byte] = (bitmap[byte] ?? 0) | (0x80 >> (bit & 7));
    used = byte + 1;
  }
  return bitmap.subarray(0, used);
}

function bitsSet(bitmap: Uint8Array): number[] {
  const bits: number[] = [];
  bitmap.forEach((byte, index) => {
    for (let bit = 0; bit < 8; bit += 1) if ((byte & (0x80 >> bit)) !== 0) bits.push(index * 8 + bit);
  });
  return bits;
}

function newNeighbour(now: Millis, peerId: PeerId): Neighbour {
  return {
    peerId,
    shortId: shortIdOf(peerId),
    phase: 'connecting',
    since: now,
    heardAt: now,
    writable: true,
    acceptsChildren: false,
    primaryStripe: null,
    slotsFree: 0,
    depths: [],
    heldEpoch: null,
    held: new Set(),
    lacks: 0,
    parentFailures: 0,
    parentNotBefore: Array.from({ length: STRIPE_COUNT }, () => 0),
    childOf: new Set(),
    ping: null,
    pingedAt: now,
    roundTripMs: null,
    bytesReceived: 0,
    bytesSent: 0,
    messages: new TokenBucket(MESSAGE_RATE, now),
    wants: new TokenBucket(WANT_RATE, now),
  };
}
