import type { Demuxer, DemuxEvent } from './demuxer.ts';
import { oggDemuxer } from './ogg-demuxer.ts';
import { adtsDemuxer, mpegDemuxer } from './self-framing-demuxer.ts';

/**
 * Finds out by itself what it is fed: content types of old servers say little and are often wrong. All demuxers read
 * along until one of them finds sound; it alone goes on. What it discarded before is reported then.
 */
export const anyDemuxer = (): Demuxer => new AnyDemuxer();

class AnyDemuxer implements Demuxer {
  #candidates: readonly Candidate[] = [oggDemuxer(), mpegDemuxer(), adtsDemuxer()].map((demuxer) => {
    return { demuxer, discardedBytes: 0 };
  });
  #chosen: Demuxer | null = null;

  push(bytes: Uint8Array): readonly DemuxEvent[] {
    return this.#run((demuxer) => demuxer.push(bytes));
  }

  end(): readonly DemuxEvent[] {
    return this.#run((demuxer) => demuxer.end());
  }

  #run(feed: (demuxer: Demuxer) => readonly DemuxEvent[]): readonly DemuxEvent[] {
    if (this.#chosen !== null) return feed(this.#chosen);
    for (const candidate of this.#candidates) {
      const events = feed(candidate.demuxer);
      if (events.some(({ type }) => type === 'config')) {
        this.#chosen = candidate.demuxer;
        this.#candidates = [];
        const { discardedBytes } = candidate;
        return discardedBytes === 0 ? events : [{ type: 'discarded', byteCount: discardedBytes }, ...events];
      }
      for (const event of events) if (event.type === 'discarded') candidate.discardedBytes += event.byteCount;
    }
    return [];
  }
}

interface Candidate {
  readonly demuxer: Demuxer;
  discardedBytes: number;
}
