import type { Chunk } from '../chunk/chunk.ts';
import type { Epoch, Sequence } from '../units.ts';
import { sequence } from '../units.ts';
import { CHUNKS_HELD_MAX, EPOCHS_HELD_MAX } from './limits.ts';

/** The chunks that were verified, newest epochs only, the newest CHUNKS_HELD_MAX of each. */
export class ChunkStore {
  /** Oldest first; at most EPOCHS_HELD_MAX, so looking through them costs nothing. */
  private readonly epochs: EpochChunks[] = [];

  has(epoch: Epoch, number: Sequence): boolean {
    return this.find(epoch)?.chunks.has(number) ?? false;
  }

  get(epoch: Epoch, number: Sequence): Chunk | undefined {
    return this.find(epoch)?.chunks.get(number);
  }

  /** False, and nothing changes, if the chunk is held already or is older than what is kept. */
  add(chunk: Chunk): boolean {
    const { epoch, sequence: number } = chunk.header;
    const held = this.find(epoch) ?? this.open(epoch);
    if (held === null || held.chunks.has(number) || number <= held.newest - CHUNKS_HELD_MAX) return false;
    held.chunks.set(number, chunk);
    if (number > held.newest) held.newest = number;
    if (number < held.oldest) held.oldest = number;
    while (held.oldest <= held.newest - CHUNKS_HELD_MAX) {
      held.chunks.delete(held.oldest);
      held.oldest += 1;
    }
    return true;
  }

  get epochCount(): number {
    return this.epochs.length;
  }

  /** Chunks of all epochs. */
  get size(): number {
    let size = 0;
    for (const { chunks } of this.epochs) size += chunks.size;
    return size;
  }

  newestEpoch(): Epoch | null {
    return this.epochs[this.epochs.length - 1]?.epoch ?? null;
  }

  /** The epoch after `epoch` that we hold chunks of, or null. */
  epochAfter(epoch: Epoch): Epoch | null {
    for (const held of this.epochs) if (held.epoch > epoch) return held.epoch;
    return null;
  }

  newest(epoch: Epoch): Sequence | null {
    const held = this.find(epoch);
    return held === undefined ? null : sequence(held.newest);
  }

  oldest(epoch: Epoch): Sequence | null {
    const held = this.find(epoch);
    return held === undefined ? null : sequence(held.oldest);
  }

  private find(epoch: Epoch): EpochChunks | undefined {
    for (let index = this.epochs.length - 1; index >= 0; index -= 1) {
      const held = this.epochs[index];
      if (held?.epoch === epoch) return held;
    }
    return undefined;
  }

  private open(epoch: Epoch): EpochChunks | null {
    if (this.epochs.length >= EPOCHS_HELD_MAX) {
      const [oldest] = this.epochs;
      if (oldest !== undefined && epoch < oldest.epoch) return null;
      this.epochs.shift();
    }
    const held: EpochChunks = { epoch, chunks: new Map(), newest: -1, oldest: Number.MAX_SAFE_INTEGER };
    this.epochs.push(held);
    this.epochs.sort((left, right) => left.epoch - right.epoch);
    return held;
  }
}

interface EpochChunks {
  readonly epoch: Epoch;
  readonly chunks: Map<number, Chunk>;
  newest: number;
  oldest: number;
}
