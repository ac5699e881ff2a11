import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { silentLog } from '../../server/log.ts';
import { openRelayIdentity } from '../../server/relay/relay-identity.ts';
import type { RelayIdentity } from '../../server/relay/relay-identity.ts';
import { isThanksOf, toldThanksListSchema } from '../../server/relays/thanks.ts';
import type { ToldThanks } from '../../server/relays/thanks.ts';
import { freePort } from '../support/icecast.ts';
import { startTestRelay } from '../support/public-relay.ts';
import type { TestRelay } from '../support/public-relay.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { pollUntil } from '../support/swarm-poll.ts';
import { waitFor } from '../support/wait-for.ts';

const MONTH = new Date().toISOString().slice(0, 7);
const MEGABYTE = 1_000_000;
const ADMIN = { user: 'admin', password: 'only-in-tests' };

const adminSchema = z.object({
  relays: z.array(z.object({ relayKey: z.string(), notThankedAs: z.string() })),
});

let origin: TestServer;
let stops: (() => Promise<void>)[] = [];

beforeEach(() => {
  stops = [];
});
afterEach(async () => {
  for (const stop of stops.toReversed()) await stop();
});

async function startOrigin(feed: readonly string[] = []): Promise<void> {
  const station = { id: 'demo', name: 'Demo', feed, mounts: [{ path: '/live.mp3', sources: ['demo'] }] };
  origin = await startTestServer({
    config: { webrtc: { enabled: false }, stations: [station], admin: ADMIN },
  });
  stops.push(() => origin.stop());
}

async function startRelay(
  sent: () => number,
  options: Partial<Parameters<typeof startTestRelay>[0]> = {},
): Promise<TestRelay> {
  const relay = await startTestRelay({
    stationKey: stationKey(),
    upstreams: [origin.url.replace('localhost', '127.0.0.1')],
    nickname: 'La cave',
    usage: () => ({ month: MONTH, monthBytes: sent() }),
    seeds: false,
    ...options,
  });
  stops.push(() => relay.stop());
  return relay;
}

const stationKey = (): string => origin.stations[0]?.publicKeyText ?? '';
const thanksAt = async (url: string): Promise<readonly ToldThanks[]> =>
  toldThanksListSchema.parse(await (await fetch(`${url}/api/relays`)).json()).relays;

async function untilThanked(url: string, bytesMonth: number | null): Promise<void> {
  await pollUntil(
    `${url} thanks for ${bytesMonth}`,
    20_000,
    async () => ((await thanksAt(url))[0]?.bytesMonth ?? null) === bytesMonth,
  );
}

/** What the administrator reads. */
async function whyNot(relay: TestRelay): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${ADMIN.user}:${ADMIN.password}`).toString('base64')}`;
  const answer = await fetch(`${origin.url}/admin/relays`, { headers: { authorization } });
  const { relays } = adminSchema.parse(await answer.json());
  return relays.find(({ relayKey }) => relayKey === relay.relayKey)?.notThankedAs ?? '';
}

test('a relay is thanked for what it signed, also by itself when the station is gone', async () => {
  await startOrigin();
  const relay = await startRelay(() => 3 * MEGABYTE);
  await untilThanked(origin.url, 3 * MEGABYTE);
  const [thanks] = await thanksAt(origin.url);
  if (thanks === undefined) throw new Error('Cannot look at thanks as there must be one');
  expect(thanks).toMatchObject({
    nickname: 'La cave',
    listeners: 0,
    statement: { relayKey: relay.relayKey },
  });
  expect(isThanksOf(stationKey(), thanks.statement)).toBe(true);
  const later = await startRelay(() => MEGABYTE, { nickname: 'Grenier' });
  await untilThanked(later.url, 3 * MEGABYTE);
  await origin.stop();
  expect(await thanksAt(later.url)).toMatchObject([{ nickname: 'La cave', bytesMonth: 3 * MEGABYTE }]);
});

test('a relay that inflates what it gave is thanked no more, and the administrator reads why', async () => {
  await startOrigin();
  let sent = 3 * MEGABYTE;
  const relay = await startRelay(() => sent);
  await untilThanked(origin.url, 3 * MEGABYTE);
  // More than 20 Mbit/s carry in the seconds since; since the month began they may.
  sent += 1_000 * MEGABYTE;
  await untilThanked(origin.url, null);
  expect(await whyNot(relay)).toContain('since it came');
});

test('a relay that passes off another signature as its own is not thanked', async () => {
  await startOrigin();
  const folder = mkdtempSync(join(tmpdir(), 'essaim-forger-'));
  stops.push(() => Promise.resolve(rmSync(folder, { recursive: true, force: true })));
  const genuine = openRelayIdentity(folder, silentLog());
  const forger: RelayIdentity = {
    publicKeyText: genuine.publicKeyText,
    sign: (message) =>
      Buffer.from(message).toString().startsWith('essaim-relay-thanks')
        ? new Uint8Array(64)
        : genuine.sign(message),
  };
  const relay = await startRelay(() => MEGABYTE, { identity: forger });
  await pollUntil('it is refused', 20_000, async () => (await whyNot(relay)).includes('not signed'));
  expect(await thanksAt(origin.url)).toEqual([]);
});

test('a relay that does not want to be named is not', async () => {
  await startOrigin();
  const relay = await startRelay(() => MEGABYTE, { nickname: null });
  await waitFor('it is there', () =>
    origin.relays.relays.some(
      ({ relayKey, figures }) => relayKey === relay.relayKey && figures.uploadKbps >= 0,
    ),
  );
  await startRelay(() => 2 * MEGABYTE, { nickname: 'Grenier' });
  await untilThanked(origin.url, 2 * MEGABYTE);
  expect(await thanksAt(origin.url)).toHaveLength(1);
});

test('a relay that the station feeds is thanked as well, and told of it', async () => {
  const port = await freePort();
  await startOrigin([`http://127.0.0.1:${port}`]);
  const relay = await startRelay(() => 3 * MEGABYTE, { upstreams: [], port });
  await untilThanked(origin.url, 3 * MEGABYTE);
  await untilThanked(relay.url, 3 * MEGABYTE);
});
