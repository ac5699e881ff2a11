import { describe, expect, test } from 'vitest';
import {
  DISTRUST_ADDRESSES,
  INTRODUCTION_SETTLE,
  LINKS_MAX,
  PROPOSALS_MAX,
  SEED_REVIEW,
  WELCOME_NEIGHBOURS,
} from '../../../shared/tracker/limits.ts';
import { INTRODUCTION_MAX, UNREACHABLE_REASON } from '../../../shared/tracker/messages.ts';
import type { TrackerMessage } from '../../../shared/tracker/messages.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { TrackerBench } from '../../support/tracker-bench.ts';
import type { FakeListener } from '../../support/tracker-bench.ts';

const bench = (): TrackerBench => new TrackerBench(seededRandom(3));
type Introduction = Extract<TrackerMessage, { type: 'welcome' | 'introduce' }>;

function lastIntroduction({ inbox }: FakeListener): Introduction {
  const found = inbox.findLast(
    (message): message is Introduction => message.type === 'welcome' || message.type === 'introduce',
  );
  if (found === undefined) throw new Error('Cannot look at an introduction as one must have come');
  return found;
}

const proposedTo = (listener: FakeListener): readonly string[] =>
  lastIntroduction(listener).proposals.flatMap(({ peerIds }) => peerIds);
const neighboursGiven = (listener: FakeListener): readonly string[] =>
  lastIntroduction(listener).neighbours.map(({ peerId }) => peerId);
const need = (tracker: TrackerBench, listener: FakeListener, neighbours = 0): void => {
  tracker.pass(INTRODUCTION_SETTLE);
  tracker.say(listener, { type: 'need', neighbours, parentsFor: [0, 1, 2, 3] });
};

const complain = (tracker: TrackerBench, target: FakeListener, complainants: FakeListener[]): void => {
  for (const listener of complainants)
    tracker.say(listener, { type: 'complaint', peerId: target.peerId, reason: 'bad-signature' });
};

describe('introductions', () => {
  test('give a newcomer as many neighbours as it should have', () => {
    const tracker = bench();
    tracker.joinMany(50);
    expect(neighboursGiven(tracker.join())).toHaveLength(WELCOME_NEIGHBOURS);
  });

  test('give all there are when there are few', () => {
    const tracker = bench();
    tracker.joinMany(3);
    expect(neighboursGiven(tracker.join())).toHaveLength(3);
  });

  test('are made once: whoever was introduced does not hear of it, but is called', () => {
    const tracker = bench();
    const [first] = tracker.joinMany(2);
    expect(first?.inbox.some(({ type }) => type === 'introduce')).toBe(false);
  });

  test('are never to oneself nor to a peer that one has', () => {
    const tracker = bench();
    const members = tracker.joinMany(30);
    // The bench refuses both; each asks for as many as it may.
    for (const listener of members) need(tracker, listener, INTRODUCTION_MAX);
    expect(members.every(({ neighbours }) => neighbours.size >= WELCOME_NEIGHBOURS)).toBe(true);
  });

  test('leave out peers that the newcomer still has links with', () => {
    const tracker = bench();
    const members = tracker.joinMany(4);
    const known = members.slice(0, 3).map(({ peerId }) => peerId);
    const newcomer = tracker.join({ neighbours: known });
    expect(neighboursGiven(newcomer)).toEqual([members[3]?.peerId]);
  });

  test('spread links: nobody gets more than a listener takes', () => {
    const tracker = bench();
    const members = tracker.joinMany(400);
    expect(Math.max(...members.map(({ neighbours }) => neighbours.size))).toBeLessThanOrEqual(LINKS_MAX + 1);
  });

  test('never bring a pair together again that could not connect', () => {
    const tracker = bench();
    const [one, two] = tracker.joinMany(2);
    if (one === undefined || two === undefined) throw new Error('Cannot take two as there are two');
    tracker.say(two, { type: 'complaint', peerId: one.peerId, reason: UNREACHABLE_REASON });
    need(tracker, two, 8);
    need(tracker, one, 8);
    expect(lastIntroduction(two).type).toBe('welcome');
    expect(lastIntroduction(one).type).toBe('welcome');
    const third = tracker.join();
    expect(neighboursGiven(third)).toHaveLength(2);
  });

  test('are asked for at most so often, and not while the last ones are still being called', () => {
    const tracker = bench();
    tracker.joinMany(200);
    const greedy = tracker.join();
    const answers = (): number => greedy.inbox.filter(({ type }) => type === 'introduce').length;
    const ask = (): void => tracker.say(greedy, { type: 'need', neighbours: 8, parentsFor: [0, 1, 2, 3] });
    ask();
    expect(answers()).toBe(0);
    tracker.pass(INTRODUCTION_SETTLE);
    ask();
    expect(answers()).toBe(1);
    for (let count = 0; count < 50; count += 1) ask();
    expect(answers()).toBe(1);
    expect(greedy.closed).toBeNull();
  });
});

describe('proposed parents', () => {
  test('are a few per stripe, and among the neighbours', () => {
    const tracker = bench();
    tracker.joinMany(60);
    const { proposals } = lastIntroduction(tracker.join());
    expect(proposals.map(({ stripe }) => stripe)).toEqual([0, 1, 2, 3]);
    for (const { peerIds } of proposals) expect(peerIds.length).toBeLessThanOrEqual(PROPOSALS_MAX);
  });

  test('begin with the seeds of the stripe while those have room', () => {
    const tracker = bench();
    tracker.joinMany(4);
    tracker.pass(2 * SEED_REVIEW);
    const { proposals } = lastIntroduction(tracker.join());
    for (const { stripe, peerIds } of proposals)
      expect(peerIds[0]).toBe(tracker.swarm.seeds.find((seeds) => seeds.stripe === stripe)?.peerIds[0]);
  });

  test('come later when they have told that they are full', () => {
    const tracker = bench();
    const members = tracker.joinMany(8);
    tracker.pass(2 * SEED_REVIEW);
    const [full] = tracker.swarm.seeds[0]?.peerIds ?? [];
    for (const listener of members)
      tracker.report(listener, { childSlotsFree: listener.peerId === full ? 0 : 10 });
    const first = lastIntroduction(tracker.join()).proposals.find(({ stripe }) => stripe === 0);
    expect(first?.peerIds[0]).not.toBe(full);
  });

  test('are shallow before deep', () => {
    const tracker = bench();
    const members = tracker.joinMany(12);
    tracker.pass(2 * SEED_REVIEW);
    const seeds = new Set<string>(tracker.swarm.seeds.flatMap(({ peerIds }) => peerIds));
    const others = members.filter(({ peerId }) => !seeds.has(peerId));
    for (const [index, listener] of others.entries())
      tracker.report(listener, { depths: Array.from({ length: 4 }, () => index + 1) });
    for (const listener of members)
      if (seeds.has(listener.peerId)) tracker.report(listener, { childSlotsFree: 0 });
    const newcomer = tracker.join();
    const deepest = others.at(-1)?.peerId ?? '';
    for (const { peerIds } of lastIntroduction(newcomer).proposals) expect(peerIds[0]).not.toBe(deepest);
  });

  test('are never leaves, nor peers without upload', () => {
    const tracker = bench();
    const leaves = [
      ...tracker.joinMany(10, { participation: 'leaf' }),
      ...tracker.joinMany(10, { uploadCapKbps: 0 }),
    ].map(({ peerId }) => peerId);
    tracker.joinMany(5);
    const proposed = proposedTo(tracker.join());
    expect(proposed.length).toBeGreaterThan(0);
    expect(proposed.filter((peerId) => leaves.includes(peerId))).toEqual([]);
  });

  test('are not named for stripes that a peer is a seed of', () => {
    const tracker = bench();
    const members = tracker.joinMany(4);
    tracker.pass(2 * SEED_REVIEW);
    for (const listener of members) {
      need(tracker, listener);
      const stripes = lastIntroduction(listener).proposals.map(({ stripe }) => stripe);
      expect(stripes).not.toContain(listener.seed?.stripes[0]);
    }
  });

  test('give each stripe inner nodes of its own, by capacity', () => {
    const tracker = bench();
    const strong = tracker.join({ uploadCapKbps: 3_200 });
    const weak = tracker.joinMany(30, { uploadCapKbps: 320 });
    const withStrong = weak.filter(({ primaryStripe }) => primaryStripe === strong.primaryStripe);
    expect(withStrong).toEqual([]);
    const counts = [0, 1, 2, 3].map(
      (stripe) => weak.filter(({ primaryStripe }) => primaryStripe === stripe).length,
    );
    expect(counts.filter((count) => count === 10)).toHaveLength(3);
  });
});

const distrusted = (tracker: TrackerBench): readonly number[] =>
  tracker.outputs.flatMap((output) => (output.type === 'distrusted' ? [output.member] : []));

describe('complaints', () => {
  test('from several addresses take a peer out of introductions, proposals and seeds', () => {
    const tracker = bench();
    const members = tracker.joinMany(4);
    tracker.pass(2 * SEED_REVIEW);
    const [accused, ...others] = members;
    if (accused === undefined) throw new Error('Cannot accuse a member as there are four');
    complain(tracker, accused, others.slice(0, DISTRUST_ADDRESSES));
    expect(accused.seed?.stripes).toEqual([]);
    expect(distrusted(tracker)).toEqual([accused.connection]);
    const newcomer = tracker.join();
    expect(neighboursGiven(newcomer)).not.toContain(accused.peerId);
    expect(proposedTo(newcomer)).not.toContain(accused.peerId);
  });

  test('from one address, however many, are only a hint', () => {
    const tracker = bench();
    const accused = tracker.join();
    const rivals = tracker.joinMany(3, { address: '192.0.2.1' });
    complain(tracker, accused, rivals);
    expect(distrusted(tracker)).toEqual([]);
    expect(neighboursGiven(tracker.join())).toContain(accused.peerId);
  });

  test('about a peer that one does not know are not heard', () => {
    const tracker = bench();
    const members = tracker.joinMany(60);
    const newcomer = tracker.join();
    const strangers = members.filter(({ peerId }) => !newcomer.neighbours.has(peerId));
    complain(tracker, newcomer, strangers.slice(0, DISTRUST_ADDRESSES));
    need(tracker, newcomer, 4);
    const later = tracker.joinMany(40);
    expect(later.some((listener) => listener.neighbours.has(newcomer.peerId))).toBe(true);
  });
});
