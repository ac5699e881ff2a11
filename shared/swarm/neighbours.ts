import { NO_DEPTH } from '../wire/messages.ts';
import type { WireMessage } from '../wire/messages.ts';
import { sequence, STRIPE_COUNT } from '../units.ts';
import type { Epoch, Millis, PeerId, Sequence, Stripe } from '../units.ts';
import { BANNED_MAX, SET_UP_USUAL_MS, SUMMARY_CHUNKS } from './limits.ts';
import { NO_STRIPES } from '../stripe-mask.ts';
import type { StripeMask } from '../stripe-mask.ts';
import { TokenBucket } from '../token-bucket.ts';
import { HeldChunks } from './held-chunks.ts';

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
  readonly depths: number[];
  /** What it says it holds. */
  readonly held: HeldChunks;
  lacks: number;
  /** Not to be asked to be our parent before this time, per stripe. */
  readonly parentNotBefore: number[];
  /** Times in a row that it failed us as a parent. */
  parentFailures: number;
  /** Stripes it is our child for. */
  childMask: StripeMask;
  ping: { readonly nonce: number; readonly at: Millis } | null;
  pingedAt: number;
  roundTripMs: number | null;
  bytesReceived: number;
  bytesSent: number;
  readonly messages: TokenBucket;
  readonly wants: TokenBucket;
  readonly seeks: TokenBucket;
  /** Bytes of signalling. */
  readonly carries: TokenBucket;
}

/** The table of neighbours, and of those who are never to be neighbours again. */
export class Neighbours {
  readonly #byId = new Map<PeerId, Neighbour>();
  readonly #banned = new Set<PeerId>();
  readonly #sizeMax: number;

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Links that stand or may soon: one that has been opening for long will hardly stand. */
  hopefulCount(now: Millis): number {
    let count = 0;
    for (const { phase, since } of this.#byId.values())
      if (phase === 'ready' || now - since < SET_UP_USUAL_MS) count += 1;
    return count;
  }

  get bannedCount(): number {
    return this.#banned.size;
  }

  get(peerId: PeerId): Neighbour | undefined {
    return this.#byId.get(peerId);
  }

  all(): IterableIterator<Neighbour> {
    return this.#byId.values();
  }

  get readyCount(): number {
    let count = 0;
    for (const { phase } of this.#byId.values()) if (phase === 'ready') count += 1;
    return count;
  }

  ready(): Neighbour[] {
    return [...this.#byId.values()].filter((neighbour) => neighbour.phase === 'ready');
  }

  /** The neighbour, known before or new; null if it is banned or the table is full. */
  admit(now: Millis, peerId: PeerId): Neighbour | null {
    const known = this.#byId.get(peerId);
    if (known !== undefined) return known;
    if (this.#banned.has(peerId) || this.#byId.size >= this.#sizeMax) return null;
    const neighbour = newNeighbour(now, peerId);
    this.#byId.set(peerId, neighbour);
    return neighbour;
  }

  remove(peerId: PeerId): void {
    this.#byId.delete(peerId);
  }

  ban(peerId: PeerId): void {
    if (this.#banned.size >= BANNED_MAX) {
      const [oldest] = this.#banned;
      if (oldest !== undefined) this.#banned.delete(oldest);
    }
    this.#banned.add(peerId);
  }

  isBanned(peerId: PeerId): boolean {
    return this.#banned.has(peerId);
  }
}

export const shortIdOf = (peerId: PeerId): number => Number.parseInt(peerId.slice(8), 16);

/** Takes over what a summary says. */
export function applySummary(neighbour: Neighbour, summary: Extract<WireMessage, { type: 'have' }>): void {
  // In place: a summary comes every few seconds from everyone, and nothing of it shall outlive it.
  for (let index = 0; index < STRIPE_COUNT; index += 1)
    neighbour.depths[index] = summary.depths[index] ?? NO_DEPTH;
  neighbour.slotsFree = summary.slotsFree;
  neighbour.lacks = Math.max(0, neighbour.lacks - 1);
  neighbour.held.replace(summary.epoch, summary.base, summary.held);
}

/** The neighbour holds this chunk: it said so, or sent it. */
export const noteHolding = (neighbour: Neighbour, epoch: Epoch, number: Sequence): void => {
  neighbour.held.add(epoch, number);
};

export const holds = (neighbour: Neighbour, epoch: Epoch, number: Sequence): boolean =>
  neighbour.held.has(epoch, number);

/** The newest chunk of the epoch that the neighbour says it holds, or -1. */
export const newestHeld = (neighbour: Neighbour, epoch: Epoch): number =>
  neighbour.held.epoch === epoch ? neighbour.held.newest : -1;

export const depthOf = (neighbour: Neighbour, stripe: Stripe): number => neighbour.depths[stripe] ?? NO_DEPTH;

/** The bitmap of a summary: bit i, most significant first, stands for base + i. */
export function bitmapOf(base: Sequence, isHeld: (number: Sequence) => boolean): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(SUMMARY_CHUNKS / 8));
  for (let bit = 0; bit < bitmap.length * 8; bit += 1) {
    const byte = bit >> 3;
    if (isHeld(sequence(base + bit))) bitmap[byte] = (bitmap[byte] ?? 0) | (0x80 >> (bit & 7));
  }
  return bitmap;
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
    depths: Array.from({ length: STRIPE_COUNT }, () => NO_DEPTH),
    held: new HeldChunks(),
    lacks: 0,
    parentFailures: 0,
    parentNotBefore: Array.from({ length: STRIPE_COUNT }, () => 0),
    childMask: NO_STRIPES,
    ping: null,
    pingedAt: now,
    roundTripMs: null,
    bytesReceived: 0,
    bytesSent: 0,
    messages: new TokenBucket(now),
    wants: new TokenBucket(now),
    seeks: new TokenBucket(now),
    carries: new TokenBucket(now),
  };
}
