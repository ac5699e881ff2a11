import { describe, expect, test } from 'vitest';
import { BURST_HEDGE_MS, BURST_STALL_MS, LINES_MAX } from '../../../client/listener/edge-burst.ts';
import { ACCEPT_MS, MOVE_SPREAD_MS, STREAM_SILENCE_MAX_MS } from '../../../client/listener/edge-stream.ts';
import { EDGES_ASKED_MAX, HEDGE_AFTER_MS } from '../../../client/listener/edge-requests.ts';
import { sequence, stripe } from '../../../shared/units.ts';
import {
  ALL,
  answering,
  CHUNK_MS,
  edgeBench,
  EPOCH,
  framed,
  never,
  streaming,
} from '../../support/edge-bench.ts';
import { settled } from '../../support/fake-clock.ts';
import { liveBench } from '../../support/live-edges.ts';

/** Chunks made from one to the other, none missing. */
const isWhole = (numbers: readonly number[]): boolean =>
  numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? 0) + 1);

describe('the burst', () => {
  test('is asked of the next edge as well when one is silent for a moment; the first that sends is the one', async () => {
    const { client, clock, events, requests } = edgeBench({ a: streaming, b: streaming });
    client.fetchBurst(1000);
    await clock.advanceSettled(BURST_HEDGE_MS);
    expect(requests.map(({ edge }) => edge)).toEqual(['a', 'b']);
    requests[1]?.body.write(framed(7));
    await settled();
    requests[0]?.body.write(framed(1));
    await settled();
    requests[1]?.body.end();
    await settled();
    expect(events).toEqual(['burst 7', 'burst done']);
    expect(requests[0]?.body.cancelled).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test('is asked of a few edges at once at most, and so is a chunk: it may be our own network that is slow', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const { client, clock, requests } = edgeBench(Object.fromEntries(names.map((name) => [name, never])));
    client.fetchBurst(1000);
    await clock.advanceSettled(10 * BURST_HEDGE_MS);
    expect(requests).toHaveLength(LINES_MAX);
    client.fetchChunk(EPOCH, sequence(1));
    await clock.advanceSettled(10 * HEDGE_AFTER_MS);
    expect(requests).toHaveLength(LINES_MAX + EDGES_ASKED_MAX);
  });

  test.each([
    ['fails', answering(500)],
    ['has no room', answering(503)],
    ['has nothing', answering(200, new Uint8Array(0))],
    ['has no such mount', answering(404)],
    ['sends a page', answering(200, new TextEncoder().encode('<!doctype html>'))],
  ])('comes from the next edge at once when one %s', async (_, script) => {
    const { client, events } = edgeBench({ a: script, b: answering(200, framed(7)) });
    client.fetchBurst(1000);
    await settled();
    expect(events).toEqual(['burst 7', 'burst done']);
  });

  test('is done well, with nothing, when all edges have nothing; it fails once, with the reason, when none answers', async () => {
    const nothing = answering(200, new Uint8Array(0));
    const silent = edgeBench({ a: nothing, b: nothing });
    silent.client.fetchBurst(1000);
    await settled();
    expect(silent.events).toEqual(['burst done']);
    const down = edgeBench({ a: answering(503), b: answering(500) });
    down.client.fetchBurst(1000);
    await settled();
    expect(down.events).toEqual(['burst failed: answered 500']);
  });

  test('that is cut off or stands still in the middle comes whole from the next edge', async () => {
    for (const isCut of [true, false]) {
      const { client, clock, events, requests } = edgeBench({
        a: streaming,
        b: answering(200, framed(1, 2)),
      });
      client.fetchBurst(1000);
      await settled();
      const half = framed(1, 2);
      requests[0]?.body.write(half.subarray(0, half.length - 20));
      await settled();
      if (isCut) requests[0]?.body.end();
      await clock.advanceSettled(BURST_STALL_MS);
      expect(events).toEqual(['burst 1', 'burst 1', 'burst 2', 'burst done']);
    }
  });
});

describe('a live stream', () => {
  test('whose edge dies goes on at the next at once, from the chunk after the last', async () => {
    const { client, events, edges, pass, last, heard } = liveBench(['a', 'b']);
    client.openStream(ALL, 'fallback');
    await pass(2_000);
    const newest = heard().at(-1) ?? 0;
    edges['a']?.endAll();
    await settled();
    expect(last('b').path).toMatch(new RegExp(`stripes=0,1,2,3&cause=fallback&from=\\d+\\.${newest + 1}$`));
    await pass(2_000);
    expect(heard()).toHaveLength(16);
    expect(isWhole(heard())).toBe(true);
    expect(events.filter((event) => event.startsWith('stream closed'))).toEqual([]);
  });

  test('whose edge falls silent goes on at the next before the ear could hear it, and nothing is missing', async () => {
    const { client, edges, pass, heard, complaints } = liveBench(['a', 'b']);
    client.openStream([stripe(1)], 'seed');
    await pass(3_000);
    const { a } = edges;
    if (a !== undefined) a.isSending = false;
    const before = heard().length;
    // Play-out is 2.5 s behind.
    await pass(2_500);
    expect(heard().length - before).toBeGreaterThanOrEqual(2);
    await pass(2_000);
    const numbers = heard();
    expect(numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? 0) + 4)).toBe(
      true,
    );
    expect(complaints).toEqual([]);
  });

  test('that one edge does not accept is opened at the next', async () => {
    const { client, clock, requests } = edgeBench({ a: never, b: answering(503), c: streaming });
    client.openStream(ALL, 'fallback');
    await clock.advanceSettled(ACCEPT_MS);
    expect(requests.map(({ edge }) => edge)).toEqual(['a', 'b', 'c']);
    requests[2]?.body.write(framed(1));
    await settled();
    expect(requests[0]?.body.cancelled).toBe(true);
  });

  test('stays where it is while the source is silent, blames no edge, and is told as closed after a while', async () => {
    const { client, edges, pass, events, complaints, heard } = liveBench(['a', 'b']);
    client.openStream(ALL, 'fallback');
    await pass(3_000);
    for (const edge of Object.values(edges)) edge.isSending = false;
    await pass(STREAM_SILENCE_MAX_MS - 2 * CHUNK_MS);
    expect(events.filter((event) => event.startsWith('stream closed'))).toEqual([]);
    await pass(3 * CHUNK_MS);
    expect(events.filter((event) => event.startsWith('stream closed'))).toEqual(['stream closed: timed out']);
    for (const edge of Object.values(edges)) edge.isSending = true;
    client.openStream(ALL, 'fallback');
    await pass(1_000);
    // It has gone on from where it had ended.
    expect(isWhole(heard())).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('moves over, unheard and within seconds, when its edge is no longer offered', async () => {
    const { client, pass, heard, last, requests } = liveBench(['a', 'b']);
    client.openStream(ALL, 'fallback');
    await pass(3_000);
    client.setEdges(['http://b']);
    await pass(MOVE_SPREAD_MS + 1_000);
    expect(requests.filter(({ path }) => path.includes('/stream')).map(({ edge }) => edge)).toEqual([
      'a',
      'b',
    ]);
    expect(last('a').body.cancelled).toBe(true);
    expect(isWhole(heard())).toBe(true);
    expect(heard()).toHaveLength((3_000 + MOVE_SPREAD_MS + 1_000) / CHUNK_MS);
  });

  test('stays at an edge that is no longer offered when no other takes it', async () => {
    const { client, pass, heard } = liveBench(['a']);
    client.openStream(ALL, 'fallback');
    await pass(3_000);
    client.setEdges(['http://nobody']);
    await pass(MOVE_SPREAD_MS + 4_000);
    expect(isWhole(heard())).toBe(true);
    expect(heard()).toHaveLength((3_000 + MOVE_SPREAD_MS + 4_000) / CHUNK_MS);
  });
});
