import { describe, expect, test } from 'vitest';
import type { EngineInput } from '../../../shared/swarm/engine-io.ts';
import { UNREACHABLE_KEPT_MS, UNREACHABLE_MAX } from '../../../shared/swarm/limits.ts';
import { UNREACHABLE_REASON } from '../../../shared/tracker/messages.ts';
import type { PeerId } from '../../../shared/units.ts';
import { connected, EngineBench, idOf, trackerTold } from '../../support/engine-bench.ts';

const [A, C, X] = [idOf(1), idOf(3), idOf(0x99)];

const unreachable = (peer: PeerId): EngineInput => ({
  type: 'linkClosed',
  peerId: peer,
  reason: 'set-up timeout',
  end: 'unreachable',
});

describe('a link that cannot be opened', () => {
  test('is told the tracker, which then parts the two', () => {
    const bench = new EngineBench({ tracker: true });
    const neighbours = [X, C].map((peer) => ({ peerId: peer, primaryStripe: 0 }));
    bench.give({ type: 'tracker', message: { type: 'introduce', neighbours, proposals: [] } });
    const complaint = { type: 'complaint', peerId: X, reason: UNREACHABLE_REASON };
    expect(trackerTold(bench.give(unreachable(X)), 'complaint')).toEqual([complaint]);
    const refused = bench.give({ type: 'linkClosed', peerId: C, reason: 'rejected: full', end: 'closed' });
    expect(trackerTold(refused, 'complaint')).toEqual([]);
  });

  test('is nobody’s fault once it was open', () => {
    const bench = new EngineBench({ tracker: true });
    bench.addNeighbour(X);
    expect(trackerTold(bench.give(unreachable(X)), 'complaint')).toEqual([]);
  });

  test('is not tried again at a neighbour’s word for a while', () => {
    const bench = new EngineBench();
    bench.addNeighbour(A);
    expect(connected(bench.introducedBy(A, [X]))).toEqual([X]);
    bench.give(unreachable(X));
    expect(connected(bench.introducedBy(A, [X, C]))).toEqual([C]);
    bench.give({ type: 'linkClosed', peerId: C, reason: 'gone', end: 'closed' });
    bench.pass(UNREACHABLE_KEPT_MS);
    expect(connected(bench.introducedBy(A, [X]))).toEqual([X]);
  });

  test('is remembered of a limited number of peers', () => {
    const bench = new EngineBench({ tracker: true });
    for (let number = 0; number <= UNREACHABLE_MAX; number += 1) {
      const neighbours = [{ peerId: idOf(0x1000 + number), primaryStripe: 0 }];
      bench.give({ type: 'tracker', message: { type: 'introduce', neighbours, proposals: [] } });
      bench.give(unreachable(idOf(0x1000 + number)));
    }
    bench.give({ type: 'trackerClosed' });
    bench.addNeighbour(A);
    const peerIds = [0x1000, 0x1001].map(idOf);
    expect(connected(bench.introducedBy(A, peerIds))).toEqual([idOf(0x1000)]);
  });
});
