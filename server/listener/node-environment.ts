import { webcrypto } from 'node:crypto';
import { createRequire } from 'node:module';
import { Device } from 'mediasoup-client';
import { Chrome111 } from 'mediasoup-client/handlers/Chrome111';
import { cleanup } from 'node-datachannel';
import type { ListenerEnvironment } from '../../client/listener/environment.ts';
import { seedTransportOpener } from '../../client/listener/seed-transport.ts';
import { simplePeerFactory } from '../../client/listener/simple-peer-link.ts';
import type { SimplePeer, SimplePeerOptions } from '../../client/listener/simple-peer-link.ts';
import { systemClock } from '../../client/listener/system-clock.ts';
import { createVerifier } from '../../client/listener/verifier.ts';
import { openWebSocket } from '../../client/listener/web-socket.ts';
import { candidatesAfterAnswer } from './candidates-after-answer.ts';
import { installWebRtcGlobals, nodeWebRtc } from './node-webrtc.ts';

/** Everything a listener needs, as Node has it: WebRTC by node-datachannel. One for all listeners of a process. */
export function createNodeEnvironment(): ListenerEnvironment {
  return {
    ...systemClock,
    random: Math.random,
    fetch: globalThis.fetch,
    openSocket: openWebSocket,
    createPeer: candidatesAfterAnswer(
      simplePeerFactory((options) => new SimplePeerClass({ ...options, wrtc: nodeWebRtc })),
    ),
    createVerifier: (publicKey) => createVerifier(publicKey, webcrypto.subtle),
    loadSeedTransport: async () => {
      installWebRtcGlobals();
      return await Promise.resolve(seedTransportOpener(createNodeDevice, systemClock));
    },
  };
}

// By `require`, as the types that go with it speak of the browser's classes, and node-datachannel's are not those.
const SimplePeerClass: new (options: NodePeerOptions) => SimplePeer = createRequire(import.meta.url)(
  'simple-peer',
);
interface NodePeerOptions extends SimplePeerOptions {
  readonly wrtc: typeof nodeWebRtc;
}

/** Free node-datachannel's threads: once, before the process ends, when every listener has stopped. */
export const closeNodeEnvironment = (): void => {
  cleanup();
};

/** mediasoup-client with the handler that speaks plain unified-plan SDP; it is not asked for media, Node has none. */
const createNodeDevice = async (): Promise<Device> =>
  await Promise.resolve(
    new Device({
      handlerFactory: {
        ...Chrome111.createFactory({}),
        getNativeRtpCapabilities: () => Promise.resolve({ codecs: [], headerExtensions: [] }),
      },
    }),
  );
