import { describe, expect, test } from 'vitest';
import { NEIGHBOURS_TARGET, SEEK_INTERVAL_MS, SEEK_RATE } from '../../../shared/swarm/limits.ts';
import { stripe, STRIPES } from '../../../shared/units.ts';
import { INTRODUCED_MAX } from '../../../shared/wire/messages.ts';
import {
  connected,
  EngineBench,
  idOf,
  OWN_ID,
  signalsTaken,
  textBytes,
  told,
  trackerTold,
  WELCOME,
} from '../../support/engine-bench.ts';

const [A, B, C, X] = [idOf(1), idOf(2), idOf(3), idOf(0x99)];

describe('who asks for introductions', () => {
  test('a listener with few neighbours asks one of them, again and again, with pauses', () => {
    const bench = new EngineBench();
    bench.addNeighbour(A);
    bench.addNeighbour(B);
    const minute = 60_000;
    const seeks = told(bench.pass(minute), 'seek');
    expect(new Set(seeks.map(({ to }) => to))).toEqual(new Set([A, B]));
    expect(seeks.length).toBeGreaterThanOrEqual(minute / (2 * SEEK_INTERVAL_MS) - 1);
    expect(seeks.length).toBeLessThanOrEqual(minute / SEEK_INTERVAL_MS + 1);
  });

  test('nobody does while the tracker is ready: it is asked', () => {
    const bench = new EngineBench({ tracker: true });
    bench.addNeighbour(A);
    const outputs = bench.pass(30_000);
    expect(told(outputs, 'seek')).toEqual([]);
    expect(trackerTold(outputs, 'need').length).toBeGreaterThan(0);
  });

  test('who has neighbours enough asks only for parents that none of them can be', () => {
    const bench = new EngineBench();
    for (let number = 1; number <= NEIGHBOURS_TARGET; number += 1) bench.addNeighbour(idOf(number));
    const [first] = told(bench.pass(10_000), 'seek');
    expect(first?.message).toEqual({ type: 'seek', stripes: STRIPES });
    const peerIds = [0x10, 0x11, 0x12, 0x13].map(idOf);
    const [again] = told(bench.pass(10_000), 'seek').slice(-1);
    expect(connected(bench.hear(again?.to ?? X, { type: 'introduce', peerIds }))).toEqual(
      peerIds.slice(0, 2),
    );
  });

  test('those who pass nothing on are not asked', () => {
    const bench = new EngineBench();
    bench.addNeighbour(A, { acceptsChildren: false });
    expect(told(bench.pass(20_000), 'seek')).toEqual([]);
  });
});

describe('who is introduced', () => {
  test('neighbours other than the asker: with room first, and of those who know a way for the stripe', () => {
    const bench = new EngineBench({ tracker: true });
    bench.addNeighbour(A, { slotsFree: 5, depth: 1 });
    for (let number = 0x10; number < 0x1a; number += 1) bench.addNeighbour(idOf(number));
    bench.addNeighbour(B, { slotsFree: 3 });
    bench.addNeighbour(C, { slotsFree: 3, depth: 2 });
    const [answer] = told(bench.hear(A, { type: 'seek', stripes: [stripe(1)] }), 'introduce');
    const named = answer?.message.type === 'introduce' ? answer.message.peerIds : [];
    expect(named).toHaveLength(INTRODUCED_MAX);
    expect(named.slice(0, 2)).toEqual([C, B]);
    expect(named).not.toContain(A);
  });

  test('nobody, where there is nobody else', () => {
    const bench = new EngineBench();
    bench.addNeighbour(A);
    expect(told(bench.hear(A, { type: 'seek', stripes: [] }), 'introduce')).toEqual([]);
  });

  test('nobody by a leaf, and a leaf carries nothing', () => {
    const bench = new EngineBench({ participation: 'leaf' });
    bench.addNeighbour(A);
    bench.addNeighbour(B);
    expect(told(bench.hear(A, { type: 'seek', stripes: [] }), 'introduce')).toEqual([]);
    expect(told(bench.hear(A, { type: 'signal', to: B, data: textBytes('x') }), 'carried')).toEqual([]);
  });

  test('not to one that asks too often', () => {
    const bench = new EngineBench();
    bench.addNeighbour(A);
    bench.addNeighbour(B);
    const answers = Array.from({ length: 20 }, () => bench.hear(A, { type: 'seek', stripes: [] }));
    expect(answers.flatMap((outputs) => told(outputs, 'introduce'))).toHaveLength(SEEK_RATE.burst);
  });
});

describe('an introduction', () => {
  test('makes the asker open links to those it does not know, up to its target', () => {
    const bench = new EngineBench();
    bench.addNeighbour(A);
    bench.addNeighbour(B);
    const outputs = bench.pass(2 * SEEK_INTERVAL_MS + 1_500);
    const helper = told(outputs, 'seek').at(-1)?.to ?? X;
    const peerIds = [A, OWN_ID, X, C];
    expect(connected(bench.hear(helper, { type: 'introduce', peerIds }))).toEqual([X, C]);
  });

  test('that was not asked for, or comes twice, is ignored', () => {
    const bench = new EngineBench();
    bench.addNeighbour(A);
    bench.addNeighbour(B);
    bench.pass(1);
    for (const neighbour of [A, B]) bench.hear(neighbour, { type: 'introduce', peerIds: [C] });
    for (const neighbour of [A, B])
      expect(connected(bench.hear(neighbour, { type: 'introduce', peerIds: [X] }))).toEqual([]);
  });

  test('is of no effect once the tracker is back', () => {
    const bench = new EngineBench();
    bench.addNeighbour(A);
    expect(told(bench.pass(2 * SEEK_INTERVAL_MS + 1_500), 'seek')).not.toEqual([]);
    bench.give({ type: 'trackerOpen' });
    bench.give({ type: 'tracker', message: WELCOME });
    expect(connected(bench.hear(A, { type: 'introduce', peerIds: [X] }))).toEqual([]);
  });

  test('to somebody banned opens nothing, and a banned peer is not answered', () => {
    const bench = new EngineBench();
    bench.addNeighbour(X);
    bench.give({ type: 'linkMessage', peerId: X, data: Uint8Array.of(99) });
    bench.addNeighbour(A);
    expect(connected(bench.introducedBy(A, [X]))).toEqual([]);
    expect(signalsTaken(bench.carried(A, X))).toEqual([]);
  });
});
