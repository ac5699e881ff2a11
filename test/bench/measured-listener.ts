import type { EngineCounters } from '../../shared/swarm/engine-io.ts';

/** A listener of the benchmark's swarm, in Node or in a browser's tab. */
export interface MeasuredListener {
  figures(): Promise<ListenerFigures>;
  stop(): Promise<void>;
}

export interface ListenerFigures {
  readonly counters: EngineCounters;
  /** From asking to listen to the first sound; null before it. */
  readonly startupMs: number | null;
  /** Packaging of each chunk to its playing, the newest last. */
  readonly latenciesMs: readonly number[];
}
