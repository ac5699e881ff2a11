import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { MountDescription } from '../../shared/station/description.ts';
import type { MountId } from '../../shared/units.ts';
import type { ChunkWindow } from './chunk-window.ts';

/** A mount as everything behind the signer sees it: signed chunks as they are made, and the last 30 s of them. */
export interface LiveMount {
  readonly id: MountId;
  /** Where old players find it, e.g. `/live.mp3`. */
  readonly path: string;
  readonly window: ChunkWindow;
  /** The stream's own rate, measured; from the configuration or a first guess until there is enough to measure. */
  readonly bitrateKbps: number;
  /**
   * `listener` gets each new signed chunk, after the window holds it, in order. It must not throw and must not keep
   * the caller waiting. Returns how to stop.
   */
  onChunk(listener: (chunk: Chunk) => void): () => void;
  description(): MountDescription;
}
