import type { Chunk } from '../chunk/chunk.ts';
import type { Epoch, Sequence } from '../units.ts';
import { sequence } from '../units.ts';
import { CHUNKS_HELD_MAX, EPOCHS_HELD_MAX } from './limits.ts';

/** The chunks that were verified, newest epochs only, the newest CHUNKS_HELD_MAX of each. */
export class ChunkStore {
  /** Oldest first; at most EPOCHS_HELD_MAX, so looking through them costs nothing. */
  readonly #epochs: EpochChunks[] = [];

  has(epoch: Epoch, number: Sequence): boolean {
    return this.get(epoch, number) !== undefined;
  }

  get(epoch: Epoch, number: Sequence): Chunk | undefined {
    const chunk = this.#find(epoch)?.ring[number % CHUNKS_HELD_MAX];
    return chunk?.header.sequence === number ? chunk : undefined;
  }

  /** False, and nothing changes, if the chunk is held already or is older than what is kept. */
  add(chunk: Chunk): boolean {
    const { epoch, sequence: number } = chunk.header;
    const held = this.#find(epoch) ?? this.#open(epoch);
    if (held === null || number <= held.newest - CHUNKS_HELD_MAX) return false;
    const index = number % CHUNKS_HELD_MAX;
    if (held.ring[index]?.header.sequence === number) return false;
    if (number > held.newest) advance(held, number);
    held.ring[index] = chunk;
    held.oldest = Math.max(Math.min(held.oldest, number), held.newest - CHUNKS_HELD_MAX + 1);
    return true;
  }

  get epochCount(): number {
    return this.#epochs.length;
  }

  /** Chunks held, of all epochs. */
  get size(): number {
    let size = 0;
    for (const { ring } of this.#epochs) for (const chunk of ring) if (chunk !== undefined) size += 1;
    return size;
  }

  newestEpoch(): Epoch | null {
    return this.#epochs[this.#epochs.length - 1]?.epoch ?? null;
  }

  /** The epoch after `epoch` that we hold chunks of, or null. */
  epochAfter(epoch: Epoch): Epoch | null {
    for (const held of this.#epochs) if (held.epoch > epoch) return held.epoch;
    return null;
  }

  newest(epoch: Epoch): Sequence | null {
    const held = this.#find(epoch);
    return held === undefined ? null : sequence(held.newest);
  }

  oldest(epoch: Epoch): Sequence | null {
    const held = this.#find(epoch);
    return held === undefined ? null : sequence(held.oldest);
  }

  #find(epoch: Epoch): EpochChunks | undefined {
    for (let index = this.#epochs.length - 1; index >= 0; index -= 1) {
      const held = this.#epochs[index];
      if (held?.epoch === epoch) return held;
    }
    return undefined;
  }

  #open(epoch: Epoch): EpochChunks | null {
    if (this.#epochs.length >= EPOCHS_HELD_MAX) {
      const [oldest] = this.#epochs;
      if (oldest !== undefined && epoch < oldest.epoch) return null;
      this.#epochs.shift();
    }
    const held: EpochChunks = { epoch, ring: [], newest: -1, oldest: Number.MAX_SAFE_INTEGER };
    this.#epochs.push(held);
    this.#epochs.sort((left, right) => left.epoch - right.epoch);
    return held;
  }
}

interface EpochChunks {
  readonly epoch: Epoch;
  /** By number modulo CHUNKS_HELD_MAX. */
  readonly ring: (Chunk | undefined)[];
  newest: number;
  oldest: number;
}

/** What is then older than what is kept goes: where numbers were passed over, nothing else would take its place. */
function advance(held: EpochChunks, newest: number): void {
  for (let number = Math.max(held.newest + 1, newest - CHUNKS_HELD_MAX + 1); number < newest; number += 1) {
    const index = number % CHUNKS_HELD_MAX;
    if (held.ring[index] !== undefined) held.ring[index] = undefined;
  }
  held.newest = newest;
}
