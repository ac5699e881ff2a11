import { describe, expect, test } from 'vitest';
import {
  CUT_OFF_GRACE,
  CUT_OFF_LOOK,
  JOIN_TIMEOUT,
  RESUME_GRACE,
  reportInterval,
} from '../../../shared/tracker/limits.ts';
import { TRACKER_CLOSE_CODES } from '../../../shared/tracker/messages.ts';
import type { TrackerOptions } from '../../../shared/tracker/tracker-io.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { TrackerBench, joinMessage } from '../../support/tracker-bench.ts';
import type { FakeListener } from '../../support/tracker-bench.ts';

const bench = (options: Partial<TrackerOptions> = {}): TrackerBench =>
  new TrackerBench(seededRandom(4), options);
const ofType = ({ inbox }: FakeListener, type: string): unknown[] =>
  inbox.filter((message) => message.type === type);

describe('a connection', () => {
  test('must join first, in time, once, with our version, for a mount that is there', () => {
    const tracker = bench();
    const silent = tracker.connect();
    tracker.pass(JOIN_TIMEOUT);
    expect(silent.closed?.code).toBe(TRACKER_CLOSE_CODES.malformed);

    const rude = tracker.connect();
    tracker.say(rude, { type: 'leave' });
    expect(rude.closed?.code).toBe(TRACKER_CLOSE_CODES.malformed);

    const twice = tracker.join();
    tracker.say(twice, joinMessage());
    expect(twice.closed?.code).toBe(TRACKER_CLOSE_CODES.malformed);

    const old = tracker.connect();
    tracker.say(old, { ...joinMessage(), version: 0 });
    expect(old.closed?.code).toBe(TRACKER_CLOSE_CODES.malformed);

    const lost = tracker.connect();
    tracker.say(lost, { ...joinMessage(), mountId: 'ffffffffffffffff' });
    expect(lost.closed?.code).toBe(TRACKER_CLOSE_CODES.unknownMount);
  });

  test('that sends too much is closed', () => {
    const tracker = bench({ messagesPerSecondMax: 10 });
    const listener = tracker.join();
    for (let count = 0; count < 79; count += 1) tracker.report(listener);
    expect(listener.closed).toBeNull();
    tracker.report(listener);
    expect(listener.closed?.code).toBe(TRACKER_CLOSE_CODES.limited);
  });

  test('may go on at the allowed rate for ever', () => {
    const tracker = bench({ messagesPerSecondMax: 10 });
    const listener = tracker.join();
    for (let count = 0; count < 2_000; count += 1) {
      tracker.pass(100);
      tracker.report(listener);
    }
    expect(listener.closed).toBeNull();
  });

  test('is refused when its address has brought enough listeners, until one of them is gone', () => {
    const tracker = bench({ peersPerAddressMax: 3 });
    const [first] = tracker.joinMany(3, { address: '192.0.2.1' });
    expect(tracker.connect('192.0.2.1').closed?.code).toBe(TRACKER_CLOSE_CODES.limited);
    expect(tracker.connect('192.0.2.2').closed).toBeNull();
    if (first !== undefined) tracker.leave(first);
    expect(tracker.connect('192.0.2.1').closed).toBeNull();
  });

  test('is sent away when the swarm is full', () => {
    const tracker = bench({ swarmSizeMax: 2 });
    tracker.joinMany(2);
    expect(tracker.join().closed?.code).toBe(TRACKER_CLOSE_CODES.unavailable);
  });

  test('reports less often in a larger swarm', () => {
    expect(reportInterval(30, 5_000)).toBe(5_000);
    expect(reportInterval(10_000, 5_000)).toBeGreaterThan(25_000);
    expect(reportInterval(10_000, 5_000)).toBeLessThan(30_000);
  });
});

describe('a peer', () => {
  test('that leaves is told to those who know it, at once', () => {
    const tracker = bench();
    const [one, two] = tracker.joinMany(2);
    if (one === undefined || two === undefined) throw new Error('Cannot take two as there are two');
    tracker.leave(two);
    expect(ofType(one, 'peerLeft')).toEqual([{ type: 'peerLeft', peerId: two.peerId }]);
  });

  test('whose connection is lost is remembered for a while, then told as gone', () => {
    const tracker = bench();
    const [one, two] = tracker.joinMany(2);
    if (one === undefined || two === undefined) throw new Error('Cannot take two as there are two');
    tracker.disconnect(two);
    tracker.pass(RESUME_GRACE - 1);
    expect(ofType(one, 'peerLeft')).toEqual([]);
    tracker.pass(1);
    expect(ofType(one, 'peerLeft')).toHaveLength(1);
  });

  test('that comes back keeps its id, its neighbours and its seed’s place', () => {
    const tracker = bench();
    const members = tracker.joinMany(6);
    const [lost] = members;
    if (lost === undefined) throw new Error('Cannot lose the first as there are six');
    for (const listener of members) tracker.disconnect(listener);
    const back = tracker.join({ resume: lost });
    expect(back.peerId).toBe(lost.peerId);
    expect(back.neighbours).toEqual(lost.neighbours);
    expect(back.seed?.stripes ?? lost.seed?.stripes).toEqual(
      expect.arrayContaining([...(lost.seed?.stripes ?? [])]),
    );
  });

  test('that resumes while its old connection still stands takes it over', () => {
    const tracker = bench();
    const first = tracker.join();
    const again = tracker.join({ resume: first });
    expect(first.closed?.code).toBe(TRACKER_CLOSE_CODES.replaced);
    expect(again.peerId).toBe(first.peerId);
    expect(tracker.swarm.listeners).toBe(1);
  });

  test('that shows a wrong secret gets an id of its own', () => {
    const tracker = bench();
    const victim = tracker.join();
    const thief = tracker.join({ resume: { ...victim, secret: 'f'.repeat(32) } });
    expect(thief.peerId).not.toBe(victim.peerId);
    expect(victim.closed).toBeNull();
  });

  test('keeps its id although the tracker has forgotten it, and is told that it is no seed', () => {
    const before = bench();
    const listener = before.join();
    const after = new TrackerBench(seededRandom(5), { smallSwarmSize: 0 });
    const other = after.join();
    const back = after.join({ resume: { ...listener, neighbours: new Set() }, participation: 'leaf' });
    expect(back.peerId).toBe(listener.peerId);
    expect(back.seed?.stripes).toEqual([]);
    expect(other.seed?.stripes).toEqual([0, 1, 2, 3]);
  });

  test('can signal only peers that it was introduced to', () => {
    const tracker = bench();
    const members = tracker.joinMany(60);
    const caller = tracker.join();
    const stranger = members.find(({ peerId }) => !caller.neighbours.has(peerId));
    const neighbour = members.find(({ peerId }) => caller.neighbours.has(peerId));
    if (stranger === undefined || neighbour === undefined)
      throw new Error('Cannot call as both kinds are there');
    tracker.say(caller, { type: 'signal', to: stranger.peerId, data: 'offer' });
    tracker.say(caller, { type: 'signal', to: neighbour.peerId, data: 'offer' });
    expect(ofType(stranger, 'signal')).toEqual([]);
    expect(ofType(neighbour, 'signal')).toEqual([{ type: 'signal', from: caller.peerId, data: 'offer' }]);
  });

  test('that signals one who is gone is told so', () => {
    const tracker = bench();
    const [one] = tracker.joinMany(2);
    if (one === undefined) throw new Error('Cannot take the first as there are two');
    tracker.say(one, { type: 'signal', to: '00000000000000ff', data: 'offer' });
    expect(ofType(one, 'peerLeft')).toEqual([{ type: 'peerLeft', peerId: '00000000000000ff' }]);
  });

  test('has its reports summed for the swarm, its leaving does not take them away', () => {
    const tracker = bench();
    const [one, two] = tracker.joinMany(2);
    if (one === undefined || two === undefined) throw new Error('Cannot take two as there are two');
    tracker.report(one, { bytesFromPeers: 100, bytesFromEdges: 50 });
    tracker.report(one, { bytesFromPeers: 300, bytesFromEdges: 50 });
    tracker.report(two, { bytesFromPeers: 10, bytesFromEdges: 20 });
    tracker.leave(one);
    expect(tracker.swarm).toMatchObject({ bytesFromPeers: 310, bytesFromEdges: 70 });
  });
});

describe('most connections lost at once', () => {
  test('mean that it is we who are away: nobody is given up, and seeds go on being fed', () => {
    const tracker = bench();
    const members = tracker.joinMany(30);
    const seedsBefore = tracker.swarm.seeds;
    for (const member of members) tracker.disconnect(member);
    tracker.pass(2 * RESUME_GRACE);
    expect(tracker.swarm.members).toBe(30);
    expect(tracker.swarm.seeds).toEqual(seedsBefore);
    expect(tracker.outputs.filter(({ type }) => type === 'releaseSeed')).toEqual([]);
  });

  test('are forgiven until most are back: then those still absent are given up', () => {
    const tracker = bench();
    const members = tracker.joinMany(30);
    for (const member of members) tracker.disconnect(member);
    tracker.pass(2 * RESUME_GRACE);
    for (const member of members.slice(0, 20)) tracker.join({ resume: member });
    tracker.pass(2 * CUT_OFF_LOOK);
    expect(tracker.swarm.members).toBe(20);
  });

  test('end a swarm all the same when nobody ever comes back', () => {
    const tracker = bench();
    for (const member of tracker.joinMany(30)) tracker.disconnect(member);
    tracker.pass(RESUME_GRACE + CUT_OFF_GRACE);
    expect(tracker.swarm.members).toBe(0);
  });
});
