import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FORGOTTEN_AFTER_MS, GuestSeeds } from '../../../server/relay/public/guest-seeds.ts';
import type { GuestLine } from '../../../server/relay/public/guest-seeds.ts';
import type { FromSeeder } from '../../../server/relays/seeding-messages.ts';
import { mountId, peerId, stripe } from '../../../shared/units.ts';
import { settled } from '../../support/fake-clock.ts';
import { FakeSeeding } from '../../support/fake-seeding.ts';

const MOUNT = mountId('00000000000000aa');
const MEMBER = peerId('000000000000000a');
const ONE = [stripe(1)];

let own: FakeSeeding;
let full: string | null;
let guests: GuestSeeds;
let line: GuestLine;
let said: FromSeeder[];
let trackerHeard: string[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  own = new FakeSeeding();
  full = null;
  said = [];
  trackerHeard = [];
  guests = new GuestSeeds({ own, whyNot: () => full });
  guests.start({
    onPath: (_, up) => trackerHeard.push(`path ${up ? 'up' : 'down'}`),
    onStalled: (_, id) => trackerHeard.push(`stalled ${id}`),
    onLost: (_, id) => trackerHeard.push(`lost ${id}`),
    onMoved: () => undefined,
  });
  own.events?.onPath(MOUNT, true);
  line = guests.open((message) => said.push(message));
});
afterEach(() => {
  vi.useRealTimers();
});

async function ask(seed: number, stripes = ONE): Promise<void> {
  line.heard({ type: 'seed', ticket: 7, seed, mountId: MOUNT, stripes });
  await settled();
}

test("the station's seeds and our own tracker's do not hear of each other", async () => {
  await guests.assign(MOUNT, MEMBER, ONE);
  await ask(1);
  expect(said).toMatchObject([{ type: 'seedOffer', ticket: 7, offer: { transport: { id: 'own 2' } } }]);
  const [, guest] = [...own.fed.keys()];
  own.events?.onLost(MOUNT, MEMBER, 'ice');
  expect(trackerHeard).toEqual(['path up', `lost ${MEMBER}`]);
  own.events?.onLost(MOUNT, guest ?? MEMBER, 'ice');
  expect(said.at(-1)).toEqual({ type: 'seedEnded', seeds: [1] });
  expect(trackerHeard).toHaveLength(2);
});

test('one that does not keep up is told like one that is lost, and is fed no more', async () => {
  await ask(1);
  const [guest] = [...own.fed.keys()];
  own.events?.onStalled(MOUNT, guest ?? MEMBER);
  expect(said.at(-1)).toEqual({ type: 'seedEnded', seeds: [1] });
  expect(own.fed.size).toBe(0);
  expect(guests.count).toBe(0);
});

test('other stripes go over the same transport', async () => {
  await ask(1);
  await ask(1, [stripe(0), stripe(3)]);
  expect(own.fed.size).toBe(1);
  expect([...own.fed.values()]).toEqual([[0, 3]]);
});

test('a full relay refuses newcomers and more stripes, and goes on with those that it has', async () => {
  await ask(1);
  full = 'no room';
  await ask(2);
  await ask(1, [stripe(0), stripe(3)]);
  expect(said.slice(1)).toEqual([
    { type: 'seedRefused', ticket: 7, reason: 'no room' },
    { type: 'seedRefused', ticket: 7, reason: 'no room' },
  ]);
  await ask(1, [stripe(2)]);
  expect(said.at(-1)?.type).toBe('seedOffer');
  expect([...own.fed.values()]).toEqual([[2]]);
});

test('hand-shake and release go to the seed of that number, and to nobody for an unknown one', async () => {
  await ask(1);
  const [guest] = [...own.fed.keys()];
  const dtlsParameters = { fingerprints: [] };
  line.heard({ type: 'seedConnect', seed: 1, transportId: 't', dtlsParameters });
  line.heard({ type: 'seedConnect', seed: 2, transportId: 't', dtlsParameters });
  line.heard({ type: 'seedRelease', seed: 2 });
  expect(own.done).toEqual([`connect ${guest} t`]);
  line.heard({ type: 'seedRelease', seed: 1 });
  expect(own.fed.size).toBe(0);
});

test('seeds go on while the station is away, and are ended soon after it has come back', async () => {
  await ask(1);
  line.lost();
  vi.advanceTimersByTime(10 * FORGOTTEN_AFTER_MS);
  expect(own.fed.size).toBe(1);
  line = guests.open((message) => said.push(message));
  await ask(1);
  expect(own.fed.size).toBe(2);
  vi.advanceTimersByTime(FORGOTTEN_AFTER_MS);
  expect(own.fed.size).toBe(1);
  expect(guests.count).toBe(1);
  line.heard({ type: 'seedRelease', seed: 1 });
  expect(own.fed.size).toBe(0);
});

test('without a worker nobody is fed: guests end, and newcomers are refused', async () => {
  await ask(1);
  own.isUp = false;
  own.events?.onPath(MOUNT, false);
  expect(said.at(-1)).toEqual({ type: 'seedEnded', seeds: [1] });
  expect(guests.isUp).toBe(false);
  await ask(2);
  expect(said.at(-1)).toMatchObject({ type: 'seedRefused' });
  expect(guests.count).toBe(0);
});
