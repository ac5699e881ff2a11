import { describe, expect, test } from 'vitest';
import { SEED_REVIEW } from '../../../shared/tracker/limits.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { TrackerBench } from '../../support/tracker-bench.ts';
import type { FakeListener } from '../../support/tracker-bench.ts';

const bench = (): TrackerBench => new TrackerBench(seededRandom(3));
const joinRelay = (tracker: TrackerBench): FakeListener =>
  tracker.join({ participation: 'dedicated', uploadCapKbps: 20_000 });
const stripesOf = (listener: FakeListener): number => listener.seed?.stripes.length ?? 0;

describe('a community relay', () => {
  test('is the seed of every stripe of a small swarm, whoever came first', () => {
    for (const relayFirst of [true, false]) {
      const tracker = bench();
      const early = relayFirst ? joinRelay(tracker) : undefined;
      const listeners = tracker.joinMany(10);
      const relay = early ?? joinRelay(tracker);
      tracker.pass(4 * SEED_REVIEW);
      expect(stripesOf(relay)).toBe(4);
      expect(listeners.map(stripesOf)).toEqual(listeners.map(() => 0));
    }
  });

  test('shares the stripes with other relays', () => {
    const tracker = bench();
    const relays = [joinRelay(tracker), joinRelay(tracker), joinRelay(tracker), joinRelay(tracker)];
    tracker.joinMany(10);
    tracker.pass(6 * SEED_REVIEW);
    expect(relays.map(stripesOf)).toEqual([1, 1, 1, 1]);
  });

  test('is among the parents that are proposed to each newcomer', () => {
    const tracker = bench();
    const relay = joinRelay(tracker);
    tracker.joinMany(30);
    tracker.pass(SEED_REVIEW);
    tracker.report(relay, { uploadCapKbps: 20_000, childSlotsFree: 192, neighbourCount: 30 });
    const newcomer = tracker.join();
    const [welcome] = newcomer.inbox;
    if (welcome?.type !== 'welcome') throw new Error('Cannot read the welcome as it comes first');
    for (const { peerIds } of welcome.proposals) expect(peerIds[0]).toBe(relay.peerId);
  });

  test('that retires is replaced at once, fed until it has left, and proposed to nobody', () => {
    const tracker = bench();
    const relay = joinRelay(tracker);
    tracker.joinMany(10);
    tracker.pass(2 * SEED_REVIEW);
    tracker.say(relay, { type: 'retire' });
    const seeds = (): number[] => tracker.swarm.seeds.map(({ peerIds }) => peerIds.length);
    expect(seeds()).toEqual([2, 2, 2, 2]);
    tracker.pass(SEED_REVIEW);
    expect(stripesOf(relay)).toBe(4);
    const newcomer = tracker.join();
    expect(newcomer.neighbours.has(relay.peerId)).toBe(false);
    tracker.leave(relay);
    expect(seeds()).toEqual([1, 1, 1, 1]);
  });

  test('that says it retires and stays is fed no longer after a while', () => {
    const tracker = bench();
    const relay = joinRelay(tracker);
    tracker.joinMany(10);
    tracker.pass(2 * SEED_REVIEW);
    tracker.say(relay, { type: 'retire' });
    tracker.pass(5 * SEED_REVIEW);
    expect(stripesOf(relay)).toBe(0);
  });

  test('is counted apart from listeners', () => {
    const tracker = bench();
    joinRelay(tracker);
    tracker.joinMany(3);
    expect(tracker.swarm).toMatchObject({ listeners: 3, relays: 1 });
  });
});
