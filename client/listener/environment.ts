import type { IceServer } from '../../shared/station/description.ts';
import type { LinkEnd } from '../../shared/swarm/engine-io.ts';
import type { SeedOffer } from '../../shared/tracker/messages.ts';
import type { Millis, RandomSource } from '../../shared/units.ts';

/** The clock and the timer that a driver runs on: the real one, or a test's. */
export interface Clock {
  /** Monotonic milliseconds, any origin. */
  now(): Millis;
  /** Run once after `delayMs`; the result takes the timer back, and does nothing once it has run. */
  after(delayMs: number, run: () => void): CancelTimer;
}
export type CancelTimer = () => void;

/** All that a listener takes from where it runs: a browser, Node, or a test. */
export interface ListenerEnvironment extends Clock {
  readonly random: RandomSource;
  readonly fetch: typeof globalThis.fetch;
  readonly openSocket: OpenSocket;
  /** Null where there is no WebRTC: everything comes over HTTP. */
  readonly createPeer: CreatePeer | null;
  /** @param publicKey Ed25519, 32 bytes in base64url. */
  readonly createVerifier: (publicKey: string) => Verifier;
  /** Loaded only in a listener chosen as a seed. Null where there is no WebRTC. */
  readonly loadSeedTransport: (() => Promise<OpenSeedTransport>) | null;
  /** Calls back when the page goes away; the result stops that. */
  readonly onPageHide?: (run: () => void) => () => void;
}

/** Open a WebSocket. Handlers are never called before this returns, nor after `onClose`. */
export type OpenSocket = (address: string, handlers: SocketHandlers) => Socket;
export interface SocketHandlers {
  readonly onOpen: () => void;
  readonly onText: (text: string) => void;
  /** Once, also when it never opened. */
  readonly onClose: (code: number) => void;
}
export interface Socket {
  /** Does nothing unless the socket is open. */
  send(text: string): void;
  close(): void;
}

/** One end of a WebRTC link with one data channel. */
export type CreatePeer = (options: PeerOptions, handlers: PeerHandlers) => Peer;
export interface PeerOptions {
  readonly initiator: boolean;
  readonly iceServers: readonly IceServer[];
}
export interface PeerHandlers {
  readonly onSignal: (signal: PeerSignal) => void;
  readonly onConnect: () => void;
  readonly onData: (data: Uint8Array) => void;
  /** Once. `reason` is for the log; `end`, when it is not said, is `closed`. */
  readonly onClose: (reason: string, end?: LinkEnd) => void;
}
export interface Peer {
  signal(signal: PeerSignal): void;
  /** May throw when the channel is closing. */
  send(data: Uint8Array): void;
  /** Bytes given to the channel and not yet sent. */
  bufferedAmount(): number;
  destroy(): void;
}

/** What two ends of a link must tell each other to connect. */
export type PeerSignal =
  | { readonly type: 'offer' | 'answer'; readonly sdp: string }
  | { readonly type: 'candidate'; readonly candidate: IceCandidate };
export interface IceCandidate {
  readonly candidate: string;
  readonly sdpMid: string | null;
  readonly sdpMLineIndex: number | null;
}

/** Whether `signature` over `message` is the station's. */
export type Verifier = (message: Uint8Array, signature: Uint8Array) => Promise<boolean>;

/** Take an edge's stripes over WebRTC. Nothing is called after `onFailed`, nor after `close`. */
export type OpenSeedTransport = (offer: SeedOffer, handlers: SeedTransportHandlers) => SeedTransport;
export interface SeedTransportHandlers {
  /** Tell the tracker our side of the DTLS hand-shake. */
  readonly onConnect: (dtlsParameters: unknown) => void;
  readonly onOpen: () => void;
  readonly onMessage: (data: Uint8Array) => void;
  readonly onFailed: (reason: string) => void;
}
export interface SeedTransport {
  close(): void;
}
