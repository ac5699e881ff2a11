import { describe, expect, test } from 'vitest';
import { LATE_ADDRESSES_MIN, LATE_KEPT, RELAY_REST, SEED_REVIEW } from '../../../shared/tracker/limits.ts';
import { LATE_REASON } from '../../../shared/tracker/messages.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { TrackerBench } from '../../support/tracker-bench.ts';
import type { FakeListener } from '../../support/tracker-bench.ts';

const bench = (): TrackerBench => new TrackerBench(seededRandom(3));
const joinRelay = (tracker: TrackerBench): FakeListener =>
  tracker.join({ participation: 'dedicated', uploadCapKbps: 20_000 });
function complainOf(
  tracker: TrackerBench,
  relay: FakeListener,
  children: readonly FakeListener[],
  stripe = 0,
): void {
  for (const child of children)
    tracker.say(child, { type: 'complaint', peerId: relay.peerId, reason: LATE_REASON, stripe });
}
const verdicts = (tracker: TrackerBench): readonly number[] =>
  tracker.outputs.flatMap((output) => (output.type === 'resting' ? [output.member] : []));
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

/** It is everybody's parent for all stripes. */
const withRelay = (listeners: number) => {
  const tracker = bench();
  const relay = joinRelay(tracker);
  const children = tracker.joinMany(listeners);
  tracker.pass(2 * SEED_REVIEW);
  tracker.report(relay, {
    uploadCapKbps: 20_000,
    childSlotsFree: 192 - 4 * listeners,
    childCount: 4 * listeners,
    neighbourCount: listeners,
  });
  return { tracker, relay, children };
};

describe('a community relay that its children let go for late chunks', () => {
  test('is no seed and proposed to nobody for a while, and then again', () => {
    const { tracker, relay, children } = withRelay(6);
    complainOf(tracker, relay, children.slice(0, LATE_ADDRESSES_MIN));
    expect(verdicts(tracker)).toEqual([relay.connection]);
    expect(stripesOf(relay)).toBe(0);
    expect(tracker.swarm.seeds.every(({ peerIds }) => peerIds.length === 1)).toBe(true);
    const newcomer = tracker.join();
    const proposed = newcomer.inbox.flatMap((message) =>
      message.type === 'welcome' ? message.proposals.flatMap(({ peerIds }) => peerIds) : [],
    );
    expect(proposed.length).toBeGreaterThan(0);
    expect(proposed).not.toContain(relay.peerId);
    tracker.pass(RELAY_REST - SEED_REVIEW);
    expect(stripesOf(relay)).toBe(0);
    tracker.pass(4 * SEED_REVIEW);
    expect(stripesOf(relay)).toBe(4);
  });

  test('is not judged by a few of many, nor by one address, nor over a long time', () => {
    const { tracker, relay, children } = withRelay(30);
    complainOf(tracker, relay, children.slice(0, 9));
    expect(stripesOf(relay)).toBe(4);
    tracker.pass(LATE_KEPT + SEED_REVIEW);
    complainOf(tracker, relay, children.slice(9, 18));
    complainOf(tracker, relay, children.slice(9, 18));
    expect(stripesOf(relay)).toBe(4);
    expect(verdicts(tracker)).toEqual([]);
    complainOf(tracker, relay, children.slice(18, 20));
    expect(verdicts(tracker)).toEqual([relay.connection]);
  });

  test('is not judged for a stripe that no edge feeds it', () => {
    const { tracker, relay, children } = withRelay(6);
    for (const other of [joinRelay(tracker), joinRelay(tracker)])
      tracker.report(other, { neighbourCount: 9 });
    tracker.pass(6 * SEED_REVIEW);
    const ofOthers = [0, 1, 2, 3].filter((stripe) => relay.seed?.stripes.every((own) => own !== stripe));
    expect(stripesOf(relay)).toBeGreaterThan(0);
    expect(ofOthers.length).toBeGreaterThan(0);
    for (const stripe of ofOthers) complainOf(tracker, relay, children, stripe);
    expect(verdicts(tracker)).toEqual([]);
  });

  test('is everybody’s neighbour as before: it may still have what others lack', () => {
    const { tracker, relay, children } = withRelay(6);
    complainOf(tracker, relay, children);
    expect(children.every(({ neighbours }) => neighbours.has(relay.peerId))).toBe(true);
  });

  test('which is no relay but a listener is left to its neighbours’ own judgement', () => {
    const tracker = bench();
    const [accused, ...others] = tracker.joinMany(6);
    if (accused === undefined) throw new Error('Cannot accuse a member as there are six');
    tracker.pass(2 * SEED_REVIEW);
    complainOf(tracker, accused, others);
    expect(verdicts(tracker)).toEqual([]);
  });
});
