import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { silentLog } from '../../server/log.ts';
import { openRelayIdentity } from '../../server/relay/relay-identity.ts';
import { startRegistration } from '../../server/relay/registration.ts';
import type { Registration } from '../../server/relay/registration.ts';
import type { RelayIdentity } from '../../server/relay/relay-identity.ts';
import type { RelayState } from '../../server/relays/relay-messages.ts';
import { closeNodeEnvironment, createNodeEnvironment } from '../../server/listener/node-environment.ts';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import type { StationDescription } from '../../shared/station/description.ts';
import type { EngineOutput } from '../../shared/swarm/engine-io.ts';
import { STRIPES } from '../../shared/units.ts';
import type { PeerId, Stripe } from '../../shared/units.ts';
import { dishonestPeer, WITHHELD_STRIPE } from '../support/dishonest-peer.ts';
import type { DishonestPeer, PeerMisdeed } from '../support/dishonest-peer.ts';
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
let registration: Registration | null = null;
let folder = '';

beforeAll(async () => {
  server = await startTestServer({ config: { webrtc: { enabled: false } } });
  await waitFor('there is sound', () => newestSequence() >= 12, 20_000);
});
afterEach(async () => {
  await Promise.all(listeners.splice(0).map(({ listener }) => listener.stop()));
  await relay?.listener.stop();
  registration?.stop();
  rmSync(folder, { recursive: true, force: true });
});
afterAll(async () => {
  await server.stop();
  closeNodeEnvironment();
});

const newestSequence = (): number => server.stations[0]?.mounts[0]?.window.newest?.header.sequence ?? -1;
const describeStation = async (): Promise<StationDescription> =>
  stationDescriptionSchema.parse(await (await fetch(`${server.url}/api/stations/demo`)).json());

interface DishonestRelay {
  readonly dishonest: DishonestPeer;
  readonly relayKey: string;
  readonly peerId: () => PeerId | null;
  /** What the station last told it. */
  readonly state: () => RelayState | undefined;
}

/** A relay at home that the station knows: with its pass the tracker makes it a seed, so that it is everybody's parent. */
async function startRelay(): Promise<DishonestRelay> {
  folder = mkdtempSync(join(tmpdir(), 'essaim-home-'));
  const identity = openRelayIdentity(folder, silentLog());
  const states: RelayState[] = [];
  registration = register(identity, states);
  await waitFor('it is taken', () => states.at(-1)?.pass !== undefined);
  const dishonest = dishonestPeer(environment);
  const own = listenInNode(await describeStation(), dishonest.environment, {
    participation: 'dedicated',
    uploadCapKbps: 20_000,
    relayPass: () => states.at(-1)?.pass ?? undefined,
  });
  relay = own;
  await waitFor('the relay hears', () => own.played.length > 0, 20_000);
  return {
    dishonest,
    relayKey: identity.publicKeyText,
    peerId: () => own.listener.snapshot().peerId,
    state: () => states.at(-1),
  };
}

const register = (identity: RelayIdentity, states: RelayState[]): Registration =>
  startRegistration({
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

/** Each at an address of its own. */
async function startListeners(): Promise<void> {
  const station = await describeStation();
  listeners = Array.from({ length: LISTENERS }, (_, index) =>
    listenInNode(
      station,
      { ...environment, openSocket: openSocketFrom(`127.0.0.${index + 2}`) },
      { onEvent: (event) => void events.push(event) },
    ),
  );
}

function seedStripes(peerId: PeerId | null): number {
  const mount = server.stations[0]?.mounts[0];
  const seeds = mount === undefined ? [] : (server.tracker.swarm(mount.id)?.seeds ?? []);
  return seeds.filter(({ peerIds }) => peerIds.some((id) => id === peerId)).length;
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

function expectFlawless(): void {
  for (const one of listeners) {
    expect(isGapless(one)).toBe(true);
    expect(one.skipped()).toBe(0);
    const { counters } = one.listener.snapshot();
    expect(counters.chunksInTime).toBe(counters.chunksDue);
  }
}

// A bad line looks the same: it is not accused, and may come back to it later.
test.each([
  ['passes everything on late', 'delays', STRIPES],
  ['withholds a stripe and says that it has it', 'withholds', [WITHHELD_STRIPE]],
  ['has a fraction of the uplink that it says', 'overstates', STRIPES],
] as const)(
  'a relay at home that %s is left by its children and, at their word, leant on no more; nobody hears it',
  async (_, misdeed: PeerMisdeed, stripes) => {
    events = [];
    const { dishonest, relayKey, peerId, state } = await startRelay();
    await startListeners();
    const children = (): number => childrenOf(peerId(), stripes);
    await waitFor('it is the parent of most', () => children() > 0.6 * LISTENERS * stripes.length, 30_000);
    await waitFor('it is the seed of all', () => seedStripes(peerId()) === STRIPES.length, 30_000);
    await hearOn(4);

    dishonest.begin(misdeed);
    await waitFor('the station knows', () => !server.relays.isLeantOn(relayKey), 40_000);
    await waitFor('its children have left it', () => children() === 0, 40_000);
    await waitFor('it is no seed', () => seedStripes(peerId()) === 0, 10_000);
    await waitFor('it has been told', () => state()?.reason.includes('heard sound late') === true);
    expect(state()?.allowed).toBe(true);
    expect(server.relays.relays.find((entry) => entry.relayKey === relayKey)?.reason).toContain('late');
    await hearOn(28);
    expect(dishonest.misdeedCount()).toBeGreaterThan(0);
    expect(events.filter(({ type }) => type === 'misbehaviour')).toEqual([]);
    expectFlawless();
  },
);

test('a relay at home that forges is dropped by each who hears it and, at their word, by the station', async () => {
  const { dishonest, relayKey, peerId, state } = await startRelay();
  await startListeners();
  const children = (): number => childrenOf(peerId(), STRIPES);
  await waitFor('it is a parent', () => children() > LISTENERS, 30_000);
  await hearOn(12);
  dishonest.begin('forges');
  await waitFor('the station has dropped it', () => state()?.allowed === false, 40_000);
  expect(state()?.reason).toContain('complained');
  expect(server.relays.whyNot(relayKey)).toContain('complained');
  await waitFor('its children have left it', () => children() === 0, 40_000);
  await hearOn(28);
  expectFlawless();
});
