import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import type { StationDescription } from '../../shared/station/description.ts';
import { closeNodeEnvironment, createNodeEnvironment } from '../../server/listener/node-environment.ts';
import { freePort } from '../support/icecast.ts';
import { isGapless, listenInNode } from '../support/node-listener.ts';
import type { NodeListener } from '../support/node-listener.ts';
import { startTestRelay } from '../support/public-relay.ts';
import type { TestRelay } from '../support/public-relay.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait-for.ts';

const environment = createNodeEnvironment();
const SOUND_MS_MAX = 40_000;

let origin: TestServer;
let relays: TestRelay[];
let listeners: NodeListener[];

beforeEach(async () => {
  const ports = [await freePort(), await freePort()];
  origin = await startTestServer({
    config: {
      stations: [
        {
          id: 'demo',
          name: 'Demo',
          mounts: [{ path: '/live.mp3', sources: ['demo'] }],
          feed: ports.map((port) => `http://127.0.0.1:${port}`),
        },
      ],
    },
  });
  const [station] = origin.stations;
  const stationKey = station?.publicKeyText ?? '';
  relays = await Promise.all(
    ports.map((port) => startTestRelay({ stationKey, upstreams: [origin.url], port })),
  );
  listeners = [];
});
afterEach(async () => {
  await Promise.all(listeners.map(({ listener }) => listener.stop()));
  await Promise.all(relays.map((relay) => relay.stop()));
  await origin.stop();
});
afterAll(() => {
  closeNodeEnvironment();
});

async function describeAt(url: string): Promise<StationDescription> {
  return stationDescriptionSchema.parse(await (await fetch(`${url}/api/stations/demo`)).json());
}

async function untilAllOffered(): Promise<StationDescription> {
  const end = performance.now() + 20_000;
  for (;;) {
    const station = await describeAt(origin.url);
    if (relays.every(({ url }) => station.edges.includes(url))) return station;
    if (performance.now() > end) throw new Error('Cannot see both relays offered within 20 s');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Everyone hears so many more chunks. */
async function hearOn(who: readonly NodeListener[], chunks: number, when: string): Promise<void> {
  const marks = who.map(({ played }) => played.length);
  await waitFor(
    `everyone plays on ${when}`,
    () => who.every(({ played }, index) => played.length >= (marks[index] ?? 0) + chunks),
    SOUND_MS_MAX,
  );
}

describe('listeners of a station with two public relays', () => {
  test('hear no gap when the station is cut off, then a relay is killed, and newcomers join through the other', async () => {
    const station = await untilAllOffered();
    listeners = Array.from({ length: 6 }, () => listenInNode(station, environment));
    await hearOn(listeners, 12, 'at first');

    // The origin's public side is gone: no page, no API, no tracker. What it sends out by itself goes on.
    origin.tracker.suspend();
    origin.http.close();
    origin.http.closeAllConnections();
    await hearOn(listeners, 40, 'without the origin');

    const [first, second] = relays;
    if (first === undefined || second === undefined) throw new Error('Cannot test without two relays');
    const newcomer = listenInNode(await describeAt(second.url), environment);
    listeners.push(newcomer);
    await hearOn([newcomer], 8, 'after joining through a relay');

    await first.stop();
    await hearOn(listeners, 40, 'with one relay left');

    for (const one of listeners) {
      expect(isGapless(one)).toBe(true);
      expect(one.skipped()).toBe(0);
      const { counters } = one.listener.snapshot();
      expect(counters.chunksInTime).toBe(counters.chunksDue);
    }
    const heard = listeners.reduce(
      (sum, { listener }) => sum + listener.snapshot().counters.chunkBytesFromPeers,
      0,
    );
    expect(heard).toBeGreaterThan(0);
  });
});
