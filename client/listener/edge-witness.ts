import type { ChunkHeader } from '../../shared/chunk/chunk.ts';
import type { Epoch, Millis, Sequence } from '../../shared/units.ts';

/** Chunks remembered: 30 s of them. */
const REMEMBERED_MAX = 128;
/** What an edge streams is late when something newer could be had elsewhere this long before. */
export const STALE_MS = 1_500;

/** The source of what came from other listeners. */
export const PEERS = 'peers';

/** Where the genuine chunks came from first, which tells what an edge could have had. */
export class EdgeWitness {
  #seen: readonly Sighting[] = [];

  /** @param source an edge's address, or PEERS */
  genuine({ epoch, sequence, packagedAt }: ChunkHeader, source: string, at: Millis): void {
    this.#seen = [...this.#seen.slice(1 - REMEMBERED_MAX), { epoch, sequence, packagedAt, source, at }];
  }

  /** Nothing that any edge sent can be called false before something proved true: the key may be an old one. */
  get hasSeenAny(): boolean {
    return this.#seen.length > 0;
  }

  /** The station has made it, as we have had it. */
  has(epoch: Epoch, sequence: Sequence): boolean {
    return this.#seen.some((each) => each.epoch === epoch && each.sequence === sequence);
  }

  /** Somebody other than `edge` has given something newer. */
  hasNewerThan(edge: string, epoch: Epoch, sequence: Sequence): boolean {
    return this.#seen.some((each) => each.source !== edge && isNewer(each, { epoch, sequence }));
  }

  /** There is an edge to compare `edge` with; peers may all have what they have from it. */
  hasOtherEdgeThan(edge: string, since: number): boolean {
    return this.#seen.some(({ source, at }) => source !== edge && source !== PEERS && at >= since);
  }

  /**
   * `chunk` came from `edge` at `at` as its newest, although something newer could be had elsewhere STALE_MS before.
   * When that was is reckoned on our own clock from how soon after their packaging chunks come from elsewhere, so no
   * clock is compared with another.
   */
  isStale(edge: string, chunk: ChunkHeader, at: Millis): boolean {
    const others = this.#seen.filter(({ source }) => source !== edge);
    const wayMs = Math.min(...others.map((each) => each.at - each.packagedAt));
    return others.some((each) => isNewer(each, chunk) && each.packagedAt + wayMs < at - STALE_MS);
  }

  /** How old a chunk is, by the soonest that any chunk came after its packaging; 0 when nothing is known. */
  ageMs({ packagedAt }: ChunkHeader, now: Millis): number {
    if (this.#seen.length === 0) return 0;
    return now - packagedAt - Math.min(...this.#seen.map((each) => each.at - each.packagedAt));
  }
}

interface Place {
  readonly epoch: Epoch;
  readonly sequence: Sequence;
}
interface Sighting extends Place {
  readonly packagedAt: number;
  readonly source: string;
  readonly at: Millis;
}

const isNewer = (one: Place, other: Place): boolean =>
  one.epoch > other.epoch || (one.epoch === other.epoch && one.sequence > other.sequence);
