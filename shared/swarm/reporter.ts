import { millis } from '../units.ts';
import type { Millis } from '../units.ts';
import { childCount, slotsFree } from './children.ts';
import { emit } from './core.ts';
import type { Core } from './core.ts';
import { REPORT_INTERVAL_MS } from './limits.ts';
import { ownDepths } from './parents.ts';
import type { Playout } from './playout.ts';
import { NO_DEPTH } from '../wire/messages.ts';

/** Tells the tracker from time to time how we are: it proposes parents by it. */
export class Reporter {
  nextAt: Millis = millis(Number.POSITIVE_INFINITY);
  intervalMs: number = REPORT_INTERVAL_MS;
  #dueBefore = 0;
  #inTimeBefore = 0;

  tick(core: Core, now: Millis, playout: Playout): void {
    if (now < this.nextAt) return;
    this.nextAt = millis(now + this.intervalMs * (0.9 + core.random() / 5));
    if (!core.trackerReady) return;
    const { counters } = core;
    const due = counters.chunksDue - this.#dueBefore;
    const inTime = counters.chunksInTime - this.#inTimeBefore;
    this.#dueBefore = counters.chunksDue;
    this.#inTimeBefore = counters.chunksInTime;
    emit(core, {
      type: 'tracker',
      message: {
        type: 'report',
        report: {
          uploadCapKbps: core.uploadCapKbps,
          childSlotsFree: slotsFree(core),
          childCount: childCount(core),
          neighbourCount: core.neighbours.readyCount,
          depths: ownDepths(core).map((depth) => (depth === NO_DEPTH ? -1 : depth)),
          bytesFromPeers: counters.chunkBytesFromPeers,
          bytesFromEdges: counters.chunkBytesFromEdges,
          bytesToPeers: counters.chunkBytesToPeers,
          playedOnTime: due === 0 ? 1 : inTime / due,
          bufferMs: playout.bufferMs(now),
        },
      },
    });
  }
}
