import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { MountDescription } from '../../shared/station/description.ts';
import type { EngineSnapshot } from '../../shared/swarm/engine-io.ts';
import type { Epoch, Micros, Millis } from '../../shared/units.ts';
import type { ObserveFlow } from '../listener/sound-flow.ts';

/** Where a listener gives its chunks: in order, verified, each once. */
export interface ChunkSink {
  play(chunk: Chunk, skipped: number, dueAt: Millis): void;
}

/** What playback needs of a listener (`client/listener/listener.ts`), so that it can be fed by anything else. */
export interface ListenerPort {
  start(): void;
  stop(): Promise<void>;
  setPeersAllowed(allowed: boolean): void;
  setUploadCap(uploadCapKbps: number): void;
  reportPlayhead(epoch: Epoch, mediaTime: Micros, playing: boolean): void;
  snapshot(): EngineSnapshot;
}

export interface ListenerRequest {
  readonly mount: MountDescription;
  readonly sink: ChunkSink;
  readonly peersAllowed: boolean;
  readonly uploadCapKbps: number;
  readonly onFlow?: ObserveFlow | undefined;
}

/** Makes a listener that is not started yet; asynchronous, for its code may have to be loaded. */
export type OpenListener = (request: ListenerRequest) => Promise<ListenerPort>;
