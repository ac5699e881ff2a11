import { describe, expect, test } from 'vitest';
import {
  CARRY_RATE,
  NEIGHBOURS_MAX,
  ROUTE_KEPT_MS,
  ROUTES_MAX,
  ROUTES_PER_NEIGHBOUR_MAX,
} from '../../../shared/swarm/limits.ts';
import { kilobitsPerSecond } from '../../../shared/units.ts';
import {
  connected,
  EngineBench,
  idOf,
  OWN_ID,
  signalsTaken,
  textBytes,
  told,
  trackerTold,
} from '../../support/engine-bench.ts';

const [A, B, C, X] = [idOf(1), idOf(2), idOf(3), idOf(0x99)];

describe('signalling without a tracker', () => {
  test('goes through the neighbour that introduced the peer, and comes back through it', () => {
    const bench = new EngineBench();
    bench.addNeighbour(A);
    expect(connected(bench.introducedBy(A, [X]))).toEqual([X]);
    const outputs = bench.give({ type: 'signal', to: X, data: 'an offer' });
    expect(told(outputs, 'signal')).toEqual([
      { to: A, message: { type: 'signal', to: X, data: textBytes('an offer') } },
    ]);
    expect(signalsTaken(bench.carried(A, X, 'an answer'))).toEqual([`${X} an answer`]);
  });

  test('is answered through the neighbour that carried it, tracker or not', () => {
    for (const tracker of [false, true]) {
      const bench = new EngineBench({ tracker });
      bench.addNeighbour(A);
      expect(signalsTaken(bench.carried(A, X))).toEqual([`${X} an offer`]);
      const outputs = bench.give({ type: 'signal', to: X, data: 'an answer' });
      expect(told(outputs, 'signal').map(({ to }) => to)).toEqual([A]);
      expect(trackerTold(outputs, 'signal')).toEqual([]);
    }
  });

  test('goes to the tracker while it is ready, for all that were not met through a neighbour', () => {
    const bench = new EngineBench({ tracker: true });
    bench.addNeighbour(A);
    bench.carried(A, X);
    const taken = bench.give({ type: 'tracker', message: { type: 'signal', from: X, data: 'an offer' } });
    expect(signalsTaken(taken)).toEqual([`${X} an offer`]);
    const outputs = bench.give({ type: 'signal', to: X, data: 'an answer' });
    expect(trackerTold(outputs, 'signal')).toEqual([{ type: 'signal', to: X, data: 'an answer' }]);
    expect(told(outputs, 'signal')).toEqual([]);
    bench.give({ type: 'trackerClosed' });
    const lost = bench.give({ type: 'signal', to: X, data: 'an answer' });
    expect([...told(lost, 'signal'), ...trackerTold(lost, 'signal')]).toEqual([]);
  });

  test('is forgotten how to do after a while', () => {
    const bench = new EngineBench();
    bench.addNeighbour(A);
    bench.carried(A, X);
    bench.pass(ROUTE_KEPT_MS);
    expect(told(bench.give({ type: 'signal', to: X, data: 'late' }), 'signal')).toEqual([]);
  });

  test('does not go beyond the limit of a signal', () => {
    const bench = new EngineBench();
    bench.addNeighbour(A);
    bench.carried(A, X);
    const data = 'x'.repeat(12_001);
    expect(told(bench.give({ type: 'signal', to: X, data }), 'signal')).toEqual([]);
  });
});

describe('what a neighbour carries', () => {
  test('reaches its own neighbour under the name of the link it came by: nobody can speak for another', () => {
    const bench = new EngineBench();
    bench.addNeighbour(A);
    bench.addNeighbour(B);
    const outputs = bench.hear(A, { type: 'signal', to: B, data: textBytes('an offer') });
    expect(told(outputs, 'carried')).toEqual([
      { to: B, message: { type: 'carried', from: A, data: textBytes('an offer') } },
    ]);
  });

  test('is never carried twice: what was carried is taken by its receiver or by nobody', () => {
    const bench = new EngineBench();
    for (const neighbour of [A, B, C]) bench.addNeighbour(neighbour);
    for (const from of [X, B, OWN_ID])
      expect(bench.carried(A, from).filter(({ type }) => type === 'send')).toEqual([]);
  });

  test('is nothing for one that is not its ready neighbour, nor for the sender itself', () => {
    const bench = new EngineBench();
    bench.addNeighbour(A);
    bench.give({ type: 'linkOpen', peerId: C });
    for (const to of [A, C, X, OWN_ID]) {
      const outputs = bench.hear(A, { type: 'signal', to, data: textBytes('x') });
      expect(told(outputs, 'carried')).toEqual([]);
      expect(signalsTaken(outputs)).toEqual([]);
    }
  });

  test('is bounded in bytes per neighbour, and waits for nobody who does not read', () => {
    const bench = new EngineBench();
    bench.addNeighbour(A);
    bench.addNeighbour(B);
    bench.give({ type: 'linkWritable', peerId: B, writable: false });
    const data = new Uint8Array(4000);
    expect(told(bench.hear(A, { type: 'signal', to: B, data }), 'carried')).toEqual([]);
    bench.give({ type: 'linkWritable', peerId: B, writable: true });
    let carried = 0;
    for (let turn = 0; turn < 40; turn += 1)
      carried += told(bench.hear(A, { type: 'signal', to: B, data }), 'carried').length;
    expect(carried).toBe(CARRY_RATE.burst / data.length - 1);
  });

  test('stays within the upload cap', () => {
    const bench = new EngineBench();
    bench.addNeighbour(A);
    bench.addNeighbour(B);
    bench.give({ type: 'setUploadCap', uploadCapKbps: kilobitsPerSecond(320) });
    const data = new Uint8Array(10_000);
    const carried = Array.from({ length: 4 }, () => bench.hear(A, { type: 'signal', to: B, data }));
    expect(carried.flatMap((outputs) => told(outputs, 'carried'))).toHaveLength(2);
  });
});

describe('what was carried to us', () => {
  test('cannot touch a link that stands, nor one that the tracker is setting up', () => {
    const bench = new EngineBench({ tracker: true });
    bench.addNeighbour(A);
    bench.addNeighbour(B);
    expect(signalsTaken(bench.carried(A, B))).toEqual([]);
    const neighbours = [{ peerId: X, primaryStripe: 0 }];
    expect(
      connected(bench.give({ type: 'tracker', message: { type: 'introduce', neighbours, proposals: [] } })),
    ).toEqual([X]);
    expect(signalsTaken(bench.carried(A, X))).toEqual([]);
  });

  test('cannot take over the way to a peer that was met otherwise', () => {
    const bench = new EngineBench();
    bench.addNeighbour(A);
    bench.addNeighbour(B);
    bench.carried(A, X);
    bench.carried(B, X);
    const outputs = bench.give({ type: 'signal', to: X, data: 'an answer' });
    expect(told(outputs, 'signal').map(({ to }) => to)).toEqual([A]);
  });

  test('is not obeyed with a full table', () => {
    const bench = new EngineBench();
    for (let number = 1; number <= NEIGHBOURS_MAX; number += 1) bench.addNeighbour(idOf(number));
    expect(signalsTaken(bench.carried(A, X))).toEqual([]);
  });

  test('is ignored when it is not text', () => {
    const bench = new EngineBench();
    bench.addNeighbour(A);
    expect(bench.hear(A, { type: 'carried', from: X, data: Uint8Array.of(0xff) })).toEqual([]);
  });

  test('names few peers per neighbour and in all, until they are forgotten', () => {
    const bench = new EngineBench();
    const carriers = Array.from({ length: 6 }, (_, index) => idOf(index + 1));
    for (const carrier of carriers) bench.addNeighbour(carrier);
    const flood = (): number[] =>
      carriers.map((carrier, turn) => {
        const strangers = Array.from({ length: 50 }, (_, index) => idOf(0x1000 * (turn + 1) + index));
        return strangers.flatMap((stranger) => signalsTaken(bench.carried(carrier, stranger))).length;
      });
    const once = flood();
    expect(Math.max(...once)).toBe(ROUTES_PER_NEIGHBOUR_MAX);
    expect(once.reduce((sum, count) => sum + count, 0)).toBe(ROUTES_MAX);
    bench.pass(ROUTE_KEPT_MS);
    expect(flood()).toEqual(once);
  });
});
