import type { Chunk } from '../chunk/chunk.ts';
import type { Epoch, Sequence } from '../units.ts';
import { sequence } from '../units.ts';
import { CHUNKS_HELD_MAX, EPOCHS_HELD_MAX } from './limits.ts';

/** The chunks that were verified, newest epochs only, the newest CHUNKS_HELD_MAX of each. */
export class ChunkStore {
  private readonly epochs = new Map<Epoch, EpochChunks>();

  has(epoch: Epoch, number: Sequence): boolean {
    return this.epochs.get(epoch)?.chunks.has(number) ?? false;
  }

  get(epoch: Epoch, number: Sequence): Chunk | undefined {
    return this.epochs.get(epoch)?.chunks.get(number);
  }

  /** False, and nothing changes, if the chunk is held already or is older than what is kept. */
  add(chunk: Chunk): boolean {
    const { epoch, sequence: number } = chunk.header;
    const held = this.epochs.get(epoch) ?? this.open(epoch);
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
    return this.epochs.size;
  }

  /** Chunks of all epochs. */
  get size(): number {
    let size = 0;
    for (const { chunks } of this.epochs.values()) size += chunks.size;
    return size;
  }

  newestEpoch(): Epoch | null {
    let newest: Epoch | null = null;
    for (const epoch of this.epochs.keys()) if (newest === null || epoch > newest) newest = epoch;
    return newest;
  }

  /** The epoch after `epoch` that we hold chunks of, or null. */
  epochAfter(epoch: Epoch): Epoch | null {
    let next: Epoch | null = null;
    for (const other of this.epochs.keys()) {
      if (other > epoch && (next === null || other < next)) next = other;
    }
    return next;
  }

  newest(epoch: Epoch): Sequence | null {
    const held = this.epochs.get(epoch);
    return held === undefined ? null : sequence(held.newest);
  }

  oldest(epoch: Epoch): Sequence | null {
    const held = this.epochs.get(epoch);
    return held === undefined ? null : sequence(held.oldest);
  }

  private open(epoch: Epoch): EpochChunks | null {
    if (this.epochs.size >= EPOCHS_HELD_MAX) {
      const oldest = Math.min(...this.epochs.keys());
      if (epoch < oldest) return null;
      for (const other of this.epochs.keys()) if (other === oldest) this.epochs.delete(other);
    }
    const held: EpochChunks = { chunks: new Map(), newest: -1, oldest: Number.MAX_SAFE_INTEGER };
    this.epochs.set(epoch, held);
    return held;
  }
}

interface EpochChunks {
  readonly chunks: Map<number, Chunk>;
  newest: number;
  oldest: number;
}
