import type { ChunkHeader } from '../../shared/chunk/chunk.ts';
import { sequence as toSequence, stripeOf } from '../../shared/units.ts';
import type { Epoch, Millis, Stripe } from '../../shared/units.ts';
import type { EdgeWitness } from './edge-witness.ts';

/** Chunks left out that others had, before it is no accident: a packet of them may be lost on the way to the edge. */
export const WITHHELD_MAX = 3;
/** A chunk may come so many numbers behind a later one. */
const DISORDER_MAX = 8;
/** So many chunks in a row, over so long, came when others had had newer ones for a while. */
export const STALE_MAX = 4;
export const STALE_FOR_MS = 2_000;

/** Looks whether one edge's stream brings all that it was asked for, in time, by what came from elsewhere. */
export class StreamWatch {
  readonly #edge: string;
  readonly #stripes: ReadonlySet<Stripe>;
  readonly #witness: EdgeWitness;
  #epoch: Epoch | null = null;
  #newest = -1;
  #missing = new Set<number>();
  #withheld = 0;
  #stale = 0;
  #staleSince = 0;

  constructor(edge: string, stripes: readonly Stripe[], witness: EdgeWitness) {
    this.#edge = edge;
    this.#stripes = new Set(stripes);
    this.#witness = witness;
  }

  /** What the edge is guilty of, now that this chunk has come; null as long as nothing is proven. */
  note(header: ChunkHeader, now: Millis): 'late' | 'withheld' | null {
    this.#count(header);
    if (this.#withheld >= WITHHELD_MAX) return 'withheld';
    if (!this.#witness.isStale(this.#edge, header, now)) {
      this.#stale = 0;
      return null;
    }
    if (this.#stale === 0) this.#staleSince = now;
    this.#stale += 1;
    return this.#stale >= STALE_MAX && now - this.#staleSince >= STALE_FOR_MS ? 'late' : null;
  }

  #count({ epoch, sequence }: ChunkHeader): void {
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#newest = sequence;
      this.#missing.clear();
      return;
    }
    this.#missing.delete(sequence);
    // A jump may be the source's own: what nobody has had is not held against the edge.
    for (let number = Math.max(this.#newest + 1, sequence - JUMP_MAX); number < sequence; number += 1)
      if (this.#stripes.has(stripeOf(toSequence(number)))) this.#missing.add(number);
    this.#newest = Math.max(this.#newest, sequence);
    for (const number of this.#missing) {
      if (number > this.#newest - DISORDER_MAX) continue;
      this.#missing.delete(number);
      if (this.#witness.has(epoch, toSequence(number))) this.#withheld += 1;
    }
  }
}

/** Numbers looked at after a jump. */
const JUMP_MAX = 64;
