/** How playback has gone since the click. Read-only to everybody but the session that writes it. */
export interface PlaybackFigures {
  /** From the click to the first movement of the playhead. */
  readonly startupMs: number | null;
  /** Times that sound stopped for want of data, or of will. */
  readonly stalls: number;
  /** Times that play-out jumped forward. */
  readonly jumps: number;
  /** Chunks given up on before they could be played. */
  readonly chunksSkipped: number;
  /** Packaging of a chunk to its playing, the newest LATENCIES_MAX; true only as far as both clocks agree. */
  readonly latenciesMs: readonly number[];
}

/** Two minutes of chunks. */
export const LATENCIES_MAX = 480;

export class FigureBook implements PlaybackFigures {
  startupMs: number | null = null;
  stalls = 0;
  jumps = 0;
  chunksSkipped = 0;
  readonly latenciesMs: number[] = [];

  addLatency(latencyMs: number): void {
    this.latenciesMs.push(latencyMs);
    if (this.latenciesMs.length > LATENCIES_MAX) this.latenciesMs.shift();
  }
}
