import type { Epoch, PeerId, Sequence, Stripe } from '../units.ts';

/**
 * What two neighbours say to each other over a data channel, one message per channel message, binary, big-endian;
 * the first byte is the type (see `wire-codec.ts` for the layouts). The channel is reliable and unordered or ordered.
 */
export const WIRE_VERSION = 3;
/** Chunks that one `want` may ask for, or one `lack` may refuse. */
export const WANT_MAX = 32;
/** Chunks after `base` that one summary can name: the window is 120 chunks. */
export const SUMMARY_SPAN = 128;
/** Hops of a path that are told; a longer path is refused as a parent. */
export const PATH_LENGTH_MAX = 24;
/** Peers that one `introduce` may name. */
export const INTRODUCED_MAX = 6;
/** The longest signal, whoever carries it, in bytes: SDP of a data channel is about 1 KB. */
export const SIGNAL_LENGTH_MAX = 12_000;

/** Why an `adopt` was not granted. `leaving`: we still serve you, but look for another parent now. */
export const REFUSAL_REASONS = ['full', 'loop', 'no-parent', 'leaf', 'unknown', 'leaving'] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

export type WireMessage =
  /** First on every link, from both. `acceptsChildren` is false for a leaf. */
  | {
      readonly type: 'hello';
      readonly version: number;
      readonly acceptsChildren: boolean;
      readonly primaryStripe: Stripe;
    }
  /** A chunk, pushed or asked for. */
  | { readonly type: 'chunk'; readonly wire: Uint8Array }
  /**
   * A summary: which chunks we hold, verified. Bit i of `held` (most significant first) stands for `base` + i; trailing
   * zero bytes are left out. `depths`: our hops from an edge per stripe, NO_DEPTH where we have no parent.
   * `slotsFree`: children we would still take. It doubles as the link's heartbeat.
   */
  | {
      readonly type: 'have';
      readonly epoch: Epoch;
      readonly base: Sequence;
      readonly held: Uint8Array;
      readonly depths: readonly number[];
      readonly slotsFree: number;
    }
  /** One chunk we came by late: those who still miss it may ask us. */
  | { readonly type: 'haveOne'; readonly epoch: Epoch; readonly sequence: Sequence }
  /** Send us these. */
  | { readonly type: 'want'; readonly epoch: Epoch; readonly sequences: readonly Sequence[] }
  /** We cannot send these: do not wait for them. */
  | { readonly type: 'lack'; readonly epoch: Epoch; readonly sequences: readonly Sequence[] }
  /** Be our parent for this stripe, from this chunk on. */
  | { readonly type: 'adopt'; readonly stripe: Stripe; readonly epoch: Epoch; readonly from: Sequence }
  /** We are your parent for the stripe now, or our own path has changed. Path: short ids, from the edge to us. */
  | { readonly type: 'path'; readonly stripe: Stripe; readonly path: readonly number[] }
  /** We will not be, or no longer are, your parent for the stripe. */
  | { readonly type: 'refuse'; readonly stripe: Stripe; readonly reason: RefusalReason }
  /** You are no longer our parent for the stripe. */
  | { readonly type: 'release'; readonly stripe: Stripe }
  | { readonly type: 'ping'; readonly nonce: number }
  | { readonly type: 'pong'; readonly nonce: number }
  /** We have no tracker: introduce us to some of your neighbours. `stripes`: those we have no parent for, if any. */
  | { readonly type: 'seek'; readonly stripes: readonly Stripe[] }
  /** Neighbours of ours, those most likely to help first. The receiver opens the links (it is the initiator). */
  | { readonly type: 'introduce'; readonly peerIds: readonly PeerId[] }
  /** Carry this, opaque to you, to a neighbour of yours: UTF-8, at most SIGNAL_LENGTH_MAX. */
  | { readonly type: 'signal'; readonly to: PeerId; readonly data: Uint8Array }
  /** What a neighbour of ours asked us to carry to you. It has arrived: a type of its own, so that nothing goes on. */
  | { readonly type: 'carried'; readonly from: PeerId; readonly data: Uint8Array };

/** In `have.depths`: no parent for the stripe. */
export const NO_DEPTH = 255;
