import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RESUME_GRACE, SEED_REVIEW } from '../../../shared/tracker/limits.ts';
import { seedTarget } from '../../../shared/tracker/seed-choice.ts';
import { peerId } from '../../../shared/units.ts';
import { seeded } from '../../support/property.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { TrackerBench } from '../../support/tracker-bench.ts';
import type { FakeListener } from '../../support/tracker-bench.ts';

/** Seeds above the target while some hand over or have come back. */
const SLACK = 1;

const STEPS = [
  'join',
  'joinLeaf',
  'leave',
  'lose',
  'resume',
  'report',
  'need',
  'stall',
  'fail',
  'path',
  'pass',
] as const;
interface Step {
  readonly kind: (typeof STEPS)[number];
  readonly which: number;
}
const steps = fc.array(
  fc.record({
    kind: fc.oneof(
      { weight: 3, arbitrary: fc.constant('join' as const) },
      { weight: 8, arbitrary: fc.constantFrom(...STEPS) },
    ),
    which: fc.nat(1_000),
  }),
  { minLength: 1, maxLength: 120 },
);

/** The bench itself refuses unknown, repeated and own introductions, and parents that are no neighbours. */
function play(bench: TrackerBench, script: readonly Step[]): void {
  const present: FakeListener[] = [];
  const lost: FakeListener[] = [];
  for (const { kind, which } of script) {
    const chosen = present[which % Math.max(1, present.length)];
    if (kind === 'join') present.push(bench.join({ uploadCapKbps: which * 4 }));
    else if (kind === 'joinLeaf') present.push(bench.join({ participation: 'leaf' }));
    else if (kind === 'path') bench.seedPath(which % 2 === 0);
    else if (kind === 'pass') bench.pass(which * 10);
    else if (kind === 'resume') {
      const back = lost.pop();
      if (back !== undefined) present.push(bench.join({ resume: back }));
    } else if (chosen !== undefined) actOn(bench, chosen, kind, which, present, lost);
  }
}

function actOn(
  bench: TrackerBench,
  chosen: FakeListener,
  kind: Step['kind'],
  which: number,
  present: FakeListener[],
  lost: FakeListener[],
): void {
  if (kind === 'leave' || kind === 'lose') present.splice(present.indexOf(chosen), 1);
  if (kind === 'leave') bench.leave(chosen);
  else if (kind === 'lose') {
    bench.disconnect(chosen);
    lost.push(chosen);
  } else if (kind === 'report')
    bench.report(chosen, {
      playedOnTime: (which % 11) / 10,
      uploadCapKbps: which,
      neighbourCount: chosen.neighbours.size,
    });
  else if (kind === 'need')
    bench.say(chosen, { type: 'need', neighbours: which % 13, parentsFor: [0, 1, 2, 3] });
  else if (kind === 'stall') bench.stalled(peerId(chosen.peerId));
  else if (kind === 'fail') bench.say(chosen, { type: 'seedFailed', reason: 'test' });
}

describe('whatever happens', () => {
  test('there are never more seeds than needed for long, nobody unknown is introduced, nothing stays behind', () => {
    fc.assert(
      fc.property(steps, fc.integer(), (script, seed) => {
        const bench = new TrackerBench(seededRandom(seed));
        play(bench, script);
        bench.pass(RESUME_GRACE + 3 * SEED_REVIEW);
        const { seeds, listeners, mode } = bench.swarm;
        for (const { peerIds } of seeds) {
          expect(peerIds.length).toBeLessThanOrEqual(mode === 'solo' ? 0 : seedTarget(listeners) + SLACK);
          for (const id of peerIds) expect(bench.byId(id).seed?.stripes.length).toBeGreaterThan(0);
        }
        for (const listener of bench.listeners.values()) bench.leave(listener);
        bench.pass(RESUME_GRACE);
        expect(bench.tracker.snapshot()).toMatchObject({
          connections: 0,
          addresses: 0,
          pending: 0,
          swarms: [
            { listeners: 0, members: 0, seeds: [0, 1, 2, 3].map((stripe) => ({ stripe, peerIds: [] })) },
          ],
        });
        expect(bench.tracker.deadline()).toBeNull();
      }),
      seeded('tracker invariants', 150),
    );
  });

  test('the same inputs and random numbers give the same outputs', () => {
    fc.assert(
      fc.property(steps, fc.integer(), (script, seed) => {
        const [one, two] = [new TrackerBench(seededRandom(seed)), new TrackerBench(seededRandom(seed))];
        play(one, script);
        play(two, script);
        expect(two.outputs).toEqual(one.outputs);
      }),
      seeded('tracker determinism', 30),
    );
  });
});

describe('a large swarm', () => {
  test('takes joins as quickly as a small one: work per join does not grow with the swarm', () => {
    expect(draws(4_000)).toBeLessThan(2 * draws(400));
  });
});

/** Random numbers that fifty joins take in a swarm of so many. */
function draws(members: number): number {
  let count = 0;
  const random = seededRandom(6);
  const bench = new TrackerBench(() => {
    count += 1;
    return random();
  });
  bench.joinMany(members);
  const before = count;
  bench.joinMany(50);
  return count - before;
}
