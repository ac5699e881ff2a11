import { expect, test } from 'vitest';
import { ChunkStore } from '../../../shared/swarm/chunk-store.ts';
import { CHUNKS_HELD_MAX, EPOCHS_HELD_MAX } from '../../../shared/swarm/limits.ts';
import { epoch, sequence } from '../../../shared/units.ts';
import { CHUNK_MS, UNIX_START_MS, VirtualOrigin } from '../../support/virtual-origin.ts';

const FIRST = epoch(UNIX_START_MS);

test('each chunk is kept once', () => {
  const store = new ChunkStore();
  const chunk = new VirtualOrigin(48).produce(0);
  expect([store.add(chunk), store.add(chunk)]).toEqual([true, false]);
  expect(store.get(FIRST, sequence(0))).toBe(chunk);
});

test('the newest chunks are kept, so many and no more, whatever order they come in', () => {
  const origin = new VirtualOrigin(48);
  const chunks = Array.from({ length: CHUNKS_HELD_MAX + 50 }, (_, index) => origin.produce(index * CHUNK_MS));
  const store = new ChunkStore();
  for (const chunk of chunks.toReversed()) store.add(chunk);
  const held = chunks.filter(({ header }) => store.has(header.epoch, header.sequence));
  expect(held).toHaveLength(CHUNKS_HELD_MAX);
  expect(held[0]?.header.sequence).toBe(50);
  expect([store.oldest(FIRST), store.newest(FIRST)]).toEqual([50, CHUNKS_HELD_MAX + 49]);
});

test('a chunk that is older than what is kept is gone, even if nothing has taken its place', () => {
  const origin = new VirtualOrigin(48);
  const chunks = Array.from({ length: CHUNKS_HELD_MAX + 4 }, (_, index) => origin.produce(index * CHUNK_MS));
  const store = new ChunkStore();
  for (const chunk of chunks.slice(0, 3)) store.add(chunk);
  for (const chunk of chunks.slice(-1)) store.add(chunk);
  expect(chunks.filter(({ header }) => store.has(header.epoch, header.sequence))).toEqual(chunks.slice(-1));
  expect(store.size).toBe(1);
});

test('the newest epochs are kept, and one that is over is not taken in again', () => {
  const origin = new VirtualOrigin(48);
  const store = new ChunkStore();
  const first = origin.produce(0);
  store.add(first);
  for (let index = 1; index <= EPOCHS_HELD_MAX; index += 1) {
    origin.newEpoch(index * 1000);
    store.add(origin.produce(index * 1000));
  }
  expect(store.has(FIRST, sequence(0))).toBe(false);
  expect(store.add(first)).toBe(false);
  expect(store.newestEpoch()).toBe(UNIX_START_MS + EPOCHS_HELD_MAX * 1000);
});
