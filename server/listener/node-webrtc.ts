import {
  RTCError,
  RTCIceCandidate,
  RTCPeerConnection as PolyfillPeerConnection,
  RTCSessionDescription,
} from 'node-datachannel/polyfill';

/**
 * node-datachannel's classes as simple-peer and mediasoup-client want them: both write into descriptions, whose `sdp` has
 * only a getter there.
 */
class NodePeerConnection extends PolyfillPeerConnection {
  override async createOffer(): Promise<PlainDescription> {
    return plain(await super.createOffer());
  }

  override async createAnswer(): Promise<PlainDescription> {
    return plain(await super.createAnswer());
  }
}

export const nodeWebRtc = { RTCPeerConnection: NodePeerConnection, RTCSessionDescription, RTCIceCandidate };

/** mediasoup-client takes its classes from the global scope; node-datachannel itself expects RTCError there. */
export function installWebRtcGlobals(): void {
  for (const [name, value] of Object.entries(GLOBALS)) {
    if (!(name in globalThis))
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}

/** Made but never used where there is no media. */
class NoMediaStream {
  readonly id = 'none';
}

const GLOBALS = {
  RTCPeerConnection: NodePeerConnection,
  RTCSessionDescription,
  RTCIceCandidate,
  RTCError,
  MediaStream: NoMediaStream,
};

Object.defineProperty(globalThis, 'RTCError', { value: RTCError, configurable: true, writable: true });

interface PlainDescription {
  readonly type: string;
  sdp: string;
}

const plain = ({ type, sdp }: { readonly type: string; readonly sdp: string }): PlainDescription => ({
  type,
  sdp,
});
