import type { EngineCounters } from '../../shared/swarm/engine-io.ts';
import type { ListenerFigures } from './measured-listener.ts';
import { percentilesOf } from './percentiles.ts';
import type { Percentiles } from './percentiles.ts';

export interface Egress {
  readonly seed: number;
  readonly burst: number;
  readonly repair: number;
  readonly fallback: number;
}

/** All that was seen at one moment: the listeners in the same order each time. */
export interface Moment {
  readonly atMs: number;
  readonly listeners: readonly ListenerFigures[];
  readonly egress: Egress;
  readonly cpuSeconds: number;
}

export interface SwarmFigures {
  readonly listeners: number;
  readonly offload: number;
  readonly copies: number;
  readonly playedOnTime: number;
  readonly startupMs: Percentiles;
  readonly latencyMs: Percentiles;
  readonly duplicateShare: number;
  readonly controlShare: number;
  readonly edgeBytesByCause: Egress;
  readonly cpuSecondsServer: number;
}

/**
 * What happened between two moments. Copies: all bytes that the edge sent ÷ (the stream's rate × time). Shares are of
 * the chunk bytes that listeners received.
 */
export function figuresBetween(before: Moment, after: Moment, bitrateKbps: number): SwarmFigures {
  const total = (name: keyof EngineCounters): number =>
    after.listeners.reduce(
      (sum, { counters }, index) => sum + counters[name] - (before.listeners[index]?.counters[name] ?? 0),
      0,
    );
  const received = total('chunkBytesFromPeers') + total('chunkBytesFromEdges');
  const sent: Egress = {
    seed: after.egress.seed - before.egress.seed,
    burst: after.egress.burst - before.egress.burst,
    repair: after.egress.repair - before.egress.repair,
    fallback: after.egress.fallback - before.egress.fallback,
  };
  const streamBytes = (bitrateKbps * 1000 * ((after.atMs - before.atMs) / 1000)) / 8;
  return {
    listeners: after.listeners.length,
    offload: total('chunkBytesFromPeers') / received,
    copies: (sent.seed + sent.burst + sent.repair + sent.fallback) / streamBytes,
    playedOnTime: total('chunksInTime') / total('chunksDue'),
    startupMs: percentilesOf(after.listeners.flatMap(({ startupMs }) => startupMs ?? [])),
    latencyMs: percentilesOf(
      after.listeners.flatMap((figures, index) => heardSince(figures, before.listeners[index])),
    ),
    duplicateShare: total('duplicateChunkBytes') / received,
    controlShare: total('controlBytesReceived') / received,
    edgeBytesByCause: sent,
    cpuSecondsServer: after.cpuSeconds - before.cpuSeconds,
  };
}

/** Latencies of the chunks that came due since; a tab keeps the newest only, so they are counted from the end. */
function heardSince(after: ListenerFigures, before: ListenerFigures | undefined): readonly number[] {
  const count = after.counters.chunksInTime - (before?.counters.chunksInTime ?? 0);
  return count <= 0 ? [] : after.latenciesMs.slice(-count);
}
