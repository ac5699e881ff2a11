import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createNodeEnvironment, closeNodeEnvironment } from '../../server/listener/node-environment.ts';
import { silentLog } from '../../server/log.ts';
import { openRelayIdentity } from '../../server/relay/relay-identity.ts';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import type { StationDescription } from '../../shared/station/description.ts';
import { startDishonestSeeder } from '../support/dishonest-seeder.ts';
import type { DishonestSeeder, SeedMisdeed } from '../support/dishonest-seeder.ts';
import { freePort } from '../support/icecast.ts';
import { openStream } from '../support/http-stream.ts';
import { allHearOn, expectFlawless as flawless } from '../support/flawless-hearing.ts';
import { listenInNode } from '../support/node-listener.ts';
import type { NodeListener } from '../support/node-listener.ts';
import { startTestRelay } from '../support/public-relay.ts';
import type { TestRelay } from '../support/public-relay.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait-for.ts';

const environment = createNodeEnvironment();
let origin: TestServer;
let listeners: NodeListener[] = [];
let stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  listeners = [];
  stops = [];
  await startOrigin();
});
async function startOrigin(feed: readonly string[] = [], fields: object = {}): Promise<void> {
  const station = { id: 'demo', name: 'Demo', feed, mounts: [{ path: '/live.mp3', sources: ['demo'] }] };
  origin = await startTestServer({ config: { stations: [station], ...fields } });
  stops.push(() => origin.stop());
  await waitFor('our mediasoup is up', () => origin.seeding.status().state === 'ready', 20_000);
  await waitFor('there is sound', () => (theMount().window.newest?.header.sequence ?? 0) >= 20, 20_000);
}
afterEach(async () => {
  await Promise.all(listeners.map(({ listener }) => listener.stop()));
  for (const stop of stops.toReversed()) await stop();
});
afterAll(() => {
  closeNodeEnvironment();
});

function theMount(): TestServer['stations'][number]['mounts'][number] {
  const mount = origin.stations[0]?.mounts[0];
  if (mount === undefined) throw new Error('Cannot test without a mount');
  return mount;
}

const originUrl = (): string => origin.url.replace('localhost', '127.0.0.1');
const seedBytes = (): number => origin.egress.totals(theMount().id).seed;
const seedBytesOf = (relay: TestRelay): number => relay.relay.edge?.egress.totals(theMount().id).seed ?? 0;
const canBeUsed = (relay: TestRelay): boolean =>
  origin.relays.seeders.of(theMount().id).some(({ key }) => key === relay.relayKey);

async function startRelay(options: Partial<Parameters<typeof startTestRelay>[0]> = {}): Promise<TestRelay> {
  const relay = await startTestRelay({
    stationKey: origin.stations[0]?.publicKeyText ?? '',
    upstreams: [originUrl()],
    isTracking: false,
    ...options,
  });
  stops.push(() => relay.stop());
  return relay;
}

const describeAt = async (url: string): Promise<StationDescription> =>
  stationDescriptionSchema.parse(await (await fetch(`${url}/api/stations/demo`)).json());

async function startListeners(count: number, pageOf = origin.url): Promise<void> {
  const station = await describeAt(pageOf);
  for (let index = 0; index < count; index += 1) listeners.push(listenInNode(station, environment));
  await waitFor('everyone hears', () => listeners.every(({ played }) => played.length >= 8), 30_000);
}

const hearOn = (chunks: number): Promise<void> => allHearOn(listeners, chunks);
const expectFlawless = (): void => flawless(listeners, theMount().window);

describe('with one public relay', () => {
  test('the origin seeds nobody while its listeners hear everything, and the end of the relay is not heard', async () => {
    const relay = await startRelay();
    await waitFor('the relay can be used', () => canBeUsed(relay), 20_000);
    await startListeners(4);
    await waitFor('the relay seeds', () => seedBytesOf(relay) > 0, 20_000);
    await hearOn(20);
    expect(seedBytes()).toBe(0);
    expect(relay.relay.bytesSent).toBeGreaterThanOrEqual(seedBytesOf(relay));
    expect(relay.relay.figures().seeding?.seeds).toBeGreaterThan(0);
    await relay.stop();
    await waitFor('we seed in its place', () => seedBytes() > 0, 20_000);
    await hearOn(20);
    expectFlawless();
  });

  test('that leaves in peace, its seeds are led elsewhere before', async () => {
    const relay = await startRelay();
    await waitFor('the relay can be used', () => canBeUsed(relay), 20_000);
    await startListeners(4);
    await waitFor('the relay seeds', () => seedBytesOf(relay) > 0, 20_000);
    await hearOn(8);
    await relay.relay.stop();
    expect(relay.relay.figures().seeding).toBeNull();
    await waitFor('we seed in its place', () => seedBytes() > 0, 20_000);
    await hearOn(12);
    expectFlawless();
  });

  test('that comes later, it takes over the seeds that we have, without a gap', async () => {
    await startListeners(4);
    await waitFor('we seed', () => seedBytes() > 0, 20_000);
    const relay = await startRelay();
    await waitFor('the relay seeds', () => seedBytesOf(relay) > 0, 30_000);
    let before = -1;
    await waitFor(
      'we seed nobody any more',
      () => {
        const isSame = seedBytes() === before && origin.seeding.load(theMount().id).seeds === 0;
        before = seedBytes();
        return isSame;
      },
      40_000,
    );
    await hearOn(12);
    expect(seedBytes()).toBe(before);
    expectFlawless();
  });

  test('that it feeds and that cannot ask it, it is the same', async () => {
    await origin.stop();
    stops = [];
    const port = await freePort();
    await startOrigin([`http://127.0.0.1:${port}`]);
    const relay = await startRelay({ upstreams: [], port });
    await waitFor('the relay can be used', () => canBeUsed(relay), 20_000);
    await startListeners(4);
    await waitFor('the relay seeds', () => seedBytesOf(relay) > 0, 20_000);
    await hearOn(12);
    expect(seedBytes()).toBe(0);
    await relay.stop();
    await waitFor('we seed in its place', () => seedBytes() > 0, 20_000);
    await hearOn(12);
    expectFlawless();
  });

  test('that hides the origin, listeners are seeds of the relay by the relay’s own tracker', async () => {
    await origin.stop();
    stops = [];
    const port = await freePort();
    await startOrigin([`http://127.0.0.1:${port}`], { relays: { hideOrigin: true } });
    const relay = await startRelay({ upstreams: [], port, isTracking: true });
    await waitFor('the relay can be used', () => canBeUsed(relay), 20_000);
    await startListeners(4, relay.url);
    await waitFor('the relay seeds', () => seedBytesOf(relay) > 0, 20_000);
    await hearOn(12);
    expect(relay.relay.figures().seeding?.seeds).toBe(0);
    expect(seedBytes()).toBe(0);
    expect(origin.egress.totals(theMount().id)).toMatchObject({ burst: 0, repair: 0, fallback: 0 });
    expectFlawless();
  });

  test('that has no room for a seed, we seed ourselves', async () => {
    const relay = await startRelay({ limits: { uploadKbps: 20_000, listenersMax: 1 } });
    await waitFor('the relay can be used', () => canBeUsed(relay), 20_000);
    const only = await openStream(`${relay.url}/api/mounts/${theMount().id}/stream`);
    stops.push(() => Promise.resolve(only.close()));
    await startListeners(3);
    await waitFor('we seed', () => seedBytes() > 0, 20_000);
    await hearOn(8);
    expect(seedBytesOf(relay)).toBe(0);
    expectFlawless();
  });
});

describe('a relay that is honest over HTTP, and to its seeds', () => {
  let relay: TestRelay;
  let seeder: DishonestSeeder;
  beforeEach(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'essaim-seeder-'));
    stops.push(() => Promise.resolve(rmSync(folder, { recursive: true, force: true })));
    const identity = openRelayIdentity(folder, silentLog());
    relay = await startRelay({ identity });
    await waitFor('the relay can be used', () => canBeUsed(relay), 20_000);
    // The newest connection of a relay is the one.
    seeder = startDishonestSeeder({
      origin: originUrl(),
      stationKey: origin.stations[0]?.publicKeyText ?? '',
      mount: theMount(),
      identity,
      publicUrl: relay.url,
    });
    stops.push(() => seeder.stop());
    await waitFor('it can be used', () => origin.relays.seeders.of(theMount().id)[0]?.free === 1_000, 20_000);
  });

  test.each(['forges', 'delays', 'withholds'] as const)(
    '%s, is left by each that is wronged and gets no other seed for it; nobody hears it',
    async (misdeed: SeedMisdeed) => {
      await startListeners(4);
      await waitFor('it feeds all stripes', () => seeder.wronged('withholds') > 0, 20_000);
      await hearOn(8);
      seeder.misdeed = misdeed;
      await waitFor('it feeds nobody any more whom it wrongs', () => seeder.wronged(misdeed) === 0, 60_000);
      expect(seeder.misdeedCount()).toBeGreaterThan(0);
      await hearOn(20);
      expect(seeder.wronged(misdeed)).toBe(0);
      expectFlawless();
    },
  );
});
