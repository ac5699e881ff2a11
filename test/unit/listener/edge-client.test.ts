import { describe, expect, test } from 'vitest';
import { BURST_TIMEOUT_MS } from '../../../client/listener/edge-burst.ts';
import {
  CHUNK_TIMEOUT_MS,
  FETCHES_AT_ONCE_MAX,
  FETCHES_WAITING_MAX,
} from '../../../client/listener/edge-client.ts';
import { HEDGE_AFTER_MS } from '../../../client/listener/edge-requests.ts';
import { STREAM_SILENCE_MAX_MS } from '../../../client/listener/edge-stream.ts';
import { FRAME_PREFIX_LENGTH } from '../../../shared/chunk/chunk-framing.ts';
import { CHUNK_LENGTH_MAX } from '../../../shared/chunk/chunk.ts';
import { sequence, stripe } from '../../../shared/units.ts';
import {
  answering,
  chunkOf,
  edgeBench as setUp,
  EPOCH,
  framed,
  never,
  repairing,
  streaming,
} from '../../support/edge-bench.ts';
import { settled } from '../../support/fake-clock.ts';

describe('the burst', () => {
  test('hands chunks on as they arrive, and counts every byte of the body', async () => {
    const { client, events, requests } = setUp({ a: streaming });
    client.fetchBurst(3000);
    await settled();
    expect(requests[0]?.path).toBe('/api/mounts/0123456789abcdef/burst?seconds=3');
    const body = framed(1, 2);
    requests[0]?.body.write(body.subarray(0, body.length - 20));
    await settled();
    expect(events).toEqual(['burst 1']);
    requests[0]?.body.write(body.subarray(-20));
    requests[0]?.body.end();
    await settled();
    expect(events).toEqual(['burst 1', 'burst 2', 'burst done']);
    expect(client.bytes()).toEqual({ burst: body.length, seed: 0, repair: 0, fallback: 0 });
  });

  test('stops at a stream that is no stream of chunks', async () => {
    const { client, events, requests } = setUp({ a: streaming });
    client.fetchBurst(1000);
    await settled();
    requests[0]?.body.write(new TextEncoder().encode('<!doctype html>'));
    await settled();
    expect(events).toEqual([expect.stringContaining('burst failed: Cannot read a frame')]);
    expect(requests[0]?.body.cancelled).toBe(true);
  });

  test('that stands still is given up, when there is no other edge', async () => {
    const { client, clock, events, requests } = setUp({ a: streaming });
    client.fetchBurst(1000);
    await settled();
    requests[0]?.body.write(framed(1));
    await clock.advanceSettled(BURST_TIMEOUT_MS - 1);
    expect(events).toEqual(['burst 1']);
    await clock.advanceSettled(1);
    expect(events).toEqual(['burst 1', 'burst failed: timed out']);
    expect(clock.pending).toBe(0);
  });
});

describe('one chunk', () => {
  test('is asked for by epoch and number, and counted as repair', async () => {
    const body = chunkOf(12, false, 4000);
    const { client, events, requests } = setUp({ a: answering(200, body) });
    client.fetchChunk(EPOCH, sequence(12));
    await settled();
    expect(requests[0]?.path).toBe('/api/mounts/0123456789abcdef/chunks/1700000000000/12');
    expect(events).toEqual(['repair 12']);
    expect(client.bytes().repair).toBe(body.length);
  });

  test.each([
    [410, 404, 'gone'],
    [404, 410, 'gone'],
    [404, 404, 'failed'],
    [404, 500, 'failed'],
    [500, 410, 'failed'],
  ])('that edges answer with %i and %i is %s', async (first, second, outcome) => {
    const { client, events } = setUp({ a: answering(first), b: answering(second) });
    client.fetchChunk(EPOCH, sequence(3));
    await settled();
    expect(events).toEqual([`fetch 3 ${outcome}`]);
  });

  test('fails when no edge sends it in time', async () => {
    const { client, clock, events } = setUp({ a: never });
    client.fetchChunk(EPOCH, sequence(3));
    await clock.advanceSettled(CHUNK_TIMEOUT_MS);
    expect(events).toEqual(['fetch 3 failed']);
    expect(clock.pending).toBe(0);
  });

  test('is asked of the next edge as well when one is silent for a moment, and of that one first from then on', async () => {
    const { client, clock, events, requests } = setUp({
      a: never,
      b: repairing,
    });
    client.fetchChunk(EPOCH, sequence(3));
    await clock.advanceSettled(HEDGE_AFTER_MS);
    expect(events).toEqual(['repair 3']);
    expect(clock.pending).toBe(0);
    client.fetchChunk(EPOCH, sequence(4));
    await settled();
    expect(requests.map(({ edge }) => edge)).toEqual(['a', 'b', 'b']);
  });

  test('that two edges were asked for is taken once, and the slower request is ended', async () => {
    const { client, clock, events, requests } = setUp({ a: streaming, b: streaming });
    client.fetchChunk(EPOCH, sequence(3));
    await clock.advanceSettled(HEDGE_AFTER_MS);
    requests[0]?.body.write(chunkOf(3));
    requests[0]?.body.end();
    await settled();
    requests[1]?.body.write(chunkOf(3));
    await settled();
    expect(events).toEqual(['repair 3']);
    expect(requests[1]?.body.cancelled).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test('is asked of nobody twice: the late answer of a slow edge is taken when the others have failed', async () => {
    const { client, clock, events, requests } = setUp({ a: streaming, b: answering(500) });
    client.fetchChunk(EPOCH, sequence(3));
    await clock.advanceSettled(HEDGE_AFTER_MS);
    await clock.advanceSettled(HEDGE_AFTER_MS);
    expect(requests.map(({ edge }) => edge)).toEqual(['a', 'b']);
    requests[0]?.body.write(chunkOf(3));
    requests[0]?.body.end();
    await settled();
    expect(events).toEqual(['repair 3']);
  });

  test.each([
    ['another fails', 404, 500, 'a'],
    ['it fails', 500, 404, 'b'],
    ['both do', 500, 500, 'a'],
    ['nobody does', 404, 404, 'a'],
  ])(
    'that no edge has: the edge asked first loses its place only to one that did not fail (%s)',
    async (_, a, b, next) => {
      const { client, requests } = setUp({ a: answering(a), b: answering(b) });
      client.fetchChunk(EPOCH, sequence(3));
      await settled();
      client.fetchChunk(EPOCH, sequence(4));
      await settled();
      expect(requests[2]?.edge).toBe(next);
    },
  );

  test.each([
    ['another chunk', chunkOf(2)],
    ['no chunk', new TextEncoder().encode('<!doctype html>')],
  ])('is taken from the next edge when one sends %s', async (_, body) => {
    const { client, events } = setUp({ a: answering(200, body), b: repairing });
    client.fetchChunk(EPOCH, sequence(3));
    await settled();
    expect(events).toEqual(['repair 3']);
  });

  test('that is longer than a chunk can be is not read to its end', async () => {
    const { client, events, requests } = setUp({ a: streaming });
    client.fetchChunk(EPOCH, sequence(3));
    await settled();
    requests[0]?.body.write(new Uint8Array(CHUNK_LENGTH_MAX + 1));
    await settled();
    expect(events).toEqual(['fetch 3 failed']);
    expect(requests[0]?.body.cancelled).toBe(true);
  });

  test('is not asked for twice at once; only some are asked at once, and too many fail at once', async () => {
    const { client, events, requests } = setUp({ a: streaming });
    for (let number = 0; number < FETCHES_AT_ONCE_MAX + FETCHES_WAITING_MAX + 1; number += 1) {
      client.fetchChunk(EPOCH, sequence(number));
      client.fetchChunk(EPOCH, sequence(number));
    }
    await settled();
    expect(requests).toHaveLength(FETCHES_AT_ONCE_MAX);
    expect(new Set(events)).toEqual(new Set([`fetch ${FETCHES_AT_ONCE_MAX + FETCHES_WAITING_MAX} failed`]));
    requests[0]?.body.write(chunkOf(0));
    requests[0]?.body.end();
    await settled();
    expect(requests).toHaveLength(FETCHES_AT_ONCE_MAX + 1);
  });
});

describe('the live stream', () => {
  const stripes = [stripe(2), stripe(0)];

  test('names its stripes and its cause, and its bytes are counted by it', async () => {
    const { client, events, requests } = setUp({ a: streaming });
    client.openStream(stripes, 'seed');
    await settled();
    expect(requests[0]?.path).toBe('/api/mounts/0123456789abcdef/stream?stripes=0,2&cause=seed');
    requests[0]?.body.write(framed(4));
    await settled();
    expect(events).toEqual(['seed 4']);
    expect(client.bytes().seed).toBe(chunkOf(4).length + FRAME_PREFIX_LENGTH);
  });

  test('is kept when asked for again, replaced when it changes, closed by an empty list, without a word', async () => {
    const { client, events, requests } = setUp({ a: streaming });
    client.openStream(stripes, 'seed');
    client.openStream(stripes.toReversed(), 'seed');
    await settled();
    client.openStream([stripe(1)], 'fallback');
    await settled();
    client.openStream([], 'fallback');
    await settled();
    expect(requests.map(({ path, body }) => [path.slice(36), body.cancelled])).toEqual([
      ['stripes=0,2&cause=seed', true],
      ['stripes=1&cause=fallback', true],
    ]);
    expect(events).toEqual([]);
  });

  test('that we give up leaves its edge the first to be asked', async () => {
    const { client, requests } = setUp({ a: streaming, b: streaming });
    client.openStream(stripes, 'seed');
    await settled();
    client.openStream([stripe(1)], 'fallback');
    await settled();
    client.openStream([stripe(3)], 'fallback');
    await settled();
    expect(requests.map(({ edge }) => edge)).toEqual(['a', 'a', 'a']);
  });

  test('that falls silent is told as closed, once', async () => {
    const { client, clock, events, requests } = setUp({ a: streaming });
    client.openStream(stripes, 'fallback');
    await settled();
    requests[0]?.body.write(framed(4));
    await settled();
    await clock.advanceSettled(STREAM_SILENCE_MAX_MS - 1);
    expect(events).toHaveLength(1);
    await clock.advanceSettled(1);
    expect(events).toEqual(['fallback 4', 'stream closed: timed out']);
    expect(clock.pending).toBe(0);
  });

  test('ends in silence, like everything else, when the client is closed', async () => {
    const { client, clock, events, requests } = setUp({ a: streaming });
    client.openStream(stripes, 'fallback');
    client.fetchBurst(1000);
    client.fetchChunk(EPOCH, sequence(1));
    await settled();
    client.close();
    await settled();
    expect(requests.map(({ body }) => body.cancelled)).toEqual([true, true, true]);
    expect([events, clock.pending]).toEqual([[], 0]);
  });
});
