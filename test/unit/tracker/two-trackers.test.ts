import { describe, expect, test } from 'vitest';
import { identities } from '../../../server/tracker/identities.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { TrackerBench } from '../../support/tracker-bench.ts';
import type { FakeListener } from '../../support/tracker-bench.ts';

const MEMBERS = 40;

const trackerWith = (seed: number): TrackerBench => new TrackerBench(seededRandom(seed), { identities });

/** Members of one tracker, which is then gone, and another tracker that knows nothing. */
function setUp() {
  const members = trackerWith(1).joinMany(MEMBERS);
  return { members, second: trackerWith(2) };
}
const idsOf = (listeners: readonly FakeListener[]): readonly string[] =>
  listeners.map(({ peerId }) => peerId);

describe('members that come over from another tracker', () => {
  test('keep their ids, whatever their order, and nobody is introduced to a neighbour that it has', () => {
    const { members, second } = setUp();
    // The bench refuses an introduction of two that are linked.
    const come = members.toReversed().map((member) => second.join({ resume: member }));
    expect(idsOf(come)).toEqual(idsOf(members.toReversed()));
    expect(second.swarm).toMatchObject({ mode: 'mesh', listeners: MEMBERS });
    expect(second.swarm.seeds.every(({ peerIds }) => peerIds.length > 0)).toBe(true);
  });

  test('are introduced to newcomers, who reach them under the ids that their links have', () => {
    const { members, second } = setUp();
    const come = new Map(members.map((member) => [member.peerId, second.join({ resume: member })]));
    const newcomer = second.join();
    expect(newcomer.neighbours.size).toBeGreaterThan(0);
    for (const peerId of newcomer.neighbours) {
      second.say(newcomer, { type: 'signal', to: peerId, data: 'offer' });
      expect(come.get(peerId)?.inbox.at(-1)).toEqual({
        type: 'signal',
        from: newcomer.peerId,
        data: 'offer',
      });
    }
  });

  test('meet newcomers that came before them', () => {
    const { members, second } = setUp();
    const newcomers = second.joinMany(3);
    for (const member of members) second.join({ resume: member });
    second.pass(5_000);
    const known = new Set(idsOf(members));
    for (const newcomer of newcomers)
      expect([...newcomer.neighbours].some((peerId) => known.has(peerId))).toBe(true);
  });

  test('have their ids to themselves: a neighbour that knows one cannot come with it, however early it is', () => {
    const { members, second } = setUp();
    const [victim] = members;
    if (victim === undefined) throw new Error('Cannot take the first as there are some');
    const thief = second.join({ resume: { ...victim, secret: 'f'.repeat(32) } });
    expect(thief.peerId).not.toBe(victim.peerId);
    const back = second.join({ resume: victim });
    expect([back.peerId, thief.closed]).toEqual([victim.peerId, null]);
  });

  test('are again who they were at the first tracker when they go back to it', () => {
    const first = trackerWith(1);
    const members = first.joinMany(MEMBERS);
    const restarted = trackerWith(3);
    const second = trackerWith(2);
    const come = members.map((member) => second.join({ resume: member }));
    for (const listener of come) second.leave(listener);
    expect(second.swarm.members).toBe(0);
    const back = come.map((listener) => restarted.join({ resume: listener }));
    expect(idsOf(back)).toEqual(idsOf(members));
  });
});
