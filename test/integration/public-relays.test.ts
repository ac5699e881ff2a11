import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import type { StationDescription } from '../../shared/station/description.ts';
import type { ChunkPosition } from '../../server/follow/followed-mount.ts';
import { openStream } from '../support/http-stream.ts';
import { startTestRelay } from '../support/public-relay.ts';
import type { TestRelay } from '../support/public-relay.ts';
import { startTamperingEdge } from '../support/tampering-edge.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { freePort } from '../support/icecast.ts';
import { TrackerClient } from '../support/tracker-client.ts';
import { waitFor } from '../support/wait-for.ts';

const STATION = { id: 'demo', name: 'Demo', mounts: [{ path: '/live.mp3', sources: ['demo'] }] };
const ADMIN = { user: 'admin', password: 'only-in-tests' };

let origin: TestServer;
let stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  stops = [];
  await startOrigin();
});
afterEach(async () => {
  for (const stop of stops.toReversed()) await stop();
});

async function startOrigin(config: Record<string, unknown> = {}): Promise<void> {
  const started = await startTestServer({ config: { webrtc: { enabled: false }, ...config } });
  stops.push(() => started.stop());
  origin = started;
}

async function startRelay(options: Partial<Parameters<typeof startTestRelay>[0]> = {}): Promise<TestRelay> {
  const relay = await startTestRelay({
    stationKey: stationKey(),
    upstreams: [origin.url.replace('localhost', '127.0.0.1')],
    ...options,
  });
  stops.push(() => relay.stop());
  return relay;
}

const stationKey = (): string => origin.stations[0]?.publicKeyText ?? '';

async function describeAt(url: string): Promise<StationDescription> {
  const response = await fetch(`${url}/api/stations/demo`);
  return stationDescriptionSchema.parse(await response.json());
}

/** Follows what the origin tells listeners until it does, or does not, name the relay. */
async function untilOffered(relay: { readonly url: string }, isOffered: boolean): Promise<void> {
  await until(`${relay.url} is ${isOffered ? '' : 'not '}offered`, async () => {
    const { edges } = await describeAt(origin.url);
    return edges.includes(relay.url) === isOffered;
  });
}

async function until(what: string, condition: () => Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Cannot see that ${what} within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const newestOf = (relay: TestRelay): ChunkPosition | null => relay.relay.station?.mounts[0]?.newest ?? null;
function firstMount(): TestServer['stations'][number]['mounts'][number] {
  const mount = origin.stations[0]?.mounts[0];
  if (mount === undefined) throw new Error('Cannot test without a mount');
  return mount;
}
const originNewest = (): number => firstMount().window.newest?.header.sequence ?? -1;

/** Every chunk in the relay's window is the origin's, byte for byte, and none is missing. */
function expectSameWindow(relay: TestRelay): void {
  const ours = firstMount().window;
  const theirs = relay.relay.station?.mounts[0]?.window.burst(Infinity) ?? [];
  expect(theirs.length).toBeGreaterThan(0);
  for (const chunk of theirs) {
    const found = ours.lookUp(chunk.header.epoch, chunk.header.sequence);
    if (found.state === 'held') expect(Buffer.from(chunk.wire).equals(found.chunk.wire)).toBe(true);
  }
  const numbers = theirs.map(({ header }) => header.sequence);
  expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
}

describe('a public relay', () => {
  test('takes one copy of the station and serves it as an edge: page, API, burst, old players, tracker', async () => {
    const relay = await startRelay();
    await waitFor('the relay holds sound', () => newestOf(relay) !== null);
    await waitFor('it goes on', () => (newestOf(relay)?.sequence ?? 0) > originNewest() - 2);
    expectSameWindow(relay);
    const described = await describeAt(relay.url);
    expect(described).toMatchObject({ id: 'demo', publicKey: stationKey() });
    expect(described.edges[0]).toBe(relay.url);
    expect(described.trackers[0]).toBe(`${relay.url.replace('http', 'ws')}/tracker`);
    expect(described.mounts[0]?.codec).toMatchObject({ codec: 'mp3' });
    const burst = await fetch(`${relay.url}/api/mounts/${described.mounts[0]?.id}/burst?seconds=1`);
    expect((await burst.arrayBuffer()).byteLength).toBeGreaterThan(4000);
    expect(origin.egress.totals(firstMount().id).relay).toBeGreaterThan(0);
  });

  test('is offered to listeners once it is probed, and no longer within 5 s of its end', async () => {
    const relay = await startRelay({ nickname: 'La cave' });
    await untilOffered(relay, true);
    const { edges } = await describeAt(origin.url);
    expect(edges.at(-1)).toBe(origin.url);
    const thanks = await (await fetch(`${origin.url}/api/relays`)).json();
    expect(thanks).toMatchObject({ relays: [{ nickname: 'La cave' }] });
    expect(JSON.stringify(thanks)).not.toContain('127.0.0.1');
    const endedAt = performance.now();
    await relay.stop();
    await untilOffered(relay, false);
    expect(performance.now() - endedAt).toBeLessThan(8000);
  });

  test('goes on at another relay when the origin is gone, and loops are refused', async () => {
    const first = await startRelay();
    await waitFor('the first serves', () => first.relay.edge !== null && newestOf(first) !== null);
    const second = await startRelay({ upstreams: [first.url, origin.url] });
    await waitFor('the second holds sound', () => newestOf(second) !== null);
    const { id } = firstMount();
    const asked = await fetch(`${second.url}/api/mounts/${id}/stream?cause=relay&relay=${first.relayKey}`);
    expect(asked.status).toBe(508);
    await asked.body?.cancel();
    const itself = await fetch(`${first.url}/api/mounts/${id}/stream?cause=relay&relay=${first.relayKey}`);
    expect(itself.status).toBe(508);
    await itself.body?.cancel();
    await first.stop();
    const before = newestOf(second)?.sequence ?? 0;
    await waitFor('the second goes on', () => (newestOf(second)?.sequence ?? 0) > before + 8, 15_000);
    expectSameWindow(second);
  });

  test('two relays that lost their origin do not feed each other in a circle', async () => {
    const first = await startRelay();
    const second = await startRelay({ upstreams: [origin.url, first.url] });
    await waitFor('both hold sound', () => newestOf(first) !== null && newestOf(second) !== null);
    await origin.stop();
    const { id } = firstMount();
    await until('neither gives what it does not get', async () => {
      const answers = await Promise.all(
        [first, second].map(async (relay, index) => {
          const asker = index === 0 ? second.relayKey : first.relayKey;
          const answer = await fetch(`${relay.url}/api/mounts/${id}/stream?cause=relay&relay=${asker}`);
          await answer.body?.cancel();
          return answer.status;
        }),
      );
      return answers.every((status) => status === 503);
    });
  });
});

const streamOf = (url: string): string => `${url}/api/mounts/${firstMount().id}/stream`;
const statusAt = async (url: string): Promise<number> => {
  const response = await fetch(url);
  await response.body?.cancel();
  return response.status;
};

describe('what a volunteer gives', () => {
  test('is for so many listeners, of whatever kind: more are refused until one leaves', async () => {
    const relay = await startRelay({ limits: { uploadKbps: 20_000, listenersMax: 2 } });
    await waitFor('it serves', () => relay.relay.edge !== null && newestOf(relay) !== null);
    await waitFor('it has the codec', () => relay.relay.station?.mounts[0]?.description().codec !== null);
    const chunks = await openStream(streamOf(relay.url));
    const player = await openStream(`${relay.url}/live.mp3`);
    expect([chunks.status, player.status]).toEqual([200, 200]);
    expect(await statusAt(streamOf(relay.url))).toBe(503);
    expect(await statusAt(`${relay.url}/live.mp3`)).toBe(503);
    expect(await statusAt(`${relay.url}/hls/live.mp3/live.m3u8`)).toBe(503);
    expect(await statusAt(`${streamOf(relay.url).replace('stream', 'burst')}?seconds=1`)).toBe(200);
    expect(relay.relay.figures()).toMatchObject({ listeners: 2, load: 1 });
    player.close();
    await until('there is room again', async () => (await statusAt(streamOf(relay.url))) === 200);
    chunks.close();
  });

  test('is so much upload: a stream that would be too much is refused, single chunks are not', async () => {
    const relay = await startRelay({ limits: { uploadKbps: 300, listenersMax: null } });
    await waitFor('it serves', () => relay.relay.edge !== null && newestOf(relay) !== null);
    const streams = [await openStream(streamOf(relay.url)), await openStream(streamOf(relay.url))];
    expect(streams.map(({ status }) => status)).toEqual([200, 200]);
    expect(await statusAt(streamOf(relay.url))).toBe(503);
    const newest = newestOf(relay);
    const chunk = `${streamOf(relay.url).replace('stream', 'chunks')}/${newest?.epoch}/${newest?.sequence}`;
    expect(await statusAt(chunk)).toBe(200);
    for (const stream of streams) stream.close();
  });

  test('may be one mount of several: only its listeners are told of the relay', async () => {
    await origin.stop();
    stops = [];
    const other = { path: '/other.mp3', sources: ['demo'] };
    await startOrigin({ stations: [{ ...STATION, mounts: [...STATION.mounts, other] }] });
    const relay = await startRelay({ mounts: ['/live.mp3'] });
    await waitFor('it is probed well', () => origin.relays.isOffered(relay.relayKey), 15_000);
    expect((await describeAt(relay.url)).mounts.map(({ path }) => path)).toEqual(['/live.mp3']);
    expect((await describeAt(origin.url)).edges).toEqual([expect.not.stringContaining(relay.url)]);
    const toldTo = async (index: number): Promise<readonly string[]> => {
      const client = await TrackerClient.open(origin.url);
      await client.join(origin.stations[0]?.mounts[index]?.id ?? '');
      const { edges } = await client.heard('edges');
      client.socket.terminate();
      return edges;
    };
    expect(await toldTo(0)).toContain(relay.url);
    expect(await toldTo(1)).not.toContain(relay.url);
  });
});

describe('the operator', () => {
  test('may take no relays, or only those listed by key, and says why', async () => {
    await origin.stop();
    stops = [];
    await startOrigin({ relays: { allow: 'listed', listed: [] } });
    const relay = await startRelay();
    await waitFor('it is told why', () => relay.relay.reason.includes(relay.relayKey));
    expect(newestOf(relay)).toBeNull();
    expect((await describeAt(origin.url)).edges).toHaveLength(1);
  });

  test('sees all relays and bans one, with the password only', async () => {
    await origin.stop();
    stops = [];
    await startOrigin({ admin: ADMIN });
    const relay = await startRelay();
    await untilOffered(relay, true);
    const refused = await fetch(`${origin.url}/admin/relays/${relay.relayKey}/ban`, { method: 'POST' });
    expect(refused.status).toBe(401);
    const headers = {
      Authorization: `Basic ${Buffer.from(`${ADMIN.user}:${ADMIN.password}`).toString('base64')}`,
    };
    const seen = z
      .object({ relays: z.array(z.object({ relayKey: z.string(), isOffered: z.boolean() })) })
      .parse(await (await fetch(`${origin.url}/admin/relays`, { headers })).json());
    expect(seen.relays).toEqual([{ relayKey: relay.relayKey, isOffered: true }]);
    await fetch(`${origin.url}/admin/relays/${relay.relayKey}/ban`, { method: 'POST', headers });
    await untilOffered(relay, false);
    await waitFor('the relay knows', () => relay.relay.reason.includes('banned'));
  });
});

describe('a dishonest relay', () => {
  test.each(['forges', 'delays', 'withholds', 'stalls'] as const)(
    'that %s is noticed by the probes and no longer offered',
    async (fault) => {
      const edge = await startTamperingEdge();
      stops.push(() => edge.stop());
      const relay = await startRelay({ publicUrl: edge.url });
      edge.passTo(relay.url);
      await untilOffered(edge, true);
      edge.tamper(fault);
      await untilOffered(edge, false);
    },
  );

  test('is dropped when listeners at three addresses complain, not when one does often', async () => {
    const relay = await startRelay();
    await untilOffered(relay, true);
    const desk = origin.relays;
    for (let count = 0; count < 10; count += 1) desk.complained(relay.url, 'late', '192.0.2.1');
    desk.complained(relay.url, 'late', '192.0.2.2');
    expect((await describeAt(origin.url)).edges).toContain(relay.url);
    desk.complained(relay.url, 'late', '192.0.2.3');
    expect((await describeAt(origin.url)).edges).not.toContain(relay.url);
  });

  test('that says an address is its own which is not is never offered', async () => {
    const honest = await startRelay();
    const liar = await startRelay({ publicUrl: honest.url });
    await untilOffered(honest, true);
    await waitFor('the liar is told', () => liar.relay.reason !== '');
    const offered = origin.relays.relays.filter(({ relayKey }) => origin.relays.isOffered(relayKey));
    expect(offered.map(({ relayKey }) => relayKey)).toEqual([honest.relayKey]);
  });
});

describe('a station at home', () => {
  test('feeds two relays that it connects to; they name each other to listeners, and not the station', async () => {
    await origin.stop();
    stops = [];
    const ports = [await freePort(), await freePort()];
    const urls = ports.map((port) => `http://127.0.0.1:${port}`);
    await startOrigin({
      stations: [{ ...STATION, feed: urls }],
      relays: { hideOrigin: true },
    });
    const relays: TestRelay[] = [];
    for (const port of ports) relays.push(await startRelay({ upstreams: [], port }));
    await waitFor('both hold sound', () => relays.every((relay) => newestOf(relay) !== null), 20_000);
    for (const relay of relays) {
      await until(`${relay.url} names both`, async () => {
        const { edges, trackers } = await describeAt(relay.url);
        return edges.length === 2 && trackers.length === 2;
      });
      const { edges } = await describeAt(relay.url);
      expect(edges.toSorted()).toEqual(urls.toSorted());
      await waitFor('it goes on', () => (newestOf(relay)?.sequence ?? 0) > originNewest() - 2);
      expectSameWindow(relay);
    }
    const { relay: copies } = origin.egress.totals(firstMount().id);
    expect(copies).toBeGreaterThan(0);
  });

  test('whose server is cut off from everybody goes on through the relays it feeds', async () => {
    await origin.stop();
    stops = [];
    const port = await freePort();
    await startOrigin({ stations: [{ ...STATION, feed: [`http://127.0.0.1:${port}`] }] });
    const relay = await startRelay({ port });
    await waitFor('the relay holds sound', () => newestOf(relay) !== null);
    await waitFor('the feed is taken', () => origin.relays.relays.some(({ isFed }) => isFed));
    origin.http.close();
    origin.http.closeAllConnections();
    const before = newestOf(relay)?.sequence ?? 0;
    await waitFor('it goes on', () => (newestOf(relay)?.sequence ?? 0) > before + 12, 20_000);
    expectSameWindow(relay);
  });

  test('is fed by nobody else: another key is refused', async () => {
    const port = await freePort();
    const relay = await startRelay({ upstreams: [], port, stationKey: 'A'.repeat(43) });
    const stranger = await startTestServer({
      config: { webrtc: { enabled: false }, stations: [{ ...STATION, feed: [`http://127.0.0.1:${port}`] }] },
    });
    stops.push(() => stranger.stop());
    await waitFor('the relay refused', () => relay.relay.feedsRefused > 0);
    expect(relay.relay.station).toBeNull();
  });
});
