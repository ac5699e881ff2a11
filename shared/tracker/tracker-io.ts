import type { Millis, MountId, PeerId, Stripe, UnixMillis } from '../units.ts';
import type { Identities } from './identity.ts';
import type { EdgeComplaintReason, ListenerMessage, SeedTransport, TrackerMessage } from './messages.ts';

/** Names one socket while it is open; given by the driver, never used again. */
export type ConnectionId = number;

export interface TrackerOptions {
  /** Under this many listeners the edge serves everyone, showing nobody anybody's address. */
  readonly smallSwarmSize: number;
  readonly peersPerAddressMax: number;
  readonly swarmSizeMax: number;
  readonly messagesPerSecondMax: number;
  /** In small swarms; larger ones report less often. */
  readonly reportIntervalMs: number;
  /** A server's are digests of their secrets; without it they are random. */
  readonly identities?: Identities;
  /** The origin's clock at an instant of the tracker's. */
  readonly unixTime: (now: Millis) => UnixMillis;
}

export type TrackerInput =
  | { readonly type: 'mountAdded'; readonly mountId: MountId; readonly bitrateKbps: number }
  /** Its listeners are sent away. */
  | { readonly type: 'mountRemoved'; readonly mountId: MountId }
  | { readonly type: 'connected'; readonly connection: ConnectionId; readonly address: string }
  | { readonly type: 'message'; readonly connection: ConnectionId; readonly message: ListenerMessage }
  | { readonly type: 'disconnected'; readonly connection: ConnectionId }
  /** Whether seeds of the mount can be fed over WebRTC. Down until told otherwise. */
  | { readonly type: 'seedPath'; readonly mountId: MountId; readonly up: boolean }
  /** A seed's send buffer is full. */
  | { readonly type: 'seedStalled'; readonly mountId: MountId; readonly peerId: PeerId }
  /** A seed's WebRTC transport could not be made, or is gone. */
  | { readonly type: 'seedLost'; readonly mountId: MountId; readonly peerId: PeerId }
  /** Nothing happened but time: `deadline()` has passed. */
  | { readonly type: 'tick' };

/** The seed's orders are the whole truth: these stripes this way from now on, and nothing else. */
export interface SeedAssignment {
  readonly type: 'assignSeed';
  readonly connection: ConnectionId;
  readonly mountId: MountId;
  readonly peerId: PeerId;
  readonly stripes: readonly Stripe[];
  readonly transport: SeedTransport;
  readonly solo: boolean;
}

export type TrackerOutput =
  | { readonly type: 'send'; readonly connection: ConnectionId; readonly message: TrackerMessage }
  | {
      readonly type: 'close';
      readonly connection: ConnectionId;
      readonly code: number;
      readonly reason: string;
    }
  /**
   * The driver makes (`webrtc`) or ends (`http`, or no stripes) the seed's transport and sends the `seed` message. A
   * later assignment for the same peer replaces an earlier one that is still under way.
   */
  | SeedAssignment
  /** The peer is gone: end its seed transport, if it has one. */
  | { readonly type: 'releaseSeed'; readonly mountId: MountId; readonly peerId: PeerId }
  | {
      readonly type: 'connectSeed';
      readonly mountId: MountId;
      readonly peerId: PeerId;
      readonly transportId: string;
      readonly dtlsParameters: unknown;
    }
  /** The seed says that what it is fed by over WebRTC does not do; its next order says what follows. */
  | {
      readonly type: 'seedFailed';
      readonly mountId: MountId;
      readonly peerId: PeerId;
      readonly reason: string;
      /** Its address. */
      readonly complainant: string;
    }
  /** Members at several addresses have complained of the one with this connection. */
  | { readonly type: Verdict; readonly member: ConnectionId }
  /** A member complains of an edge. `complainant`: its address, to be counted once whatever it says. */
  | {
      readonly type: 'edgeComplaint';
      readonly mountId: MountId;
      readonly address: string;
      readonly reason: EdgeComplaintReason;
      readonly complainant: string;
    };

/**
 * What many complaints make of a member. `distrusted`: nobody's neighbour any more. `resting`: a community relay that
 * children let go for late chunks is nobody's seed or proposed parent for RELAY_REST.
 */
export type Verdict = 'distrusted' | 'resting';

/** For statistics and tests. */
export interface TrackerSnapshot {
  readonly connections: number;
  readonly addresses: number;
  /** Entries waiting for a deadline. */
  readonly pending: number;
  readonly swarms: readonly SwarmSnapshot[];
}

export interface SwarmSnapshot {
  readonly mountId: MountId;
  readonly mode: SwarmMode;
  readonly seedPathUp: boolean;
  /** Listeners connected, and members including those whose connection was just lost. */
  /** Connected, community relays apart. */
  readonly listeners: number;
  readonly relays: number;
  readonly members: number;
  readonly seeds: readonly { readonly stripe: Stripe; readonly peerIds: readonly PeerId[] }[];
  readonly bytesFromPeers: number;
  readonly bytesFromEdges: number;
}

/** `solo`: too small to show addresses, the edge serves all of it. `mesh`: listeners serve each other. */
export type SwarmMode = 'solo' | 'mesh';
