import { expect, test } from 'vitest';
import { collectionsOf } from '../../../shared/swarm/collections.ts';
import { HANDED_MAX, REPAIRS_MAX } from '../../../shared/swarm/limits.ts';
import { micros } from '../../../shared/units.ts';
import { EngineBench } from '../../support/engine-bench.ts';
import { CHUNK_MS, VirtualOrigin } from '../../support/virtual-origin.ts';

const sizeOf = (bench: EngineBench, name: string): number | undefined =>
  collectionsOf(bench.engine.parts()).find((each) => each.name === name)?.size;

/** Chunks 0 to 7 have come, as a burst; the ear is at chunk 4. */
function listening(): {
  readonly bench: EngineBench;
  readonly origin: VirtualOrigin;
  readonly stay: () => void;
} {
  const bench = new EngineBench();
  const origin = new VirtualOrigin(128);
  const first = origin.produce(bench.now);
  for (let number = 0; number < 8; number += 1) {
    bench.receive(number === 0 ? first : origin.produce(bench.now));
    bench.now += CHUNK_MS;
  }
  bench.give({ type: 'burstDone', ok: true });
  const stay = (): void => {
    const { epoch, duration } = first.header;
    bench.give({ type: 'playhead', epoch, mediaTime: micros(4 * duration), playing: true });
  };
  return { bench, origin, stay };
}

test('so many chunks are repaired at a time and no more, however many are missing', () => {
  const { bench, origin, stay } = listening();
  const chunks = Array.from({ length: REPAIRS_MAX + 10 }, () => {
    bench.now += CHUNK_MS;
    return origin.produce(bench.now);
  });
  stay();
  for (const chunk of chunks.slice(-1)) bench.receive(chunk);
  expect(sizeOf(bench, 'repairs')).toBe(REPAIRS_MAX);
});

test('chunks that wait for an ear that stands still are limited: the oldest are forgotten', () => {
  const { bench, origin, stay } = listening();
  for (let number = 0; number < HANDED_MAX + 50; number += 1) {
    bench.now += CHUNK_MS;
    stay();
    bench.receive(origin.produce(bench.now));
  }
  expect(sizeOf(bench, 'chunks handed over')).toBe(HANDED_MAX);
});

test('no collection of an engine that has just begun is over its limit, and each is named once', () => {
  const collections = collectionsOf(listening().bench.engine.parts());
  expect(new Set(collections.map(({ name }) => name)).size).toBe(collections.length);
  for (const { name, size, limit } of collections) expect(size, name).toBeLessThanOrEqual(limit);
});
