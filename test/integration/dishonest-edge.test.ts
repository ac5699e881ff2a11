import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ListenerEnvironment, OpenSocket, Peer } from '../../client/listener/environment.ts';
import { createNodeEnvironment, closeNodeEnvironment } from '../../server/listener/node-environment.ts';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import type { StationDescription } from '../../shared/station/description.ts';
import { LISTENER_HEADER, startDishonestEdge } from '../support/dishonest-edge.ts';
import type { DishonestEdge, Misdeed } from '../support/dishonest-edge.ts';
import { openSocketFrom } from '../support/local-address.ts';
import { allHearOn, expectFlawless as flawless } from '../support/flawless-hearing.ts';
import { listenInNode } from '../support/node-listener.ts';
import type { NodeListener } from '../support/node-listener.ts';
import { startTestRelay } from '../support/public-relay.ts';
import type { TestRelay } from '../support/public-relay.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { pollUntil } from '../support/swarm-poll.ts';
import { waitFor } from '../support/wait-for.ts';

const FAR_MS = 150;
const environment = createNodeEnvironment();
let origin: TestServer;
let edge: DishonestEdge;
let relay: TestRelay;
let listeners: NodeListener[] = [];
let complaints: string[] = [];

beforeAll(async () => {
  // Every stripe comes over HTTP.
  origin = await startTestServer({ config: { webrtc: { enabled: false } } });
  await waitFor('there is sound', () => (theMount().window.newest?.header.sequence ?? 0) >= 20, 20_000);
});
beforeEach(async () => {
  complaints = [];
  edge = await startDishonestEdge(`${origin.url}/api/mounts/${theMount().id}/stream`);
  const [station] = origin.stations;
  relay = await startTestRelay({
    stationKey: station?.publicKeyText ?? '',
    upstreams: [origin.url.replace('localhost', '127.0.0.1')],
    publicUrl: edge.url,
    isTracking: false,
    seeds: false,
  });
  edge.passTo(relay.url);
  await untilOffered(true);
});
afterEach(async () => {
  await Promise.all(listeners.splice(0).map(({ listener }) => listener.stop()));
  await edge.stop();
  await relay.stop();
});
afterAll(async () => {
  await origin.stop();
  closeNodeEnvironment();
});

function theMount(): TestServer['stations'][number]['mounts'][number] {
  const mount = origin.stations[0]?.mounts[0];
  if (mount === undefined) throw new Error('Cannot test without a mount');
  return mount;
}

const describeStation = async (): Promise<StationDescription> =>
  stationDescriptionSchema.parse(await (await fetch(`${origin.url}/api/stations/demo`)).json());

async function untilOffered(isOffered: boolean): Promise<void> {
  await pollUntil(
    `the relay is ${isOffered ? '' : 'no longer '}offered`,
    20_000,
    async () => (await describeStation()).edges.includes(edge.url) === isOffered,
  );
}

/** Three whom no link reaches, each at an address of its own: all their sound is from edges. And two who share. */
async function startListeners(): Promise<void> {
  const station = await describeStation();
  expect(station.edges).toEqual([edge.url, origin.url]);
  listeners = [
    ...['127.0.0.2', '127.0.0.3', '127.0.0.4'].map((address) =>
      listenInNode(station, { ...here(address), createPeer: () => UNREACHABLE }),
    ),
    ...['127.0.0.5', '127.0.0.6'].map((address) => listenInNode(station, here(address))),
  ];
  await waitFor('everyone hears', () => listeners.every(({ played }) => played.length >= 8), 20_000);
}

/** The station's own edge is the farther one: all prefer the relay, as long as it behaves. */
const here = (address: string): ListenerEnvironment => ({
  ...environment,
  openSocket: overhearing(openSocketFrom(address)),
  fetch: async (input, init) => {
    const address = input instanceof Request ? input.url : input.toString();
    if (address.startsWith(origin.url)) await new Promise((resolve) => setTimeout(resolve, FAR_MS));
    return await environment.fetch(input, { ...init, headers: { [LISTENER_HEADER]: '1' } });
  },
});

const UNREACHABLE: Peer = {
  signal: () => undefined,
  send: () => undefined,
  bufferedAmount: () => 0,
  destroy: () => undefined,
};

const overhearing =
  (open: OpenSocket): OpenSocket =>
  (address, handlers) => {
    const socket = open(address, handlers);
    return {
      ...socket,
      send: (text) => {
        if (text.includes('"edgeComplaint"')) complaints.push(text);
        socket.send(text);
      },
    };
  };

const hearOn = (chunks: number): Promise<void> => allHearOn(listeners, chunks);
const expectFlawless = (): void => flawless(listeners, theMount().window);

describe('a public relay that is honest to the station alone, and', () => {
  test.each([
    ['forges', ['forged']],
    // Its stream is late, and single chunks it says that it has not when they are asked for.
    ['delays', ['late', 'withheld']],
    ['withholds', ['withheld']],
  ] as const)(
    '%s, is left by every listener for that, and dropped by the station at their word; nobody hears it',
    async (misdeed: Misdeed, reasons: readonly string[]) => {
      // Who delays has done so all the time; the others have been honest before.
      if (misdeed === 'delays') edge.misdeed = misdeed;
      await startListeners();
      await waitFor('they take its stream', () => edge.streamCount() >= 3, 20_000);
      edge.misdeed = misdeed;
      await waitFor('nobody streams from it any more', () => edge.streamCount() === 0, 60_000);
      await untilOffered(false);
      expect(edge.misdeedCount()).toBeGreaterThan(0);
      expect(complaints.length).toBeGreaterThanOrEqual(3);
      for (const complaint of complaints.map((text): unknown => JSON.parse(text))) {
        expect(complaint).toMatchObject({ type: 'edgeComplaint', address: edge.url });
        expect(complaint).toHaveProperty('reason', expect.toBeOneOf([...reasons]));
      }
      await hearOn(12);
      expectFlawless();
      expect(edge.streamCount()).toBe(0);
    },
  );

  test('is overloaded whatever it says of its load, serves nobody for long, and nobody hears it', async () => {
    edge.misdeed = 'is overloaded';
    await startListeners();
    await hearOn(24);
    await waitFor('nobody streams from it any more', () => edge.streamCount() === 0, 30_000);
    expect(edge.misdeedCount()).toBeGreaterThan(0);
    expectFlawless();
  });
});
