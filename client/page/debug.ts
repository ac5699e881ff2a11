import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { EngineSnapshot } from '../../shared/swarm/engine-io.ts';
import type { PlaybackFigures } from '../playback/figures.ts';
import type { Player, PlayerStatus } from '../playback/player.ts';

/**
 * What tests and curious people may look at: `globalThis.essaimDebug`, there only when the page's address says
 * `?debug`. Read-only: it shows, and changes nothing. It is not an interface that may be relied on.
 */
export interface EssaimDebug {
  readonly status: PlayerStatus;
  /** Null when nothing plays, or the sound does not come through the swarm. */
  snapshot(): EngineSnapshot | null;
  /** Null before the first click. */
  figures(): PlaybackFigures | null;
  /** Chunks given to playback, in order, the newest PLAYED_MAX. */
  playedChunks(): readonly PlayedChunk[];
}

export interface PlayedChunk {
  readonly epoch: number;
  readonly sequence: number;
  /** SHA-256 of the whole chunk as signed, in hexadecimal; null while it is computed. */
  readonly digest: string | null;
}

/** Ten minutes of chunks. */
const PLAYED_MAX = 2400;

export class DebugHandle implements EssaimDebug {
  readonly #player: () => Player | null;
  readonly #played: { epoch: number; sequence: number; digest: string | null }[] = [];

  constructor(player: () => Player | null) {
    this.#player = player;
  }

  get status(): PlayerStatus {
    return this.#player()?.status ?? 'idle';
  }

  snapshot(): EngineSnapshot | null {
    return this.#player()?.snapshot() ?? null;
  }

  figures(): PlaybackFigures | null {
    return structuredClone(this.#player()?.figures ?? null);
  }

  playedChunks(): readonly PlayedChunk[] {
    return structuredClone(this.#played);
  }

  record(chunk: Chunk): void {
    const { epoch, sequence } = chunk.header;
    const played = { epoch, sequence, digest: null };
    this.#played.push(played);
    if (this.#played.length > PLAYED_MAX) this.#played.shift();
    void digest(chunk.wire).then((hex) => Object.assign(played, { digest: hex }));
  }
}

async function digest(bytes: Uint8Array): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
