import { describe, expect, test } from 'vitest';
import {
  CHUNK_TIMEOUT_MS,
  EdgeClient,
  FETCHES_AT_ONCE_MAX,
  FETCHES_WAITING_MAX,
  STREAM_SILENCE_MAX_MS,
} from '../../../client/listener/edge-client.ts';
import { FIRST_BYTES_MAX_MS, HEDGE_AFTER_MS } from '../../../client/listener/edge-requests.ts';
import { frameChunks, FRAME_PREFIX_LENGTH } from '../../../shared/chunk/chunk-framing.ts';
import { CHUNK_LENGTH_MAX } from '../../../shared/chunk/chunk.ts';
import { epoch, mountId, sequence, stripe } from '../../../shared/units.ts';
import { FakeClock, settled } from '../../support/fake-clock.ts';
import { fakeEdges } from '../../support/fake-edges.ts';
import type { EdgeScript } from '../../support/fake-edges.ts';

const chunkOf = (byte: number, length = 10): Uint8Array => new Uint8Array(length).fill(byte);
const streaming: EdgeScript = (_, body) => new Response(body.stream);
const answering =
  (status: number, body: Uint8Array<ArrayBuffer> | null = null): EdgeScript =>
  () =>
    new Response(body, { status });
const never: EdgeScript = () => new Promise<Response>(() => undefined);

function setUp(scripts: Readonly<Record<string, EdgeScript>>) {
  const clock = new FakeClock();
  const edges = fakeEdges(scripts);
  const events: string[] = [];
  const client = new EdgeClient({
    edges: Object.keys(scripts).map((host) => `http://${host}`),
    mountId: mountId('0123456789abcdef'),
    clock,
    fetch: edges.fetch,
    onChunk: (data, cause) => events.push(`${cause} ${data[0]} (${data.length})`),
    onBurstDone: (ok, reason) => events.push(ok ? 'burst done' : `burst failed: ${reason}`),
    onFetchFailed: (_, number, gone) => events.push(`fetch ${number} ${gone ? 'gone' : 'failed'}`),
    onStreamClosed: (reason) => events.push(`stream closed: ${reason}`),
  });
  return { clock, events, client, requests: edges.requests };
}

describe('the burst', () => {
  test('hands chunks on as they arrive, and counts every byte of the body', async () => {
    const { client, events, requests } = setUp({ a: streaming });
    client.fetchBurst(3000);
    await settled();
    expect(requests[0]?.path).toBe('/api/mounts/0123456789abcdef/burst?seconds=3');
    const body = frameChunks([chunkOf(1), chunkOf(2)]);
    requests[0]?.body.write(body.subarray(0, 20));
    await settled();
    expect(events).toEqual(['burst 1 (10)']);
    requests[0]?.body.write(body.subarray(20));
    requests[0]?.body.end();
    await settled();
    expect(events).toEqual(['burst 1 (10)', 'burst 2 (10)', 'burst done']);
    expect(client.bytes()).toEqual({ burst: body.length, seed: 0, repair: 0, fallback: 0 });
  });

  test('goes to the next edge when one is silent, and remembers the one that worked', async () => {
    const { client, clock, events, requests } = setUp({
      a: never,
      b: answering(200, Uint8Array.from(frameChunks([chunkOf(7)]))),
    });
    client.fetchBurst(1000);
    await clock.advanceSettled(FIRST_BYTES_MAX_MS);
    expect(events).toEqual(['burst 7 (10)', 'burst done']);
    client.fetchBurst(1000);
    await settled();
    expect(requests.map(({ edge }) => edge)).toEqual(['a', 'b', 'b']);
  });

  test('fails once, with the reason, when no edge answers', async () => {
    const { client, events } = setUp({ a: answering(503), b: answering(500) });
    client.fetchBurst(1000);
    await settled();
    expect(events).toEqual(['burst failed: answered 500']);
  });

  test('does not begin anew at another edge once chunks have come', async () => {
    const { client, events, requests } = setUp({ a: streaming, b: streaming });
    client.fetchBurst(1000);
    await settled();
    requests[0]?.body.write(frameChunks([chunkOf(1), chunkOf(2)]).subarray(0, 20));
    requests[0]?.body.end();
    await settled();
    expect(requests).toHaveLength(1);
    expect(events).toEqual(['burst 1 (10)', 'burst failed: cut off in the middle of a chunk']);
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
});

describe('one chunk', () => {
  test('is asked for by epoch and number, and counted as repair', async () => {
    const { client, events, requests } = setUp({ a: answering(200, Uint8Array.from(chunkOf(5, 4000))) });
    client.fetchChunk(epoch(1_700_000_000_000), sequence(12));
    await settled();
    expect(requests[0]?.path).toBe('/api/mounts/0123456789abcdef/chunks/1700000000000/12');
    expect(events).toEqual(['repair 5 (4000)']);
    expect(client.bytes().repair).toBe(4000);
  });

  test.each([
    [410, 404, 'gone'],
    [404, 410, 'gone'],
    [404, 404, 'failed'],
    [404, 500, 'failed'],
    [500, 410, 'failed'],
  ])('that edges answer with %i and %i is %s', async (first, second, outcome) => {
    const { client, events } = setUp({ a: answering(first), b: answering(second) });
    client.fetchChunk(epoch(1), sequence(3));
    await settled();
    expect(events).toEqual([`fetch 3 ${outcome}`]);
  });

  test('fails when no edge sends it in time', async () => {
    const { client, clock, events } = setUp({ a: never });
    client.fetchChunk(epoch(1), sequence(3));
    await clock.advanceSettled(CHUNK_TIMEOUT_MS);
    expect(events).toEqual(['fetch 3 failed']);
    expect(clock.pending).toBe(0);
  });

  test('is asked of the next edge as well when one is silent for a moment, and of that one first from then on', async () => {
    const { client, clock, events, requests } = setUp({
      a: never,
      b: answering(200, Uint8Array.from(chunkOf(5))),
    });
    client.fetchChunk(epoch(1), sequence(3));
    await clock.advanceSettled(HEDGE_AFTER_MS);
    expect(events).toEqual(['repair 5 (10)']);
    expect(clock.pending).toBe(0);
    client.fetchChunk(epoch(1), sequence(4));
    await settled();
    expect(requests.map(({ edge }) => edge)).toEqual(['a', 'b', 'b']);
  });

  test('that two edges were asked for is taken once, and the slower request is ended', async () => {
    const { client, clock, events, requests } = setUp({ a: streaming, b: streaming });
    client.fetchChunk(epoch(1), sequence(3));
    await clock.advanceSettled(HEDGE_AFTER_MS);
    requests[0]?.body.write(chunkOf(1));
    requests[0]?.body.end();
    await settled();
    requests[1]?.body.write(chunkOf(2));
    await settled();
    expect(events).toEqual(['repair 1 (10)']);
    expect(requests[1]?.body.cancelled).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test('is asked of nobody twice: the late answer of a slow edge is taken when the others have failed', async () => {
    const { client, clock, events, requests } = setUp({ a: streaming, b: answering(500) });
    client.fetchChunk(epoch(1), sequence(3));
    await clock.advanceSettled(HEDGE_AFTER_MS);
    await clock.advanceSettled(HEDGE_AFTER_MS);
    expect(requests.map(({ edge }) => edge)).toEqual(['a', 'b']);
    requests[0]?.body.write(chunkOf(1));
    requests[0]?.body.end();
    await settled();
    expect(events).toEqual(['repair 1 (10)']);
  });

  test.each([
    ['another fails', 404, 500, 'a'],
    ['it fails', 500, 404, 'b'],
    ['both do', 500, 500, 'b'],
    ['nobody does', 404, 404, 'a'],
  ])(
    'that no edge has: the edge asked first loses its place only if it failed (%s)',
    async (_, a, b, next) => {
      const { client, requests } = setUp({ a: answering(a), b: answering(b) });
      client.fetchChunk(epoch(1), sequence(3));
      await settled();
      client.fetchChunk(epoch(1), sequence(4));
      await settled();
      expect(requests[2]?.edge).toBe(next);
    },
  );

  test('that is longer than a chunk can be is not read to its end', async () => {
    const { client, events, requests } = setUp({ a: streaming });
    client.fetchChunk(epoch(1), sequence(3));
    await settled();
    requests[0]?.body.write(new Uint8Array(CHUNK_LENGTH_MAX + 1));
    await settled();
    expect(events).toEqual(['fetch 3 failed']);
    expect(requests[0]?.body.cancelled).toBe(true);
  });

  test('is not asked for twice at once; only some are asked at once, and too many fail at once', async () => {
    const { client, events, requests } = setUp({ a: streaming });
    for (let number = 0; number < FETCHES_AT_ONCE_MAX + FETCHES_WAITING_MAX + 1; number += 1) {
      client.fetchChunk(epoch(1), sequence(number));
      client.fetchChunk(epoch(1), sequence(number));
    }
    await settled();
    expect(requests).toHaveLength(FETCHES_AT_ONCE_MAX);
    expect(new Set(events)).toEqual(new Set([`fetch ${FETCHES_AT_ONCE_MAX + FETCHES_WAITING_MAX} failed`]));
    requests[0]?.body.write(chunkOf(1));
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
    requests[0]?.body.write(frameChunks([chunkOf(4)]));
    await settled();
    expect(events).toEqual(['seed 4 (10)']);
    expect(client.bytes().seed).toBe(10 + FRAME_PREFIX_LENGTH);
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
    requests[0]?.body.write(frameChunks([chunkOf(4)]));
    await settled();
    await clock.advanceSettled(STREAM_SILENCE_MAX_MS - 1);
    expect(events).toHaveLength(1);
    await clock.advanceSettled(1);
    expect(events).toEqual(['fallback 4 (10)', 'stream closed: timed out']);
    expect(clock.pending).toBe(0);
  });

  test('goes on undisturbed when other edges are named, and what is asked then is asked of them', async () => {
    const { client, events, requests } = setUp({
      a: streaming,
      b: answering(200, Uint8Array.from(chunkOf(5))),
    });
    client.openStream(stripes, 'fallback');
    await settled();
    client.setEdges(['http://b']);
    requests[0]?.body.write(frameChunks([chunkOf(4)]));
    client.fetchChunk(epoch(1), sequence(3));
    await settled();
    expect(requests.map(({ edge, body }) => [edge, body.cancelled])).toEqual([
      ['a', false],
      ['b', false],
    ]);
    expect(events.toSorted()).toEqual(['fallback 4 (10)', 'repair 5 (10)']);
  });

  test('ends in silence, like everything else, when the client is closed', async () => {
    const { client, clock, events, requests } = setUp({ a: streaming });
    client.openStream(stripes, 'fallback');
    client.fetchBurst(1000);
    client.fetchChunk(epoch(1), sequence(1));
    await settled();
    client.close();
    await settled();
    expect(requests.map(({ body }) => body.cancelled)).toEqual([true, true, true]);
    expect([events, clock.pending]).toEqual([[], 0]);
  });
});
