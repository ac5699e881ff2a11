import { NO_COUNTS } from '../../../shared/swarm/engine-io.ts';
import { expect, test } from 'vitest';
import type { ListenerFigures } from '../../bench/measured-listener.ts';
import { percentilesOf } from '../../bench/percentiles.ts';
import { figuresBetween } from '../../bench/swarm-figures.ts';

const EGRESS = { seed: 0, burst: 0, repair: 0, fallback: 0 };

test('figures tell what happened between two moments, not before', () => {
  const early: ListenerFigures = {
    counters: { ...NO_COUNTS, chunkBytesFromPeers: 100, chunksDue: 10, chunksInTime: 5 },
    startupMs: 300,
    latenciesMs: [9000],
  };
  const late: ListenerFigures = {
    counters: {
      ...NO_COUNTS,
      chunkBytesFromPeers: 400,
      chunkBytesFromEdges: 100,
      duplicateChunkBytes: 40,
      controlBytesReceived: 20,
      chunksDue: 14,
      chunksInTime: 8,
    },
    startupMs: 300,
    latenciesMs: [9000, 2000, 2100, 2200],
  };
  const figures = figuresBetween(
    { atMs: 1000, listeners: [early], egress: { ...EGRESS, burst: 5000 }, cpuSeconds: 1 },
    { atMs: 3000, listeners: [late], egress: { ...EGRESS, burst: 5000, seed: 48_000 }, cpuSeconds: 1.5 },
    128,
  );
  expect(figures).toMatchObject({
    listeners: 1,
    offload: 0.75,
    copies: 1.5,
    playedOnTime: 0.75,
    duplicateShare: 0.1,
    controlShare: 0.05,
    cpuSecondsServer: 0.5,
    edgeBytesByCause: { seed: 48_000, burst: 0 },
    latencyMs: { p50: 2100, p95: 2200 },
    startupMs: { p50: 300 },
  });
});

test('percentiles are by nearest rank, and null of nothing', () => {
  expect(percentilesOf([5, 1, 4, 2, 3])).toEqual({ p50: 3, p95: 5, p99: 5 });
  expect(percentilesOf([])).toEqual({ p50: null, p95: null, p99: null });
});
