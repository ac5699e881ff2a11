import { describe, expect, test } from 'vitest';
import { COMPARE_FIRST_MS } from '../../../client/listener/edge-client.ts';
import { LACKED_MAX } from '../../../client/listener/edge-directory.ts';
import { HEDGE_AFTER_MS } from '../../../client/listener/edge-requests.ts';
import { sequence, stripe } from '../../../shared/units.ts';
import {
  ALL,
  answering,
  CHUNK_MS,
  chunkOf,
  edgeBench,
  EPOCH,
  framed,
  never,
  repairing,
} from '../../support/edge-bench.ts';
import { settled } from '../../support/fake-clock.ts';
import { liveBench } from '../../support/live-edges.ts';
import type { LiveBench, LiveEdge } from '../../support/live-edges.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const edgeOf = (bench: LiveBench, name: string): LiveEdge => {
  const edge = bench.edges[name];
  if (edge === undefined) throw new Error(`Cannot find an edge as it must be there: ${name}`);
  return edge;
};
const isWhole = (numbers: readonly number[], step = 1): boolean =>
  numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? 0) + step);
const streamsAt = (bench: LiveBench): readonly string[] =>
  bench.requests.filter(({ path }) => path.includes('/stream')).map(({ edge }) => edge);

describe('an edge that forges', () => {
  test('is left in the middle of its stream, and the next one sends what it sent', async () => {
    const bench = liveBench(['a', 'b']);
    bench.client.openStream(ALL, 'fallback');
    await bench.pass(3_000);
    edgeOf(bench, 'a').isForging = true;
    await bench.pass(60_000);
    expect(streamsAt(bench)).toEqual(['a', 'b']);
    expect(bench.complaints).toEqual(['a forged']);
    expect(isWhole(bench.heard())).toBe(true);
    expect(bench.heard()).toHaveLength(63_000 / CHUNK_MS);
    // Nothing is asked of it any more, its newest chunk for comparison included.
    expect(bench.asked()['a']).toBe(1);
  });

  test('is not asked for another chunk, and the burst that it began comes from the next', async () => {
    const { client, events, complaints, asked } = edgeBench({
      a: (path, body) =>
        path.includes('/chunks/')
          ? answering(200, chunkOf(3, true))(path, body)
          : answering(200, framed(1))(path, body),
      b: (path, body) =>
        path.includes('/chunks/') ? repairing(path, body) : answering(200, framed(1, 2))(path, body),
    });
    client.fetchChunk(EPOCH, sequence(3));
    await settled();
    // What the engine does when it hears that the chunk was forged.
    client.fetchChunk(EPOCH, sequence(3));
    await settled();
    client.fetchBurst(1_000);
    await settled();
    expect(events).toEqual(['repair 3', 'repair 3', 'burst 1', 'burst 2', 'burst done']);
    expect(complaints).toEqual(['a forged']);
    expect(asked()).toEqual({ a: 1, b: 2 });
  });
});

describe('an edge that delays', () => {
  test('what others have is left: its stream goes on elsewhere, in time', async () => {
    const bench = liveBench(['a', 'b'], seededRandom(5));
    edgeOf(bench, 'a').delayMs = 4_000;
    bench.client.openStream(ALL, 'fallback');
    await bench.pass(2 * COMPARE_FIRST_MS + 4_000);
    expect(streamsAt(bench)).toEqual(['a', 'b']);
    expect(bench.complaints).toEqual(['a late']);
    await bench.pass(2_000);
    expect(bench.heard().at(-1)).toBe(Math.floor(bench.clock.now() / CHUNK_MS) - 1);
    // From the chunk after the last that it had sent: nothing is missing.
    expect(isWhole(bench.heard())).toBe(true);
  });

  test('as little as honest ways differ by is kept', async () => {
    const bench = liveBench(['a', 'b'], seededRandom(5));
    edgeOf(bench, 'a').delayMs = 900;
    bench.client.openStream(ALL, 'fallback');
    await bench.pass(60_000);
    expect([streamsAt(bench), bench.complaints]).toEqual([['a'], []]);
  });

  test('is noticed by a seed of one stripe as well, by what its neighbours give it of the others', async () => {
    const bench = liveBench(['a', 'b']);
    edgeOf(bench, 'a').delayMs = 4_000;
    bench.client.openStream([stripe(1)], 'seed');
    await bench.pass(1_000);
    bench.hearFromPeers([0, 2, 3]);
    await bench.pass(9_000);
    expect(bench.complaints).toEqual(['a late']);
    expect(streamsAt(bench)).toEqual(['a', 'b']);
  });

  test('is noticed although its neighbours are as late, as they have it from the same edge', async () => {
    const bench = liveBench(['a', 'b'], seededRandom(5));
    edgeOf(bench, 'a').delayMs = 4_000;
    bench.client.openStream([stripe(1)], 'seed');
    bench.hearFromPeers([0, 2, 3], 4_000);
    await bench.pass(2 * COMPARE_FIRST_MS + 5_000);
    expect(bench.complaints).toEqual(['a late']);
    expect(streamsAt(bench)).toEqual(['a', 'b']);
  });

  test('cannot be told from one in time by a listener whose clock is wrong, or that is behind itself', async () => {
    const bench = liveBench(['a', 'b'], seededRandom(6));
    for (const name of ['a', 'b']) edgeOf(bench, name).delayMs = 7_000;
    bench.client.openStream(ALL, 'fallback');
    await bench.pass(60_000);
    expect([streamsAt(bench), bench.complaints]).toEqual([['a'], []]);
  });
});

describe('an edge that withholds', () => {
  test.each([
    ['a whole stripe', (number: number) => number % 4 === 2],
    ['every tenth chunk', (number: number) => number % 10 === 0],
  ])('%s of its stream is left, once others have had what it left out', async (_, leavesOut) => {
    const bench = liveBench(['a', 'b']);
    bench.client.openStream(ALL, 'fallback');
    await bench.pass(2_000);
    edgeOf(bench, 'a').leavesOut = leavesOut;
    bench.repairFromPeers();
    await bench.pass(14_000);
    expect(bench.complaints).toEqual(['a withheld']);
    expect(streamsAt(bench)).toEqual(['a', 'b']);
    expect(isWhole(bench.heard())).toBe(true);
  });

  test('nothing, while the source itself left numbers out, is kept', async () => {
    const bench = liveBench(['a', 'b']);
    for (const name of ['a', 'b']) edgeOf(bench, name).leavesOut = (number) => number % 5 === 0;
    bench.client.openStream(ALL, 'fallback');
    await bench.pass(30_000);
    expect([streamsAt(bench), bench.complaints]).toEqual([['a'], []]);
  });

  test.each([404, 410])('chunks that others have, with a %i, is left', async (status) => {
    const { client, complaints, clock, events, asked } = edgeBench({ a: answering(status), b: repairing });
    for (let number = 0; number < LACKED_MAX + 2; number += 1) {
      client.fetchChunk(EPOCH, sequence(number));
      await settled();
      await clock.advanceSettled(3_000);
    }
    // The first is the yardstick for the age of the others.
    expect(complaints).toEqual(['a withheld']);
    expect(events).toHaveLength(LACKED_MAX + 2);
    expect(asked()).toEqual({ a: LACKED_MAX + 1, b: LACKED_MAX + 2 });
  });

  test('nothing, but is a moment behind the others, is kept', async () => {
    const { client, complaints, clock } = edgeBench({ a: answering(404), b: repairing });
    for (let number = 0; number < 40; number += 1) {
      client.fetchChunk(EPOCH, sequence(number));
      await clock.advanceSettled(CHUNK_MS);
    }
    expect(complaints).toEqual([]);
  });
});

test('an edge that says it has room and is slow is asked after the others', async () => {
  const slow = never;
  const { client, clock, requests } = edgeBench({ a: slow, b: repairing });
  client.fetchChunk(EPOCH, sequence(1));
  await clock.advanceSettled(HEDGE_AFTER_MS);
  client.fetchChunk(EPOCH, sequence(2));
  await settled();
  expect(requests.map(({ edge }) => edge)).toEqual(['a', 'b', 'b']);
});

test('an edge that says it has no room is asked after the others, and not complained of', async () => {
  const { client, clock, requests, complaints } = edgeBench({
    a: answering(503, null, { 'Retry-After': '5' }),
    b: repairing,
  });
  for (let number = 0; number < 8; number += 1) {
    client.fetchChunk(EPOCH, sequence(number));
    await clock.advanceSettled(1_000);
  }
  expect(requests.filter(({ edge }) => edge === 'a')).toHaveLength(2);
  expect(complaints).toEqual([]);
});
