import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import type { StationDescription } from '../../shared/station/description.ts';
import { closeNodeEnvironment, createNodeEnvironment } from '../../server/listener/node-environment.ts';
import { openStream } from '../support/http-stream.ts';
import { freePort } from '../support/icecast.ts';
import { isGapless, listenInNode } from '../support/node-listener.ts';
import type { NodeListener } from '../support/node-listener.ts';
import { makeOrigin, startRelay } from '../support/relay-stage.ts';
import type { OriginProcess, RelayProcess } from '../support/relay-stage.ts';
import { pollUntil } from '../support/swarm-poll.ts';
import { waitFor } from '../support/wait-for.ts';

interface Relay {
  readonly url: string;
  readonly process: RelayProcess;
}

/** Of hand-over and grace, on a busy machine. */
const STOP_MS_MAX = 16_000;
const environment = createNodeEnvironment();
const withoutPeers = { ...environment, createPeer: null };

let folder: string;
let origin: OriginProcess;
let relays: Relay[];
let listeners: NodeListener[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'essaim-leaving-'));
  [relays, listeners] = [[], []];
});
afterEach(async () => {
  await Promise.all(listeners.map(({ listener }) => listener.stop()));
  await Promise.all(relays.map((relay) => relay.process.end('SIGKILL')));
  await origin.stop();
  rmSync(folder, { recursive: true, force: true });
});
afterAll(() => {
  closeNodeEnvironment();
});

async function startOrigin(config: Readonly<Record<string, unknown>> = {}): Promise<void> {
  origin = await makeOrigin();
  origin.configure(config);
  await origin.start();
}

async function publicRelay(port: number, flags: readonly string[]): Promise<Relay> {
  const url = `http://127.0.0.1:${port}`;
  const place = ['--public-url', url, '--host', '127.0.0.1', '--port', String(port), '--tracker'];
  const udp = ['--udp-port', String(await freePort()), '--stun-port', 'none', '--upload', '100mbit'];
  const process = startRelay([...flags, ...place, ...udp, '--state', join(folder, String(port))]);
  const relay = { url, process };
  relays.push(relay);
  return relay;
}

const described = async (url: string): Promise<StationDescription> =>
  stationDescriptionSchema.parse(await (await fetch(`${url}/api/stations/demo`)).json());

async function untilTold(url: string, edges: readonly string[], not: readonly string[] = []): Promise<void> {
  await pollUntil(`${url} names ${edges.join(' and ')}, and not ${not.join(' or ')}`, 20_000, async () => {
    const { edges: told } = await described(url);
    return edges.every((edge) => told.includes(edge)) && not.every((edge) => !told.includes(edge));
  });
}

async function streamsAt(url: string): Promise<number> {
  const text: unknown = await (await fetch(`${url}/api/statistics`)).json();
  const schema = z.object({ mounts: z.array(z.object({ streams: z.object({ chunks: z.number() }) })) });
  return schema.parse(text).mounts.reduce((sum, { streams }) => sum + streams.chunks, 0);
}

async function hearOn(chunks: number, when: string): Promise<void> {
  const marks = listeners.map(({ played }) => played.length);
  await waitFor(
    `everyone plays on ${when}`,
    () => listeners.every(({ played }, index) => played.length >= (marks[index] ?? 0) + chunks),
    40_000,
  );
}

function expectNoGap(): void {
  for (const one of listeners) {
    expect(isGapless(one)).toBe(true);
    expect(one.skipped()).toBe(0);
    const { counters } = one.listener.snapshot();
    expect(counters.chunksInTime).toBe(counters.chunksDue);
  }
}

/** @returns the exit code */
async function leave(relay: Relay): Promise<number | null> {
  const startedAt = performance.now();
  const code = await relay.process.end('SIGTERM');
  expect(performance.now() - startedAt).toBeLessThan(STOP_MS_MAX);
  return code;
}

describe('a public relay that is told to stop', () => {
  test('leads its listeners, over HTTP and in its swarm, to another edge: nobody misses a chunk', async () => {
    await startOrigin();
    const first = await publicRelay(await freePort(), [origin.url]);
    const second = await publicRelay(await freePort(), [origin.url]);
    await untilTold(origin.url, [first.url, second.url]);
    await untilTold(first.url, [first.url, second.url]);
    const station = await described(first.url);
    expect(station.trackers[0]).toBe(`${first.url.replace('http', 'ws')}/tracker`);
    for (const each of [withoutPeers, withoutPeers, withoutPeers, environment, environment, environment])
      listeners.push(listenInNode(station, each));
    await hearOn(12, 'at first');
    expect(await streamsAt(first.url)).toBeGreaterThan(0);

    expect(await leave(first)).toBe(0);
    await untilTold(origin.url, [second.url], [first.url]);
    await hearOn(24, 'without the first relay');
    expectNoGap();
  });

  test('that the station feeds says so to it: those who ask any other relay are told at once', async () => {
    const ports = [await freePort(), await freePort()];
    const urls = ports.map((port) => `http://127.0.0.1:${port}`);
    const mounts = [{ path: '/live.mp3', sources: ['demo'] }];
    await startOrigin({
      stations: [{ id: 'demo', name: 'Demo FM', mounts, feed: urls }],
      relays: { hideOrigin: true },
    });
    const { publicKey } = await described(origin.url);
    const fed = ports.map((port) => publicRelay(port, [origin.url, '--feed', '--key', publicKey]));
    const [first, second] = await Promise.all(fed);
    if (first === undefined || second === undefined) throw new Error('Cannot test without two relays');
    await untilTold(second.url, [first.url, second.url]);
    const client = await openStream(
      `${first.url}/api/mounts/${(await described(first.url)).mounts[0]?.id}/stream`,
    );
    const leaving = leave(first);
    await untilTold(second.url, [second.url], [first.url]);
    expect(await leaving).toBe(0);
    expect(client.isEnded()).toBe(true);
  });

  test('refuses newcomers from then on, and a second signal ends it at once', async () => {
    await startOrigin();
    const relay = await publicRelay(await freePort(), [origin.url]);
    await untilTold(origin.url, [relay.url]);
    const stream = `${relay.url}/api/mounts/${(await described(relay.url)).mounts[0]?.id}/stream`;
    const clients = [await openStream(stream), await openStream(stream), await openStream(stream)];
    const exit = relay.process.end('SIGTERM');
    await untilTold(origin.url, [], [relay.url]);
    await pollUntil('newcomers are refused', 3_000, async () => (await fetch(stream)).status === 503);
    expect((await fetch(`${relay.url}/live.mp3`)).status).toBe(503);
    expect(clients.some((client) => client.isEnded())).toBe(false);
    const askedAt = performance.now();
    await relay.process.end('SIGINT');
    expect(await exit).toBe(1);
    expect(performance.now() - askedAt).toBeLessThan(3_000);
  });

  test('does not wait for a client that reads nothing any more', async () => {
    await startOrigin();
    const relay = await publicRelay(await freePort(), [origin.url]);
    await untilTold(origin.url, [relay.url]);
    const { mounts } = await described(relay.url);
    const stuck = await fetch(`${relay.url}/api/mounts/${mounts[0]?.id}/stream?from=0.0`);
    expect(await leave(relay)).toBe(0);
    await stuck.body?.cancel().catch(() => undefined);
  });
});
