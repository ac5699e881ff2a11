import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ANSWER_MAX_MS, RelaySeeders } from '../../../server/relays/relay-seeders.ts';
import type { ToSeeder } from '../../../server/relays/seeding-messages.ts';
import { PlaceFull } from '../../../server/seeding/seeding-places.ts';
import type { SeedingPlace } from '../../../server/seeding/seeding-places.ts';
import { mountId, stripe } from '../../../shared/units.ts';
import { offerOf } from '../../support/fake-seeding.ts';

const MOUNT = mountId('00000000000000aa');
const OTHER = mountId('00000000000000bb');
const ONE = [stripe(1)];

let offered: Set<string>;
let seeders: RelaySeeders;
let said: ToSeeder[];
let heard: string[];

beforeEach(() => {
  vi.useFakeTimers();
  offered = new Set(['a', 'b']);
  said = [];
  heard = [];
  seeders = new RelaySeeders((relayKey) => offered.has(relayKey));
  seeders.watch({
    onChange: () => heard.push('change'),
    onEnded: (place, seeds) => heard.push(`${place.key} ended ${seeds.join()}`),
  });
});
afterEach(() => {
  vi.useRealTimers();
});

function come(connection: number, relayKey: string, free: number | null = 4, mount = MOUNT): void {
  seeders.opened(connection, {
    relayKey,
    publicUrl: `https://${relayKey}.example`,
    mountIds: new Set([mount]),
    send: (message) => said.push(message),
  });
  seeders.told(connection, free === null ? null : { seeds: 0, free }, 0.25);
}

const keys = (): readonly string[] => seeders.of(MOUNT).map(({ key }) => key);
function only(): SeedingPlace {
  const [place] = seeders.of(MOUNT);
  if (place === undefined) throw new Error('Cannot test as there must be a place');
  return place;
}

test('those are used that are offered, can feed seeds and have the mount', () => {
  come(1, 'a');
  come(2, 'b', null);
  come(3, 'c');
  expect(keys()).toEqual(['a']);
  come(4, 'b', 4, OTHER);
  expect(keys()).toEqual(['a']);
  offered.delete('a');
  expect(keys()).toEqual([]);
});

test('of several connections of one relay the newest counts', () => {
  come(1, 'a');
  come(2, 'a', 9);
  expect(seeders.of(MOUNT).map(({ free }) => free)).toEqual([9]);
  seeders.closed(2);
  expect(seeders.of(MOUNT).map(({ free }) => free)).toEqual([4]);
});

test('whoever comes, goes or begins to feed is told of, who tells figures again is not', () => {
  come(1, 'a');
  heard.length = 0;
  seeders.told(1, { seeds: 1, free: 3 }, 0.5);
  expect(heard).toEqual([]);
  seeders.told(1, null, 0.5);
  seeders.closed(1);
  seeders.closed(1);
  expect(heard).toEqual(['change', 'change']);
});

test('an offer is the answer to what was asked, and takes its room until the relay tells anew', async () => {
  come(1, 'a');
  const offer = only().assign(5, MOUNT, ONE);
  expect(said).toEqual([{ type: 'seed', ticket: 1, seed: 5, mountId: MOUNT, stripes: ONE }]);
  expect(seeders.heard(1, { type: 'seedOffer', ticket: 1, offer: offerOf('it') })).toBe(true);
  expect(await offer).toEqual(offerOf('it'));
  expect(only().free).toBe(3);
  expect(only().load).toBe(0.25);
});

test('an answer that nobody asked for, or that comes twice or from another, is none', async () => {
  come(1, 'a');
  come(2, 'b');
  const offer = only().assign(5, MOUNT, ONE);
  const answer = { type: 'seedOffer', ticket: 1, offer: offerOf('it') } as const;
  expect(seeders.heard(2, answer)).toBe(false);
  expect(seeders.heard(3, answer)).toBe(false);
  expect(seeders.heard(1, { ...answer, ticket: 2 })).toBe(false);
  expect(seeders.heard(1, answer)).toBe(true);
  expect(seeders.heard(1, answer)).toBe(false);
  await offer;
});

test('a relay that refuses is full until it tells anew', async () => {
  come(1, 'a');
  const offer = only().assign(5, MOUNT, ONE);
  seeders.heard(1, { type: 'seedRefused', ticket: 1, reason: 'no room' });
  await expect(offer).rejects.toThrow(PlaceFull);
  expect(only().free).toBe(0);
  seeders.told(1, { seeds: 0, free: 2 }, 0);
  expect(only().free).toBe(2);
});

test.each([
  ['does not answer', () => vi.advanceTimersByTime(ANSWER_MAX_MS)],
  ['goes away before it answers', () => seeders.closed(1)],
])('a relay that %s has failed', async (_, act) => {
  come(1, 'a');
  const offer = only().assign(5, MOUNT, ONE);
  act();
  await expect(offer).rejects.not.toThrow(PlaceFull);
});

test('what a listener says of its hand-shake goes to the relay only if it is one', () => {
  come(1, 'a');
  const dtlsParameters = { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: 'AA' }] };
  only().connect(5, 't', { ...dtlsParameters, more: 'than that' });
  only().connect(5, 't', { role: 'nobody' });
  expect(said).toEqual([{ type: 'seedConnect', seed: 5, transportId: 't', dtlsParameters }]);
});

test('seeds that have ended are told of with the relay', () => {
  come(1, 'a');
  heard.length = 0;
  expect(seeders.heard(1, { type: 'seedEnded', seeds: [5, 6] })).toBe(false);
  expect(heard).toEqual(['a ended 5,6']);
});
