import { describe, expect, test } from 'vitest';
import { SEED_REVIEW, SMALL_AGAIN_AFTER } from '../../../shared/tracker/limits.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { TrackerBench } from '../../support/tracker-bench.ts';

const bench = (smallSwarmSize = 2): TrackerBench => new TrackerBench(seededRandom(2), { smallSwarmSize });

describe('a small swarm', () => {
  test('is served by the edge alone', () => {
    const tracker = bench();
    tracker.seedPath(true);
    const only = tracker.join();
    expect(only.seed).toMatchObject({ stripes: [0, 1, 2, 3], transport: 'http', solo: true });
  });

  test('shows nobody anybody else, and carries no signals', () => {
    const tracker = bench(4);
    const members = tracker.joinMany(3);
    const [one, two] = members;
    if (one === undefined || two === undefined) throw new Error('Cannot take two as there are three');
    tracker.say(one, { type: 'signal', to: two.peerId, data: 'offer' });
    tracker.say(one, { type: 'need', neighbours: 8, parentsFor: [0, 1, 2, 3] });
    expect(members.flatMap(({ inbox }) => inbox).every(({ type }) => type === 'welcome')).toBe(true);
    expect(members.every(({ neighbours }) => neighbours.size === 0)).toBe(true);
  });

  test('ends when it has grown: all are introduced, and the edge no longer serves everyone', () => {
    const tracker = bench(4);
    const members = tracker.joinMany(4);
    for (const member of members) {
      expect(member.neighbours.size).toBe(3);
      expect(member.seed?.solo).toBe(false);
    }
    tracker.pass(2 * SEED_REVIEW);
    for (const member of members) expect(member.seed?.stripes).toHaveLength(1);
  });

  test('is back only after it has been small for a while, so that it does not flap', () => {
    const tracker = bench();
    const [stays, leaves] = tracker.joinMany(2);
    if (stays === undefined || leaves === undefined) throw new Error('Cannot take two as there are two');
    tracker.leave(leaves);
    tracker.pass(SMALL_AGAIN_AFTER - SEED_REVIEW);
    expect(stays.seed?.solo).toBe(false);
    expect(stays.seed?.stripes).toEqual([0, 1, 2, 3]);
    tracker.pass(3 * SEED_REVIEW);
    expect(stays.seed).toMatchObject({ stripes: [0, 1, 2, 3], transport: 'http', solo: true });
  });

  test('does not come back because everybody lost the tracker for a moment', () => {
    const tracker = bench();
    const before = tracker.joinMany(3);
    for (const listener of before) tracker.disconnect(listener);
    const [first] = before;
    if (first === undefined) throw new Error('Cannot resume the first as there are three');
    const back = tracker.join({ resume: first });
    expect(back.seed?.solo ?? false).toBe(false);
    expect(tracker.swarm.mode).toBe('mesh');
  });
});
