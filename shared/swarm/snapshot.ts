import { micros, STRIPES } from '../units.ts';
import type { Millis } from '../units.ts';
import { stripesIn } from '../stripe-mask.ts';
import { childCount, childSlots } from './children.ts';
import { parentOf, sourceOf } from './core.ts';
import type { Core } from './core.ts';
import type { EngineSnapshot } from './engine-io.ts';
import type { Playout } from './playout.ts';

/** A copy of what may be shown: nothing in it changes later. */
export function snapshotOf(
  core: Core,
  now: Millis,
  phase: EngineSnapshot['phase'],
  playout: Playout,
): EngineSnapshot {
  const epoch = playout.cursor?.epoch ?? core.store.newestEpoch();
  const liveMs = epoch === null ? null : core.timeline.liveMediaMs(now, epoch);
  const parents = STRIPES.map((stripe) => parentOf(core, stripe));
  return {
    phase,
    peerId: core.peerId,
    neighbours: core.neighbours.ready().map((neighbour) => ({
      peerId: neighbour.peerId,
      parentOf: STRIPES.filter((stripe) => {
        const parent = parents[stripe];
        return parent?.kind === 'peer' && parent.peerId === neighbour.peerId;
      }),
      childOf: stripesIn(neighbour.childMask),
      roundTripMs: neighbour.roundTripMs,
      bytesReceived: neighbour.bytesReceived,
      bytesSent: neighbour.bytesSent,
    })),
    parents: parents.map(sourceOf),
    childCount: childCount(core),
    childSlots: childSlots(core),
    childNeighbourCount: core.children.neighbourCount,
    live: epoch === null || liveMs === null ? null : { epoch, mediaTime: micros(liveMs * 1000) },
    bufferMs: playout.bufferMs(now),
    counters: { ...core.counters },
  };
}
