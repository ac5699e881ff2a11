import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import { openStream } from '../support/http-stream.ts';
import { freePort } from '../support/icecast.ts';
import { hearOn, missedBy } from '../support/relay-crowd.ts';
import { makeOrigin, startRelay } from '../support/relay-stage.ts';
import type { OriginProcess, RelayProcess } from '../support/relay-stage.ts';
import { startNodeListeners } from '../support/swarm-node-listeners.ts';
import type { NodeListeners } from '../support/swarm-node-listeners.ts';
import { pollUntil } from '../support/swarm-poll.ts';

let origin: OriginProcess;
let folder = '';
const relays: RelayProcess[] = [];
const crowds: NodeListeners[] = [];

beforeAll(async () => {
  origin = await makeOrigin();
  await origin.start();
});
afterAll(() => origin.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'essaim-relay-'));
});
afterEach(async () => {
  await Promise.all([
    ...crowds.splice(0).map((crowd) => crowd.stop()),
    ...relays.splice(0).map((relay) => relay.end('SIGKILL')),
  ]);
  rmSync(folder, { recursive: true, force: true });
});

function relay(...args: string[]): RelayProcess {
  const started = startRelay([origin.url, '--upload', '20mbit', '--state', folder, ...args]);
  relays.push(started);
  return started;
}

async function listeners(count: number): Promise<NodeListeners> {
  const crowd = startNodeListeners(`${origin.url}/api/stations/demo`, '/live.mp3');
  crowds.push(crowd);
  await crowd.add(count);
  return crowd;
}

/** The month's count, as it is on disk. */
const saved = (): number => JSON.parse(readFileSync(join(folder, 'usage.json'), 'utf8')).monthBytes;

describe('a relay at home', () => {
  it('serves listeners all of their sound, and says so', async () => {
    const metricsPort = await freePort();
    const running = relay('--metrics-port', String(metricsPort), '--nickname', 'the attic');
    await running.until('it relays', ({ state }) => state === 'serving');
    const crowd = await listeners(3);
    const { station } = await running.until('it serves three', (status) => status.listeners === 3);
    expect(station).toBe('Demo FM');
    const edgeBytes = async (): Promise<number> =>
      (await crowd.states()).reduce((sum, { snapshot }) => sum + snapshot.counters.chunkBytesFromEdges, 0);
    // They were served by the station's server at first.
    await hearOn(crowd, 24);
    const before = await edgeBytes();
    await hearOn(crowd, 24);
    expect(await edgeBytes()).toBe(before);
    const status = await running.until('it has a title', ({ mounts }) => (mounts[0]?.title ?? '') !== '');
    expect(status.sentBytes).toBeGreaterThan(100_000);
    expect(status.usage.monthBytes).toBe(status.sentBytes);
    expect(await missedBy(crowd)).toBe(0);
    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    expect(metrics).toContain('essaim_relay_listeners{mount="/live.mp3"} 3');
    expect(metrics).toContain('essaim_relay_state{state="serving"} 1');
    // The station knows it for a relay, by its pass: it is nobody's ear.
    const statistics = z.object({ mounts: z.array(z.object({ listeners: z.number() })) });
    const counted = statistics.parse(await (await fetch(`${origin.url}/api/statistics`)).json());
    expect(counted.mounts[0]?.listeners).toBe(3);
    // … and whom to thank.
    await pollUntil('it is thanked', 10_000, async () =>
      (await (await fetch(`${origin.url}/api/relays`)).text()).includes('the attic'),
    );
  });

  it('that is told to stop hands its listeners over: nobody misses a chunk', async () => {
    const running = relay();
    await running.until('it relays', ({ state }) => state === 'serving');
    const crowd = await listeners(4);
    await running.until('it serves four', (status) => status.listeners === 4);
    await hearOn(crowd, 16);
    expect(await running.end('SIGTERM')).toBe(0);
    expect(running.status()?.mounts).toEqual([]);
    await hearOn(crowd, 24);
    expect(await missedBy(crowd)).toBe(0);
  });

  it('whose output nobody reads any more hands its listeners over and ends, without a word of an error', async () => {
    const running = relay();
    await running.until('it relays', ({ state }) => state === 'serving');
    const crowd = await listeners(2);
    await running.until('it serves two', (status) => status.listeners === 2);
    running.stopReading();
    expect(await running.exit()).toBe(0);
    expect(running.errors()).toContain('handing listeners over');
    expect(running.errors()).not.toContain('EPIPE');
    await hearOn(crowd, 16);
    expect(await missedBy(crowd)).toBe(0);
  });

  it('that is killed is not heard, and has not lost the month’s count when it is there again', async () => {
    const first = relay();
    await first.until('it relays', ({ state }) => state === 'serving');
    const crowd = await listeners(3);
    await first.until('it serves three', (status) => status.listeners === 3);
    await pollUntil('the count is on disk', 40_000, () => saved() > 0);
    await first.end('SIGKILL');
    await hearOn(crowd, 24);
    expect(await missedBy(crowd)).toBe(0);
    const known = saved();
    const second = relay();
    const told = await second.until('it relays', ({ state }) => state === 'serving');
    expect(told.usage.monthBytes).toBeGreaterThanOrEqual(known);
  });

  it('serves again after the station’s server was restarted', async () => {
    const running = relay();
    await running.until('it relays', ({ state }) => state === 'serving');
    const crowd = await listeners(3);
    await running.until('it serves three', (status) => status.listeners === 3);
    await origin.kill();
    await origin.start();
    await hearOn(crowd, 40);
    const before = (await running.until('it serves', ({ listeners }) => listeners > 0)).sentBytes;
    await running.until('it sends', ({ sentBytes }) => sentBytes > before + 200_000, 60_000);
  });

  it('takes no part outside its schedule', async () => {
    const hour = (new Date().getHours() + 2) % 24;
    const [from, until] = [hour, (hour + 1) % 24].map((each) => `${String(each).padStart(2, '0')}:00`);
    const running = relay('--schedule', `${from}-${until}`);
    const { detail, mounts } = await running.until('it rests', ({ state }) => state === 'resting');
    expect([detail, mounts]).toEqual([`until ${from}`, []]);
  });
});

describe('a relay with a public address', () => {
  it('serves the station over HTTP, signed by the station’s key', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const running = relay('--public-url', url, '--port', String(port), '--host', '127.0.0.1');
    await running.until('it serves', ({ state, station }) => state === 'serving' && station === 'Demo FM');
    const [here, there] = await Promise.all(
      [url, origin.url].map(async (address) =>
        stationDescriptionSchema.parse(await (await fetch(`${address}/api/stations/demo`)).json()),
      ),
    );
    expect(here?.publicKey).toBe(there?.publicKey);
    const burst = `${url}/api/mounts/${here?.mounts[0]?.id ?? ''}/burst?seconds=3`;
    await pollUntil('it has sound', 20_000, async () => (await (await fetch(burst)).bytes()).length > 20_000);
    const counted = await running.until('it counts', ({ usage }) => usage.monthBytes > 20_000);
    expect(counted.sentBytes).toBe(counted.usage.monthBytes);
    const stream = await openStream(burst.replace(/burst.*/, 'stream'));
    const [mount] = (await running.until('it serves one', ({ listeners }) => listeners === 1)).mounts;
    expect(mount).toMatchObject({ path: '/live.mp3', artist: 'Essaim', listeners: 1 });
    stream.close();
    expect(await running.end('SIGTERM')).toBe(0);
  });
});

describe('a relay that looks for its station', () => {
  it('waits for one that is not there yet', async () => {
    await origin.kill();
    const running = relay();
    await running.until('it waits', ({ detail }) => detail.includes('nothing answers'));
    await origin.start();
    await running.until('it relays', ({ state }) => state === 'serving');
  });

  it('refuses a station whose key has changed, and says how to accept the new one', async () => {
    const first = relay();
    await first.until('it relays', ({ state }) => state === 'serving');
    await first.end('SIGTERM');
    await origin.kill();
    origin.forgetKey();
    await origin.start();
    const second = relay();
    expect(await second.exit()).toBe(78);
    expect(second.errors()).toContain('its public key is not the one that this relay has known so far');
    const [, key = ''] = /--key ([A-Za-z0-9_-]{43})/.exec(second.errors()) ?? [];
    await relay('--key', key).until('it relays', ({ state }) => state === 'serving');
  });

  it('says plainly that an address is not a station’s, or a mount not there', async () => {
    const stranger = createServer((_, response) => response.end('<p>A shop.</p>'));
    const port = await freePort();
    stranger.listen(port, '127.0.0.1');
    await once(stranger, 'listening');
    const lost = startRelay([`http://127.0.0.1:${port}`, '--state', folder]);
    expect(await lost.exit()).toBe(78);
    expect(lost.errors()).toContain('it is no Essaim server');
    stranger.close();
    const wrongMount = relay('--mount', '/jazz.mp3');
    expect(await wrongMount.exit()).toBe(78);
    expect(wrongMount.errors()).toContain("Cannot relay /jazz.mp3 as the station's mounts are /live.mp3");
    const wrongStation = startRelay([`${origin.url}/jazz`, '--state', folder]);
    expect(await wrongStation.exit()).toBe(78);
    expect(wrongStation.errors()).toContain('there is no station "jazz"');
  });
});
