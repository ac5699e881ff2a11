import type { Chunk } from '../../shared/chunk/chunk.ts';

/** Behind one mount: seeds, streams, players. */
export const CHUNK_LISTENERS_MAX = 100_000;

/** Who gets each new chunk of a mount. */
export class ChunkListeners {
  readonly #path: string;
  readonly #listeners = new Set<(chunk: Chunk) => void>();

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * @returns how to stop. A function may be given twice; each registration ends by itself.
   * @throws RangeError over CHUNK_LISTENERS_MAX.
   */
  add(listener: (chunk: Chunk) => void): () => void {
    if (this.#listeners.size >= CHUNK_LISTENERS_MAX)
      throw new RangeError(
        `Cannot add a listener to ${this.#path} as one of ${CHUNK_LISTENERS_MAX}: current value is ${this.#listeners.size}`,
      );
    const registered = (chunk: Chunk): void => {
      listener(chunk);
    };
    this.#listeners.add(registered);
    return () => this.#listeners.delete(registered);
  }

  tell(chunk: Chunk): void {
    for (const listener of this.#listeners) listener(chunk);
  }
}
