import type { EngineOutput } from '../../shared/swarm/engine-io.ts';
import { CHUNK_MS, UNIX_START_MS } from '../support/virtual-origin.ts';

/** A gap between two chunks' times that an ear would notice, ms; the play clock drifts by less. */
const GAP_NOTICED_MS = 60;

export interface HeardChunk {
  readonly inTime: boolean;
  /** Chunks that silence took besides. */
  readonly silent: number;
  /** Sound stopped or skipped here. */
  readonly interrupted: boolean;
  readonly latencyMs: number | null;
}

/** What one listener's ear gets, from the engine's outputs. */
export class PlaybackWatch {
  firstAt: number | null = null;
  #endsAt = 0;
  #silent = 0;
  #hearing = true;
  #last = -1;

  /** @throws Error when a chunk is played out of order or twice. */
  played(now: number, output: Extract<EngineOutput, { type: 'play' }>): void {
    const number = output.chunk.header.sequence;
    if (number <= this.#last)
      throw new Error(
        `Cannot play chunk ${number} as each is played once, in order: current value is ${this.#last}`,
      );
    this.#last = number;
    if (this.firstAt === null) this.firstAt = now;
    else if (output.dueAt > this.#endsAt + GAP_NOTICED_MS && output.skipped === 0)
      this.#silent += Math.max(1, Math.round((output.dueAt - this.#endsAt) / CHUNK_MS));
    this.#endsAt = output.dueAt + output.chunk.header.duration / 1000;
  }

  due(output: Extract<EngineOutput, { type: 'due' }>): HeardChunk {
    const { inTime, packagedAt, dueAt } = output;
    const silent = this.#silent;
    this.#silent = 0;
    const interrupted = silent > 0 || (!inTime && this.#hearing);
    this.#hearing = inTime;
    const latencyMs = inTime && packagedAt !== null ? dueAt + UNIX_START_MS - packagedAt : null;
    return { inTime, silent, interrupted, latencyMs };
  }

  /** Chunks' worth of silence that has not been told yet: nothing has come since, or sound never began. */
  silentUntil(now: number, joinedAt: number): number {
    const since = this.firstAt === null ? joinedAt + STARTING_MS : this.#endsAt;
    return this.#silent + Math.max(0, Math.floor((now - since) / CHUNK_MS));
  }
}

/** A listener may take so long to begin before silence counts against us. */
const STARTING_MS = 2_000;
