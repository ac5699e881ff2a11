import type { ListenerEnvironment } from './environment.ts';
import { lazyPeers } from './lazy-peers.ts';
import { systemClock } from './system-clock.ts';
import { createVerifier } from './verifier.ts';
import { openWebSocket } from './web-socket.ts';

const hasWebRtc = typeof RTCPeerConnection === 'function';

/** Everything a listener needs, as a page has it. */
export const browserEnvironment: ListenerEnvironment = {
  ...systemClock,
  random: Math.random,
  fetch: globalThis.fetch.bind(globalThis),
  openSocket: openWebSocket,
  createPeer: hasWebRtc
    ? lazyPeers(async () => (await import('./browser-peers.ts')).createBrowserPeer)
    : null,
  // `subtle` is missing in an insecure context, whatever the types say.
  createVerifier: (publicKey) => createVerifier(publicKey, isSecureContext ? crypto.subtle : null),
  loadSeedTransport: hasWebRtc
    ? async () => {
        const [{ Device }, { seedTransportOpener }] = await Promise.all([
          import('mediasoup-client'),
          import('./seed-transport.ts'),
        ]);
        return seedTransportOpener(() => Device.factory(), systemClock);
      }
    : null,
  onPageHide: (run) => {
    addEventListener('pagehide', run);
    return () => {
      removeEventListener('pagehide', run);
    };
  },
};
