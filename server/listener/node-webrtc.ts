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

/**
 * For mediasoup-client. The edge drops DTLS messages that come before it knows our fingerprint, and libdatachannel sends
 * its next one only a second later: so the candidates, without which nothing is sent, come a moment after the rest.
 */
class SeedPeerConnection extends NodePeerConnection {
  override async setRemoteDescription(description: RemoteDescription): Promise<void> {
    const sdp = description.sdp ?? '';
    const candidates = Array.from(sdp.matchAll(CANDIDATE), ([, candidate]) => candidate ?? '');
    await super.setRemoteDescription({ type: description.type, sdp: sdp.replaceAll(CANDIDATE_LINES, '') });
    setTimeout(() => {
      void this.#addCandidates(candidates);
    }, FINGERPRINT_HEAD_START_MS);
  }

  async #addCandidates(candidates: readonly string[]): Promise<void> {
    try {
      for (const candidate of candidates) {
        await this.addIceCandidate(new RTCIceCandidate({ candidate, sdpMid: '0' }));
      }
    } catch {
      // Closed meanwhile, or candidates of another kind: without any, the set-up's time-out tells.
    }
  }
}

type RemoteDescription = Parameters<PolyfillPeerConnection['setRemoteDescription']>[0];

const FINGERPRINT_HEAD_START_MS = 60;
const CANDIDATE = /^a=(candidate:.*?)\r?$/gm;
const CANDIDATE_LINES = /^a=(?:candidate:.*|end-of-candidates)\r?\n/gm;

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
  RTCPeerConnection: SeedPeerConnection,
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
