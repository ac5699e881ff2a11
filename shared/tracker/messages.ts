import * as z from 'zod/mini';
import { ADDRESS_LENGTH_MAX, EDGES_TOLD_MAX, TRACKERS_TOLD_MAX } from '../station/addresses.ts';
import { iceServerSchema } from '../station/description.ts';
import type { IceServer } from '../station/description.ts';
import { SIGNAL_LENGTH_MAX } from '../wire/messages.ts';

/**
 * The tracker's protocol, JSON over one WebSocket per listener and mount (`GET /tracker` upgraded). Both directions
 * are validated: what listeners say by the schema in `listener-message-schema.ts`, which no listener needs to load. The tracker never carries audio.
 *
 * A listener sends `join` first; the tracker answers `welcome` or closes with one of TRACKER_CLOSE_CODES.
 */
export const TRACKER_PROTOCOL_VERSION = 1;
/** The largest message either side accepts, bytes. SDP of a data channel is about 1 KB. */
export const TRACKER_MESSAGE_LENGTH_MAX = 16_384;
/**
 * A tracker's sign of life, the whole text of a message beside those of TrackerMessage: sent every
 * TRACKER_ALIVE_INTERVAL_MS, as a browser's script cannot see WebSocket pings. A listener that has seen one gives the
 * connection up after three intervals of silence.
 */
export const TRACKER_ALIVE = '{"type":"alive"}';
export const TRACKER_ALIVE_INTERVAL_MS = 15_000;
/** Neighbours that one message may introduce. */
export const INTRODUCTION_MAX = 12;

export const TRACKER_CLOSE_CODES = {
  /** The message was not what the schema asks for. */
  malformed: 4400,
  /** No such mount. */
  unknownMount: 4404,
  /** Too many messages, or too many peers from one address. */
  limited: 4429,
  /** The swarm is full, or the tracker is going away: come back later. */
  unavailable: 4503,
  /** Another connection has resumed this peer's id: do not come back with it. */
  replaced: 4409,
} as const;
/** The complaint's reason when no link could be opened: says nothing bad of the peer, only of the pair. */
export const UNREACHABLE_REASON = 'unreachable';
/** … when it was let go as a parent for chunks that others had in time: a bad line looks the same. */
export const LATE_REASON = 'late';

/**
 * How a member wants to take part. `relay`: a listener that passes chunks on; `leaf`: one that takes from peers and gives
 * nothing; `dedicated`: a community relay, which does not listen, stays, and has room for many.
 */
export const PARTICIPATIONS = ['relay', 'leaf', 'dedicated'] as const;
export type Participation = (typeof PARTICIPATIONS)[number];
/** How an edge pushes a seed's stripes. */
export type SeedTransport = 'webrtc' | 'http';

export const idSchema: z.ZodMiniType<string> = z.string().check(z.regex(/^[0-9a-f]{16}$/));
export const addressSchema: z.ZodMiniType<string> = z.string().check(z.maxLength(ADDRESS_LENGTH_MAX));
export const stripeNumberSchema: z.ZodMiniType<number> = z.int().check(z.minimum(0), z.maximum(15));

export interface Neighbour {
  readonly peerId: string;
  /** The stripe it prefers to be an inner node of. */
  readonly primaryStripe: number;
}
const neighbourSchema: z.ZodMiniType<Neighbour> = z.object({
  peerId: idSchema,
  primaryStripe: stripeNumberSchema,
});

/** Peers to ask first to be our parent, per stripe, best first. */
export interface ParentProposal {
  readonly stripe: number;
  readonly peerIds: readonly string[];
}
const proposalSchema: z.ZodMiniType<ParentProposal> = z.object({
  stripe: stripeNumberSchema,
  peerIds: z.array(idSchema).check(z.maxLength(8)),
});

/** What a listener tells of itself every REPORT_INTERVAL: totals are since joining, in bytes. */
export interface Report {
  readonly uploadCapKbps: number;
  readonly childSlotsFree: number;
  readonly childCount: number;
  readonly neighbourCount: number;
  /** Hops from an edge per stripe; -1 where the stripe has no parent. */
  readonly depths: readonly number[];
  readonly bytesFromPeers: number;
  readonly bytesFromEdges: number;
  readonly bytesToPeers: number;
  /** Of the chunks due since the last report, the share that was there in time. */
  readonly playedOnTime: number;
  readonly bufferMs: number;
}
/** The station's word, signed, that a relay is one of those it takes. */
export interface RelayPass {
  readonly relayKey: string;
  /** Unix time. */
  readonly untilMs: number;
  readonly signature: string;
}

export type ListenerMessage =
  | {
      readonly type: 'join';
      readonly version: number;
      readonly mountId: string;
      readonly participation: Participation;
      readonly uploadCapKbps: number;
      /** Our id from before, when we come back after a lost connection. */
      readonly resume?: { readonly peerId: string; readonly secret: string } | undefined;
      /** Peers we still hold links with, so that the tracker need not introduce them. */
      readonly neighbours: readonly string[];
      /** Of a dedicated member: without one it is taken for a listener where the station has given passes. */
      readonly relayPass?: RelayPass | undefined;
    }
  | { readonly type: 'signal'; readonly to: string; readonly data: string }
  | { readonly type: 'report'; readonly report: Report }
  /** Ask for more neighbours, or for parents for the stripes named. */
  | { readonly type: 'need'; readonly neighbours: number; readonly parentsFor: readonly number[] }
  /** A peer broke a rule, or was `late` as the parent for a stripe; a hint, not a proof. */
  | {
      readonly type: 'complaint';
      readonly peerId: string;
      readonly reason: string;
      readonly stripe?: number | undefined;
    }
  /** Mediasoup: our side of the DTLS hand-shake, as mediasoup-client gives it. */
  | { readonly type: 'seedConnect'; readonly transportId: string; readonly dtlsParameters: unknown }
  /** The seed transport could not be had, died, or brings too little: give us the stripes over HTTP. */
  | { readonly type: 'seedFailed'; readonly reason: string }
  /** An edge misbehaves, or cannot be reached while others can; a hint, not a proof. */
  | { readonly type: 'edgeComplaint'; readonly address: string; readonly reason: EdgeComplaintReason }
  /** We shall leave in a few seconds: give our stripes to other seeds, propose us to nobody. */
  | { readonly type: 'retire' }
  | { readonly type: 'leave' };

/**
 * `forged`: it sent what the station did not sign. `late`: what it streams is older than what others have. `withheld`:
 * it leaves out chunks that others have. `unreachable`: it does not answer, while others do.
 */
export const EDGE_COMPLAINT_REASONS = ['forged', 'late', 'withheld', 'unreachable'] as const;
export type EdgeComplaintReason = (typeof EDGE_COMPLAINT_REASONS)[number];

export type TrackerMessage =
  | {
      readonly type: 'welcome';
      readonly peerId: string;
      /** Shown again with `resume` to keep the id. */
      readonly secret: string;
      /** The origin's clock, Unix ms, when this was sent. */
      readonly serverTimeMs: number;
      readonly primaryStripe: number;
      readonly reportIntervalMs: number;
      readonly neighbours: readonly Neighbour[];
      readonly proposals: readonly ParentProposal[];
    }
  /** More neighbours, parents to ask first, or both. The receiver opens the links (it is the initiator). */
  | {
      readonly type: 'introduce';
      readonly neighbours: readonly Neighbour[];
      readonly proposals: readonly ParentProposal[];
    }
  | { readonly type: 'signal'; readonly from: string; readonly data: string }
  /**
   * From now on the edge pushes these stripes to us, and no others: an empty list ends seeding. `webrtc` carries
   * what mediasoup-client needs; `http` says to open the live stream for these stripes. `solo` says why: the swarm
   * is too small to show anybody an address, so open no links.
   */
  | {
      readonly type: 'seed';
      readonly stripes: readonly number[];
      readonly transport: SeedTransport;
      readonly solo: boolean;
      readonly webrtc?: SeedOffer | undefined;
    }
  | { readonly type: 'peerLeft'; readonly peerId: string }
  /** Where edges and trackers are from now on, in place of those told before: after `welcome`, and on every change. */
  | {
      readonly type: 'edges';
      readonly edges: readonly string[];
      readonly trackers: readonly string[];
      /** Told again before their credentials run out. */
      readonly iceServers?: readonly IceServer[] | undefined;
    };

/** What mediasoup-client needs: passed through to it, so its inner shape is its own. */
export interface SeedOffer {
  /** A relay feeds it, not the tracker's own edge: that is not to blame for what comes. */
  readonly ofRelay?: boolean | undefined;
  readonly routerRtpCapabilities: unknown;
  readonly transport: {
    readonly id: string;
    readonly iceParameters: unknown;
    readonly iceCandidates: readonly unknown[];
    readonly dtlsParameters: unknown;
    readonly sctpParameters: unknown;
  };
  readonly consumer: {
    readonly id: string;
    readonly dataProducerId: string;
    readonly sctpStreamParameters: unknown;
    readonly label: string;
    readonly protocol: string;
  };
}

const seedOfferSchema: z.ZodMiniType<SeedOffer> = z.object({
  ofRelay: z.optional(z.boolean()),
  routerRtpCapabilities: z.unknown(),
  transport: z.object({
    id: z.string(),
    iceParameters: z.unknown(),
    iceCandidates: z.array(z.unknown()),
    dtlsParameters: z.unknown(),
    sctpParameters: z.unknown(),
  }),
  consumer: z.object({
    id: z.string(),
    dataProducerId: z.string(),
    sctpStreamParameters: z.unknown(),
    label: z.string(),
    protocol: z.string(),
  }),
});

export const trackerMessageSchema: z.ZodMiniType<TrackerMessage> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    peerId: idSchema,
    secret: z.string().check(z.maxLength(64)),
    serverTimeMs: z.number(),
    primaryStripe: stripeNumberSchema,
    reportIntervalMs: z.int().check(z.minimum(1000)),
    neighbours: z.array(neighbourSchema).check(z.maxLength(INTRODUCTION_MAX)),
    proposals: z.array(proposalSchema).check(z.maxLength(16)),
  }),
  z.object({
    type: z.literal('introduce'),
    neighbours: z.array(neighbourSchema).check(z.maxLength(INTRODUCTION_MAX)),
    proposals: z.array(proposalSchema).check(z.maxLength(16)),
  }),
  z.object({
    type: z.literal('signal'),
    from: idSchema,
    data: z.string().check(z.maxLength(SIGNAL_LENGTH_MAX)),
  }),
  z.object({
    type: z.literal('seed'),
    stripes: z.array(stripeNumberSchema).check(z.maxLength(16)),
    transport: z.enum(['webrtc', 'http']),
    solo: z.boolean(),
    webrtc: z.optional(seedOfferSchema),
  }),
  z.object({ type: z.literal('peerLeft'), peerId: idSchema }),
  z.object({
    type: z.literal('edges'),
    edges: z.array(addressSchema).check(z.maxLength(EDGES_TOLD_MAX)),
    trackers: z.array(addressSchema).check(z.maxLength(TRACKERS_TOLD_MAX)),
    iceServers: z.optional(z.array(iceServerSchema).check(z.maxLength(16))),
  }),
]);
