import type { Chunk } from '../chunk/chunk.ts';
import type { ChunkDecoded } from '../chunk/chunk-codec.ts';
import type { ListenerMessage, Participation, SeedOffer, TrackerMessage } from '../tracker/messages.ts';
import type {
  Epoch,
  KilobitsPerSecond,
  Micros,
  Millis,
  MountId,
  PeerId,
  Sequence,
  Stripe,
} from '../units.ts';
import type { WireDecoded } from '../wire/wire-codec.ts';

/**
 * The listener engine's whole interface: `handle(now, input) → readonly EngineOutput[]` and `deadline()`.
 * The driver queues inputs, never re-enters, performs the outputs in order and re-arms one timer when `deadline()`
 * has changed. `now` is monotonic milliseconds.
 */
export interface EngineOptions {
  readonly mountId: MountId;
  readonly participation: Participation;
  /** Payload bit rate of the mount: the unit of a child slot is this divided by the stripe count. */
  readonly bitrateKbps: number;
  readonly uploadCapKbps: KilobitsPerSecond;
  /** Distance of play-out from the live edge. */
  readonly playoutDelayMs: number;
  /** False where there is no WebRTC, or the listener chose *just listen*: everything comes over HTTP. */
  readonly peersAllowed: boolean;
  /** Other readers than the codecs themselves: thousands of engines in one process may share what they read. */
  readonly readers?: Readers;
}

/** What reads bytes from outside: as `decodeWire` and `decodeChunk` do. */
export interface Readers {
  readonly message: (data: Uint8Array) => WireDecoded;
  readonly chunk: (data: Uint8Array) => ChunkDecoded;
}

/** What an HTTP request was made for; the edge counts its bytes by these. `seed` is a stripe stream. */
export type EdgeCause = 'burst' | 'repair' | 'fallback' | 'seed';
/** Where a chunk came from. */
export type ChunkOrigin =
  /** `message`: the whole peer message, passed on as it came. */
  | { readonly from: 'peer'; readonly peerId: PeerId; readonly message: Uint8Array }
  | { readonly from: 'edge'; readonly cause: EdgeCause };

/** How a link ended. `unreachable`: two that wanted a link could not open one; `closed`: for any other reason. */
export type LinkEnd = 'closed' | 'unreachable';

export type EngineInput =
  /** Begin: the engine asks for the burst and joins the tracker. */
  | { readonly type: 'start' }
  /** Nothing happened but time: `deadline()` has passed. */
  | { readonly type: 'tick' }
  | { readonly type: 'trackerOpen' }
  | { readonly type: 'tracker'; readonly message: TrackerMessage }
  | { readonly type: 'trackerClosed' }
  | { readonly type: 'linkOpen'; readonly peerId: PeerId }
  | { readonly type: 'linkMessage'; readonly peerId: PeerId; readonly data: Uint8Array }
  /** The link's send buffer crossed its high-water (false) or low-water (true) mark. */
  | { readonly type: 'linkWritable'; readonly peerId: PeerId; readonly writable: boolean }
  | {
      readonly type: 'linkClosed';
      readonly peerId: PeerId;
      readonly reason: string;
      readonly end: LinkEnd;
    }
  /** Something to tell a peer with which a link is being set up. */
  | { readonly type: 'signal'; readonly to: PeerId; readonly data: string }
  /** Whole chunk bytes from an edge, over HTTP or the seed transport: not decoded, not verified. */
  | { readonly type: 'edgeChunk'; readonly data: Uint8Array; readonly cause: EdgeCause }
  /** The burst's response has ended (its chunks came before as `edgeChunk`), or failed. */
  | { readonly type: 'burstDone'; readonly ok: boolean; readonly reason?: string }
  /** A repair fetch did not bring its chunk. `gone`: every edge says that the chunk has left its window (410). */
  | {
      readonly type: 'fetchFailed';
      readonly epoch: Epoch;
      readonly sequence: Sequence;
      readonly gone: boolean;
    }
  /** The HTTP stripe stream ended or failed. */
  | { readonly type: 'streamClosed'; readonly reason: string }
  /** The WebRTC seed transport is up, or could not be had, or died. */
  | { readonly type: 'seedLink'; readonly state: 'open' | 'failed'; readonly reason?: string }
  /** The answer to `verify`. */
  | { readonly type: 'verified'; readonly ticket: number; readonly genuine: boolean }
  /** Where the sink's play-out really is (time of the chunk being heard), so that deadlines follow the ear. */
  | {
      readonly type: 'playhead';
      readonly epoch: Epoch;
      readonly mediaTime: Micros;
      readonly playing: boolean;
    }
  /** The listener changed a setting while playing. */
  | { readonly type: 'setUploadCap'; readonly uploadCapKbps: KilobitsPerSecond }
  | { readonly type: 'setPeersAllowed'; readonly allowed: boolean }
  /** Neighbours that may be our children at a time. */
  | { readonly type: 'setListenersMax'; readonly listenersMax: number }
  /** We are about to leave: children are handed over. `stop` follows when none is left, or after a while. */
  | { readonly type: 'retire' }
  | { readonly type: 'stop' };

export type EngineOutput =
  | { readonly type: 'tracker'; readonly message: ListenerMessage }
  /** Open a link as initiator; what its set-up has to tell the other end comes as `signal` inputs. */
  | { readonly type: 'connect'; readonly peerId: PeerId }
  | { readonly type: 'disconnect'; readonly peerId: PeerId; readonly reason: string }
  /** What a peer has to tell our end of a link's set-up. */
  | { readonly type: 'signal'; readonly from: PeerId; readonly data: string }
  | { readonly type: 'send'; readonly peerId: PeerId; readonly data: Uint8Array }
  | { readonly type: 'verify'; readonly ticket: number; readonly chunk: Chunk }
  /** Ask an edge for the newest seconds in one response. */
  | { readonly type: 'fetchBurst'; readonly durationMs: number }
  /** Ask an edge for one chunk. */
  | { readonly type: 'fetchChunk'; readonly epoch: Epoch; readonly sequence: Sequence }
  /** Hold exactly this live stream open (replacing another); an empty list closes it. */
  | { readonly type: 'openStream'; readonly stripes: readonly Stripe[]; readonly cause: 'seed' | 'fallback' }
  /** Hold exactly this seed transport open (replacing another); null closes it. */
  | { readonly type: 'seedTransport'; readonly offer: SeedOffer | null }
  /** Give to play-out: in order, verified, each once. `skipped`: chunks given up on right before this one. */
  | { readonly type: 'play'; readonly chunk: Chunk; readonly skipped: number; readonly dueAt: Millis }
  /** A chunk was in time, or was not, when it was due; told a moment later, with whatever happens next. */
  | {
      readonly type: 'due';
      readonly epoch: Epoch;
      readonly sequence: Sequence;
      readonly inTime: boolean;
      readonly dueAt: Millis;
      readonly packagedAt: number | null;
    }
  /** A stripe comes from somewhere else from now on: from that peer, an edge, or nobody. */
  | { readonly type: 'parent'; readonly stripe: Stripe; readonly from: PeerId | 'edge' | null }
  /** For the log and tests: a peer broke a rule and was dropped. */
  | { readonly type: 'misbehaviour'; readonly peerId: PeerId; readonly reason: MisbehaviourReason };

export const MISBEHAVIOUR_REASONS = [
  'bad-signature',
  'malformed-message',
  'foreign-mount',
  'chunk-too-far-ahead',
  'flood',
  'announced-but-lacking',
] as const;
export type MisbehaviourReason = (typeof MISBEHAVIOUR_REASONS)[number];

/** What the page, the tests and the benchmarks may look at. Counters are totals since `start`, in bytes. */
export interface EngineSnapshot {
  readonly phase: 'idle' | 'joining' | 'playing' | 'stopped';
  readonly peerId: PeerId | null;
  readonly neighbours: readonly NeighbourSnapshot[];
  /** Per stripe: the peer, `edge`, or null. */
  readonly parents: readonly (PeerId | 'edge' | null)[];
  /** (Child, stripe) pairs, and the pairs that there is room for. */
  readonly childCount: number;
  readonly childSlots: number;
  /** Neighbours that are our child for any stripe. */
  readonly childNeighbourCount: number;
  /** Estimated media time of the live edge in the current epoch; null before the first chunk. */
  readonly live: { readonly epoch: Epoch; readonly mediaTime: Micros } | null;
  /** Verified chunks ahead of the play-out cursor, as time. */
  readonly bufferMs: number;
  readonly counters: EngineCounters;
}

export interface NeighbourSnapshot {
  readonly peerId: PeerId;
  /** Stripes it is our parent for, and stripes it is our child for. */
  readonly parentOf: readonly Stripe[];
  readonly childOf: readonly Stripe[];
  readonly roundTripMs: number | null;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

export interface EngineCounters {
  readonly chunkBytesFromPeers: number;
  readonly chunkBytesFromEdges: number;
  readonly chunkBytesToPeers: number;
  readonly duplicateChunkBytes: number;
  /** Peer messages other than chunks, received. */
  readonly controlBytesReceived: number;
  readonly controlBytesSent: number;
  readonly chunksDue: number;
  readonly chunksInTime: number;
  readonly chunksSkipped: number;
  readonly repairsAskedOfPeers: number;
  readonly repairsAskedOfEdges: number;
  readonly reparentings: number;
  readonly misbehavingPeers: number;
}

/** Nothing has happened yet. */
export const NO_COUNTS: EngineCounters = {
  chunkBytesFromPeers: 0,
  chunkBytesFromEdges: 0,
  chunkBytesToPeers: 0,
  duplicateChunkBytes: 0,
  controlBytesReceived: 0,
  controlBytesSent: 0,
  chunksDue: 0,
  chunksInTime: 0,
  chunksSkipped: 0,
  repairsAskedOfPeers: 0,
  repairsAskedOfEdges: 0,
  reparentings: 0,
  misbehavingPeers: 0,
};
