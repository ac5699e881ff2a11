import type { LinkEnd } from '../../shared/swarm/engine-io.ts';
import type { IceServer } from '../../shared/station/description.ts';
import type { CreatePeer, PeerOptions, PeerSignal } from './environment.ts';

/** As much of simple-peer 9 as is used: its stream side is never written to. */
export interface SimplePeer {
  on(event: 'signal', listener: (signal: unknown) => void): unknown;
  on(event: 'data', listener: (data: unknown) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'connect' | 'close', listener: () => void): unknown;
  signal(signal: PeerSignal): void;
  send(data: Uint8Array): void;
  destroy(): void;
  /** The channel's bufferedAmount. */
  readonly bufferSize: number;
}
export interface SimplePeerOptions {
  readonly initiator: boolean;
  readonly trickle: boolean;
  /** Keeps message boundaries whatever the reader's pace. */
  readonly objectMode: boolean;
  readonly channelConfig: { readonly ordered: boolean };
  readonly config: { readonly iceServers: IceServer[] };
}

/**
 * Links by simple-peer. The channel is reliable and unordered: a lost packet holds up one chunk, not those behind it.
 * @param create makes simple-peer's object, with the WebRTC classes that it shall use
 */
export function simplePeerFactory(create: (options: SimplePeerOptions) => SimplePeer): CreatePeer {
  return (options, handlers) => {
    const peer = create(simplePeerOptions(options));
    let failure: string | null = null;
    let end: LinkEnd = 'closed';
    let closed = false;
    const close = (): void => {
      if (closed) return;
      closed = true;
      handlers.onClose(failure ?? NORMAL_CLOSE, end);
    };
    peer.on('signal', (signal) => {
      const known = readSignal(signal);
      if (known !== null) handlers.onSignal(known);
    });
    peer.on('connect', () => {
      handlers.onConnect();
    });
    peer.on('data', (data) => {
      if (data instanceof Uint8Array) handlers.onData(plainView(data));
      else {
        failure = 'sent text';
        peer.destroy();
      }
    });
    peer.on('error', (error) => {
      if (isFailedConnection(error)) end = 'unreachable';
      failure ??= isNormalClose(error) ? NORMAL_CLOSE : error.message;
    });
    peer.on('close', close);
    return {
      signal: (signal) => {
        peer.signal(signal);
      },
      send: (data) => {
        peer.send(data);
      },
      bufferedAmount: () => peer.bufferSize,
      destroy: () => {
        peer.destroy();
      },
    };
  };
}

const simplePeerOptions = (options: PeerOptions): SimplePeerOptions => ({
  initiator: options.initiator,
  trickle: true,
  objectMode: true,
  channelConfig: { ordered: false },
  // Always given, and a copy of each: the default is other people's servers, and Node's classes write into it.
  config: { iceServers: options.iceServers.map((server) => ({ ...server })) },
});

const NORMAL_CLOSE = 'closed by the other end';

/** The other end's `destroy()` may first show as an aborted channel. */
const isNormalClose = (error: Error): boolean => /User-Initiated Abort|Close called/.test(error.message);

/** Without Buffer's methods, and without its name in the rest of the code: a view of the same bytes. */
const plainView = (data: Uint8Array): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** simple-peer's words for ICE or DTLS that came to nothing. */
const isFailedConnection = (error: Error): boolean => /^(Ice c|C)onnection failed/.test(error.message);

/** Offers, answers and candidates; simple-peer's requests for media do not concern us. */
function readSignal(signal: unknown): PeerSignal | null {
  if (!isRecord(signal)) return null;
  const { type, sdp, candidate } = signal;
  if ((type === 'offer' || type === 'answer') && typeof sdp === 'string') return { type, sdp };
  if (!isRecord(candidate) || typeof candidate['candidate'] !== 'string') return null;
  const { sdpMid, sdpMLineIndex } = candidate;
  return {
    type: 'candidate',
    candidate: {
      candidate: candidate['candidate'],
      sdpMid: typeof sdpMid === 'string' ? sdpMid : null,
      sdpMLineIndex: typeof sdpMLineIndex === 'number' ? sdpMLineIndex : null,
    },
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
