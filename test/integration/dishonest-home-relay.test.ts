import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { silentLog } from '../../server/log.ts';
import { openRelayIdentity } from '../../server/relay/relay-identity.ts';
import { startRegistration } from '../../server/relay/registration.ts';
import type { RelayState } from '../../server/relays/relay-messages.ts';
import { makePass } from '../../server/relays/relay-pass.ts';
import { closeNodeEnvironment, createNodeEnvironment } from '../../server/listener/node-environment.ts';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import type { StationDescription } from '../../shared/station/description.ts';
import type { EngineOutput } from '../../shared/swarm/engine-io.ts';
import type { RelayPass } from '../../shared/tracker/messages.ts';
import { STRIPES, unixMillis } from '../../shared/units.ts';
import type { PeerId, Stripe } from '../../shared/units.ts';
import { dishonestPeer, WITHHELD_STRIPE } from '../support/dishonest-peer.ts';
import type { PeerMisdeed } from '../support/dishonest-peer.ts';
import { openSocketFrom } from '../support/local-address.ts';
import { isGapless, listenInNode } from '../support/node-listener.ts';
import type { NodeListener } from '../support/node-listener.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait-for.ts';

const LISTENERS = 5;
const environment = createNodeEnvironment();
let server: TestServer;
let relay: NodeListener | null = null;
let listeners: NodeListener[] = [];
let events: EngineOutput[] = [];

beforeAll(async () => {
  server = await startTestServer({ config: { webrtc: { enabled: false } } });
  await waitFor('there is sound', () => newestSequence() >= 12, 20_000);
});
afterEach(async () => {
  await Promise.all(listeners.splice(0).map(({ listener }) => listener.stop()));
  await relay?.listener.stop();
});
afterAll(async () => {
  await server.stop();
  closeNodeEnvironment();
});

const newestSequence = (): number => server.stations[0]?.mounts[0]?.window.newest?.header.sequence ?? -1;
const describeStation = async (): Promise<StationDescription> =>
  stationDescriptionSchema.parse(await (await fetch(`${server.url}/api/stations/demo`)).json());

/** With it, the tracker makes the relay a seed of every stripe, so that it is everybody's first parent. */
function passOfRelay(): RelayPass | undefined {
  const sign = server.stations[0]?.sign;
  return sign && makePass(sign, 'r'.repeat(43), unixMillis(Date.now()));
}

/** Listeners that have each of these stripes from this peer. */
const childrenOf = (peerId: PeerId | null, stripes: readonly Stripe[]): number =>
  stripes.reduce(
    (sum, stripe) =>
      sum +
      listeners.filter(({ listener }) => listener.snapshot().parents[stripe] === (peerId ?? 'unknown'))
        .length,
    0,
  );

async function hearOn(chunks: number): Promise<void> {
  const marks = listeners.map(({ listener }) => listener.snapshot().counters.chunksDue);
  await waitFor(
    'everyone hears on',
    () =>
      listeners.every(
        ({ listener }, index) => listener.snapshot().counters.chunksDue >= (marks[index] ?? 0) + chunks,
      ),
    40_000,
  );
}

// Nobody is accused, since a bad line looks the same; but who does so is a parent no longer.
test.each([
  ['passes everything on late', 'delays', STRIPES],
  ['withholds a stripe and says that it has it', 'withholds', [WITHHELD_STRIPE]],
  ['has a fraction of the uplink that it says', 'overstates', STRIPES],
] as const)(
  'a relay at home that %s is left by its children, and nobody hears it',
  async (_, misdeed: PeerMisdeed, stripes) => {
    events = [];
    const station = await describeStation();
    const dishonest = dishonestPeer(environment);
    const own = listenInNode(station, dishonest.environment, {
      participation: 'dedicated',
      uploadCapKbps: 20_000,
      relayPass: passOfRelay,
    });
    relay = own;
    await waitFor('the relay hears', () => own.played.length > 0, 20_000);
    listeners = Array.from({ length: LISTENERS }, () =>
      listenInNode(station, environment, { onEvent: (event) => void events.push(event) }),
    );
    const children = (): number => childrenOf(own.listener.snapshot().peerId, stripes);
    await waitFor('it is the parent of most', () => children() > 0.6 * LISTENERS * stripes.length, 30_000);
    await hearOn(4);

    dishonest.begin(misdeed);
    await waitFor('its children have left it', () => children() === 0, 40_000);
    await hearOn(28);
    expect(dishonest.misdeedCount()).toBeGreaterThan(0);
    expect(events.filter(({ type }) => type === 'misbehaviour')).toEqual([]);
    for (const one of listeners) {
      expect(isGapless(one)).toBe(true);
      expect(one.skipped()).toBe(0);
      const { counters } = one.listener.snapshot();
      expect(counters.chunksInTime).toBe(counters.chunksDue);
    }
  },
);

test('a relay at home that forges is dropped by each who hears it and, at their word, by the station', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'essaim-home-'));
  const identity = openRelayIdentity(folder, silentLog());
  const states: RelayState[] = [];
  const registration = startRegistration({
    origin: server.url.replace('localhost', '127.0.0.1'),
    stationKey: server.stations[0]?.publicKeyText ?? '',
    identity,
    nickname: null,
    publicUrl: null,
    isTracking: false,
    mountIds: null,
    guests: null,
    figures: () => ({
      listeners: 0,
      uploadKbps: 0,
      uploadMaxKbps: 20_000,
      month: '',
      bytesMonth: 0,
      load: 0,
      seeding: null,
    }),
    onState: (state) => states.push(state),
    log: silentLog(),
  });
  try {
    await waitFor('it is taken', () => states.at(-1)?.pass !== undefined);
    const station = await describeStation();
    const dishonest = dishonestPeer(environment);
    const own = listenInNode(station, dishonest.environment, {
      participation: 'dedicated',
      uploadCapKbps: 20_000,
      relayPass: () => states.at(-1)?.pass ?? undefined,
    });
    relay = own;
    await waitFor('the relay hears', () => own.played.length > 0, 20_000);
    listeners = Array.from({ length: LISTENERS }, (_, index) =>
      listenInNode(station, { ...environment, openSocket: openSocketFrom(`127.0.0.${index + 2}`) }),
    );
    const children = (): number => childrenOf(own.listener.snapshot().peerId, STRIPES);
    await waitFor('it is a parent', () => children() > LISTENERS, 30_000);
    await hearOn(12);
    dishonest.begin('forges');
    await waitFor('the station has dropped it', () => states.at(-1)?.allowed === false, 40_000);
    expect(states.at(-1)?.reason).toContain('complained');
    expect(server.relays.whyNot(identity.publicKeyText)).toContain('complained');
    await waitFor('its children have left it', () => children() === 0, 40_000);
    await hearOn(28);
    for (const one of listeners) {
      expect(isGapless(one)).toBe(true);
      expect(one.skipped()).toBe(0);
      const { counters } = one.listener.snapshot();
      expect(counters.chunksInTime).toBe(counters.chunksDue);
    }
  } finally {
    registration.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
