import { describe, expect, test } from 'vitest';
import {
  ADDRESS_LENGTH_MAX,
  edgeAddresses,
  edgeOfTracker,
  EDGES_TOLD_MAX,
  trackerAddresses,
  TRACKERS_TOLD_MAX,
} from '../../../shared/station/addresses.ts';
import { EDGE_COMPLAINT_RATE } from '../../../shared/tracker/limits.ts';
import { TRACKER_MESSAGE_LENGTH_MAX, trackerMessageSchema } from '../../../shared/tracker/messages.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { MOUNT, TrackerBench } from '../../support/tracker-bench.ts';

const longest = (scheme: string, count: number): string[] =>
  Array.from({ length: 2 * count }, (_, index) =>
    `${scheme}://${index}.${'a'.repeat(ADDRESS_LENGTH_MAX)}`.slice(0, ADDRESS_LENGTH_MAX),
  );
const complaintsOf = (bench: TrackerBench) =>
  bench.outputs.filter((output) => output.type === 'edgeComplaint');

describe('an address of an edge', () => {
  test.each([
    'https://radio.example',
    'http://127.0.0.1:8080',
    'https://[2001:db8::1]:8443',
    'https://radio.example/under/a/path',
  ])('may be %s', (address) => {
    expect(edgeAddresses([address])).toEqual([address]);
  });

  test.each([
    'ftp://radio.example',
    'wss://radio.example',
    '//radio.example',
    'https://user:password@radio.example',
    'https://user@radio.example',
    'https://radio.example?x=1',
    'https://radio.example#x',
    'https://radio example',
    'https://',
    'https://:80',
    'javascript:alert(1)',
    `https://${'a'.repeat(ADDRESS_LENGTH_MAX)}`,
    '',
  ])('is left out if it is %s', (address) => {
    expect(edgeAddresses(['https://a.example', address, 'https://b.example'])).toEqual([
      'https://a.example',
      'https://b.example',
    ]);
  });

  test('counts once, with or without a slash at the end', () => {
    expect(edgeAddresses(['https://a.example/', 'https://a.example'])).toEqual(['https://a.example']);
  });

  test('of a tracker is that of its edge, if the tracker is where edges have one', () => {
    expect(edgeOfTracker('wss://radio.example:8443/tracker')).toBe('https://radio.example:8443');
    expect(edgeOfTracker('ws://127.0.0.1/tracker')).toBe('http://127.0.0.1');
    expect(edgeOfTracker('wss://radio.example/other')).toBeNull();
  });
});

test('as many addresses as may be told, each as long as it may be, fit into one message', () => {
  const message = {
    type: 'edges',
    edges: edgeAddresses(longest('https', EDGES_TOLD_MAX)),
    trackers: trackerAddresses(longest('wss', TRACKERS_TOLD_MAX)),
  };
  expect([message.edges.length, message.trackers.length]).toEqual([EDGES_TOLD_MAX, TRACKERS_TOLD_MAX]);
  expect(JSON.stringify(message).length).toBeLessThan(TRACKER_MESSAGE_LENGTH_MAX);
  expect(trackerMessageSchema.safeParse(message).success).toBe(true);
});

describe('a complaint about an edge', () => {
  test('is passed on with the address of who complains, not with what it says of itself', () => {
    const bench = new TrackerBench(seededRandom(1));
    const listener = bench.join({ address: '192.0.2.7' });
    bench.say(listener, { type: 'edgeComplaint', address: 'https://relay.example/', reason: 'forged' });
    bench.say(listener, { type: 'edgeComplaint', address: 'nonsense', reason: 'forged' });
    expect(complaintsOf(bench)).toEqual([
      {
        type: 'edgeComplaint',
        mountId: MOUNT,
        address: 'https://relay.example',
        reason: 'forged',
        complainant: '192.0.2.7',
      },
    ]);
  });

  test('is heard from who has joined only, and a few at a time', () => {
    const bench = new TrackerBench(seededRandom(2));
    const stranger = bench.connect();
    bench.say(stranger, { type: 'edgeComplaint', address: 'https://relay.example', reason: 'late' });
    expect([complaintsOf(bench), stranger.closed?.reason]).toEqual([[], 'the first message must be join']);
    const listener = bench.join();
    for (let turn = 0; turn < 2 * EDGE_COMPLAINT_RATE.burst; turn += 1)
      bench.say(listener, { type: 'edgeComplaint', address: `https://${turn}.example`, reason: 'late' });
    expect(complaintsOf(bench)).toHaveLength(EDGE_COMPLAINT_RATE.burst);
  });
});
