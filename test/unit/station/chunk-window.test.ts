import { describe, expect, it } from 'vitest';
import { SlidingWindow } from '../../../server/station/chunk-window.ts';
import type { Chunk } from '../../../shared/chunk/chunk.ts';
import { epoch, sequence } from '../../../shared/units.ts';
import { madeChunk } from '../../support/made-chunks.ts';

describe('window', () => {
  it('keeps the last 30 s and no more', () => {
    const window = filled(range(7, 0, 200));
    expect(window.size).toBe(120);
    expect(window.durationMs).toBe(30_000);
    expect(names([window.oldest, window.newest])).toEqual(['7.80', '7.199']);
  });

  it('never holds more bytes than its limit, but always the newest chunk', () => {
    const length = madeChunk({ epoch: 1, sequence: 0 }).wire.length;
    const limits = { durationMs: 30_000, bytesMax: length * 3, chunksMax: 100 };
    expect(filled(range(1, 0, 10), limits).size).toBe(3);
    expect(filled(range(1, 0, 10), { ...limits, bytesMax: 1 }).size).toBe(1);
  });

  it('never holds more chunks than its limit, however short they are', () => {
    const window = filled(range(1, 0, 50), { durationMs: 30_000, bytesMax: 1e9, chunksMax: 8 });
    expect(window.size).toBe(8);
  });

  it('tells a chunk that it holds from one that is not made yet and one that has left', () => {
    const window = filled([...range(1, 0, 4), ...range(5, 0, 4)]);
    expect(window.lookUp(epoch(1), sequence(3))).toMatchObject({ state: 'held' });
    expect(window.lookUp(epoch(5), sequence(4))).toEqual({ state: 'future' });
    expect(window.lookUp(epoch(6), sequence(0))).toEqual({ state: 'future' });
    expect(window.lookUp(epoch(1), sequence(4))).toEqual({ state: 'gone' });
    expect(window.lookUp(epoch(0), sequence(0))).toEqual({ state: 'gone' });
    expect(new SlidingWindow().lookUp(epoch(0), sequence(0))).toEqual({ state: 'future' });
  });

  it('gives as a burst the fewest newest chunks that last long enough, across epochs', () => {
    const window = filled([...range(1, 0, 4), ...range(5, 0, 2)]);
    expect(names(window.burst(600))).toEqual(['1.3', '5.0', '5.1']);
    expect(names(window.burst(250))).toEqual(['5.1']);
    expect(window.burst(0)).toEqual([]);
    expect(window.burst(1e6)).toHaveLength(6);
  });

  it('goes on from any place, also one that it does not hold', () => {
    const window = filled([...range(1, 2, 4), ...range(5, 0, 2)]);
    expect(names(window.from(epoch(1), sequence(3)))).toEqual(['1.3', '1.4', '1.5', '5.0', '5.1']);
    expect(names(window.from(epoch(1), sequence(99)))).toEqual(['5.0', '5.1']);
    expect(window.from(epoch(0), sequence(0))).toHaveLength(6);
    expect(window.from(epoch(5), sequence(2))).toEqual([]);
  });

  it('tells the live position of the newest epoch alone', () => {
    expect(new SlidingWindow().live()).toBeNull();
    expect(filled([...range(1, 0, 4), ...range(5, 3, 2)]).live()).toEqual({ epoch: 5, oldest: 3, newest: 4 });
  });

  it('refuses a chunk that is not newer than all it holds', () => {
    const window = filled(range(5, 0, 2));
    for (const old of [
      { epoch: 5, sequence: 1 },
      { epoch: 4, sequence: 9 },
    ])
      expect(() => window.push(madeChunk(old))).toThrow(`current value is ${old.epoch}.${old.sequence}`);
    expect(window.size).toBe(2);
  });
});

const range = (epoch: number, first: number, count: number): readonly Chunk[] =>
  Array.from({ length: count }, (_, index) => madeChunk({ epoch, sequence: first + index }));

function filled(
  chunks: readonly Chunk[],
  limits?: ConstructorParameters<typeof SlidingWindow>[0],
): SlidingWindow {
  const window = new SlidingWindow(limits);
  for (const chunk of chunks) window.push(chunk);
  return window;
}

const names = (chunks: readonly (Chunk | null)[]): readonly string[] =>
  chunks.map((chunk) => (chunk === null ? '' : `${chunk.header.epoch}.${chunk.header.sequence}`));
