import { describe, expect, test } from 'vitest';
import {
  LOST_SETTLE,
  SEED_DEMOTION,
  SEED_RETURN_STEP,
  SEED_REVIEW,
  SEED_WEBRTC_RETRY,
} from '../../../shared/tracker/limits.ts';
import { seedTarget } from '../../../shared/tracker/seed-choice.ts';
import { peerId } from '../../../shared/units.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { TrackerBench } from '../../support/tracker-bench.ts';
import type { FakeListener } from '../../support/tracker-bench.ts';

const bench = (): TrackerBench => new TrackerBench(seededRandom(1));
const seedsPerStripe = (tracker: TrackerBench): number[] =>
  tracker.swarm.seeds.map(({ peerIds }) => peerIds.length);
const stripesOf = (listener: FakeListener): readonly number[] => listener.seed?.stripes ?? [];
const seeds = (tracker: TrackerBench): FakeListener[] =>
  [...tracker.listeners.values()].filter((listener) => stripesOf(listener).length > 0);

describe('seeds', () => {
  test.each([
    [0, 0],
    [1, 1],
    [30, 1],
    [100, 2],
    [1_000, 4],
    [10_000, 8],
  ])('a swarm of %i needs %i per stripe', (listeners, expected) => {
    expect(seedTarget(listeners)).toBe(expected);
  });

  test('are there as soon as the swarm is no longer small, before anyone has reported', () => {
    const tracker = bench();
    tracker.joinMany(2);
    expect(seedsPerStripe(tracker).every((count) => count >= 1)).toBe(true);
  });

  test('take one stripe each once there are enough members', () => {
    const tracker = bench();
    const first = tracker.joinMany(4);
    tracker.pass(2 * SEED_REVIEW);
    expect(first.map((listener) => stripesOf(listener).length)).toEqual([1, 1, 1, 1]);
    expect(new Set(first.flatMap(stripesOf)).size).toBe(4);
  });

  test('give a stripe up only when they have a link with one that has it now', () => {
    const tracker = bench();
    const members = tracker.joinMany(60);
    let before = new Map(members.map((listener) => [listener, stripesOf(listener)]));
    for (let review = 0; review < 6; review += 1) {
      tracker.pass(SEED_REVIEW);
      for (const [listener, stripes] of before)
        for (const stripe of stripes.filter((each) => !stripesOf(listener).includes(each)))
          expect(tracker.swarm.seeds[stripe]?.peerIds.some((peerId) => listener.neighbours.has(peerId))).toBe(
            true,
          );
      before = new Map(members.map((listener) => [listener, stripesOf(listener)]));
    }
    expect(Math.max(...members.map((listener) => stripesOf(listener).length))).toBe(1);
  });

  test('are seeds of the stripe that they are inner nodes of', () => {
    const tracker = bench();
    const first = tracker.joinMany(4);
    tracker.pass(2 * SEED_REVIEW);
    for (const listener of first) expect(stripesOf(listener)).toEqual([listener.primaryStripe]);
  });

  test('keep a stripe that moves until the other has it', () => {
    const tracker = bench();
    const [first] = tracker.joinMany(2);
    if (first === undefined) throw new Error('Cannot look at the first listener as there is one');
    expect(stripesOf(first)).toEqual([0, 1, 2, 3]);
    tracker.pass(SEED_REVIEW);
    expect(stripesOf(first)).toHaveLength(2);
  });

  test('grow in number with the swarm, and never beyond one more than needed', () => {
    const tracker = bench();
    tracker.joinMany(200);
    tracker.pass(3 * SEED_REVIEW);
    const needed = seedTarget(200);
    for (const count of seedsPerStripe(tracker)) {
      expect(count).toBeGreaterThanOrEqual(needed);
      expect(count).toBeLessThanOrEqual(needed + 1);
    }
  });

  test('become fewer when the swarm shrinks', () => {
    const tracker = bench();
    const members = tracker.joinMany(1_000, { participation: 'relay' });
    tracker.pass(SEED_REVIEW);
    for (const listener of members.slice(20)) tracker.leave(listener);
    tracker.pass(10 * SEED_REVIEW);
    expect(seedsPerStripe(tracker)).toEqual([1, 1, 1, 1]);
  });

  test('that leave are replaced at once', () => {
    const tracker = bench();
    tracker.joinMany(20);
    tracker.pass(2 * SEED_REVIEW);
    for (const seed of seeds(tracker)) tracker.leave(seed);
    expect(seedsPerStripe(tracker)).toEqual([1, 1, 1, 1]);
    expect(seeds(tracker)).toHaveLength(4);
  });

  test('whose connection is lost are replaced very soon, and are trimmed after they came back', () => {
    const tracker = bench();
    tracker.joinMany(20);
    tracker.pass(2 * SEED_REVIEW);
    const [lost] = seeds(tracker);
    if (lost === undefined) throw new Error('Cannot lose a seed as there is one');
    tracker.disconnect(lost);
    tracker.pass(LOST_SETTLE);
    const present = seeds(tracker);
    expect(new Set(present.flatMap(stripesOf)).size).toBe(4);
    const back = tracker.join({ resume: lost });
    expect(back.peerId).toBe(lost.peerId);
    tracker.pass(4 * SEED_REVIEW);
    expect(seedsPerStripe(tracker)).toEqual([1, 1, 1, 1]);
  });

  test('stay as they are when the tracker itself was away: nobody is made a seed in their place', () => {
    const tracker = bench();
    const members = tracker.joinMany(20);
    tracker.pass(2 * SEED_REVIEW);
    const before = new Map(members.map((listener) => [listener.peerId, stripesOf(listener)]));
    for (const listener of members) tracker.disconnect(listener);
    tracker.pass(20_000);
    const back = members.toReversed().map((resume) => {
      tracker.pass(100);
      return tracker.join({ resume });
    });
    tracker.pass(2 * SEED_REVIEW);
    for (const listener of back) expect(stripesOf(listener)).toEqual(before.get(listener.peerId));
  });

  test('whose buffer is full are demoted and not chosen again for a while', () => {
    const tracker = bench();
    tracker.seedPath(true);
    tracker.joinMany(6);
    tracker.pass(2 * SEED_REVIEW);
    const [stalled] = seeds(tracker);
    if (stalled === undefined) throw new Error('Cannot stall a seed as there is one');
    tracker.stalled(peerId(stalled.peerId));
    expect(stripesOf(stalled)).toEqual([]);
    expect(seedsPerStripe(tracker)).toEqual([1, 1, 1, 1]);
    tracker.pass(SEED_DEMOTION - SEED_REVIEW);
    expect(stripesOf(stalled)).toEqual([]);
  });

  test('are never leaves, nor peers without upload, nor peers that hear badly', () => {
    const tracker = bench();
    tracker.joinMany(10, { participation: 'leaf' });
    tracker.joinMany(10, { uploadCapKbps: 0 });
    expect(seeds(tracker)).toEqual([]);
    const poor = tracker.join();
    expect(stripesOf(poor)).toHaveLength(4);
    const good = tracker.join();
    tracker.report(poor, { playedOnTime: 0.5 });
    tracker.pass(2 * SEED_REVIEW);
    expect(stripesOf(poor)).toEqual([]);
    expect(stripesOf(good)).toHaveLength(4);
  });

  test('are fed over WebRTC when the path is up, over HTTP when it is not', () => {
    const tracker = bench();
    tracker.joinMany(2);
    expect(seeds(tracker).map(({ seed }) => seed?.transport)).toEqual(['http', 'http']);
    const up = bench();
    up.seedPath(true);
    up.joinMany(2);
    expect(seeds(up).map(({ seed }) => seed?.transport)).toEqual(['webrtc', 'webrtc']);
  });

  test('stay seeds of the same stripes over HTTP when the path goes down, and return one by one', () => {
    const tracker = bench();
    tracker.seedPath(true);
    tracker.joinMany(6);
    tracker.pass(2 * SEED_REVIEW);
    const before = seeds(tracker).map(stripesOf);
    tracker.seedPath(false);
    expect(seeds(tracker).map(({ seed }) => seed?.transport)).toEqual(['http', 'http', 'http', 'http']);
    expect(seeds(tracker).map(stripesOf)).toEqual(before);
    tracker.seedPath(true);
    const byWebrtc = (): number => seeds(tracker).filter(({ seed }) => seed?.transport === 'webrtc').length;
    expect(byWebrtc()).toBe(1);
    tracker.pass(SEED_RETURN_STEP);
    expect(byWebrtc()).toBe(2);
    tracker.pass(2 * SEED_RETURN_STEP);
    expect(byWebrtc()).toBe(4);
    expect(seeds(tracker).map(stripesOf)).toEqual(before);
  });

  test('whose transport fails get the same stripes over HTTP, and another try later', () => {
    const tracker = bench();
    tracker.seedPath(true);
    tracker.joinMany(4);
    tracker.pass(2 * SEED_REVIEW);
    const [failed] = seeds(tracker);
    if (failed === undefined) throw new Error('Cannot fail a seed as there is one');
    const before = stripesOf(failed);
    tracker.say(failed, { type: 'seedFailed', reason: 'no candidate pair' });
    expect(failed.seed).toMatchObject({ transport: 'http', stripes: before });
    tracker.pass(SEED_WEBRTC_RETRY - SEED_REVIEW);
    expect(failed.seed?.transport).toBe('http');
    tracker.pass(3 * SEED_REVIEW);
    expect(failed.seed?.transport).toBe('webrtc');
  });

  test('that give a stripe up are told parents for it', () => {
    const tracker = bench();
    const [first, second] = tracker.joinMany(2);
    if (first === undefined) throw new Error('Cannot look at the first listener as there is one');
    tracker.pass(SEED_REVIEW);
    const last = first.inbox.at(-1);
    expect(last?.type === 'introduce' && last.proposals).toMatchObject([
      { peerIds: [second?.peerId] },
      { peerIds: [second?.peerId] },
    ]);
  });

  test('that are gone have their transport ended', () => {
    const tracker = bench();
    const [first] = tracker.joinMany(3);
    if (first === undefined) throw new Error('Cannot look at the first listener as there is one');
    tracker.leave(first);
    expect(tracker.outputs.filter(({ type }) => type === 'releaseSeed')).toMatchObject([
      { peerId: first.peerId },
    ]);
  });
});
