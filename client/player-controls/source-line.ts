import type { EngineSnapshot } from '../../shared/swarm/engine-io.ts';
import type { Strings } from '../strings/strings.ts';

/** Where the sound comes from and whom it is passed on to, in one line. */
export function sourceLine(snapshot: EngineSnapshot | null, relay: boolean, strings: Strings): string {
  const from = origin(snapshot, strings);
  if (snapshot === null || !relay) return strings.swarm.sentence([from]);
  const childCount = snapshot.neighbours.filter(({ childOf }) => childOf.length > 0).length;
  return strings.swarm.sentence(childCount === 0 ? [from] : [from, strings.swarm.relayingTo(childCount)]);
}

function origin(snapshot: EngineSnapshot | null, strings: Strings): string {
  if (snapshot === null) return strings.swarm.fromStation;
  const { chunkBytesFromPeers, chunkBytesFromEdges } = snapshot.counters;
  const parentCount = snapshot.neighbours.filter(({ parentOf }) => parentOf.length > 0).length;
  if (parentCount === 0 || chunkBytesFromPeers === 0) return strings.swarm.fromStation;
  return strings.swarm.fromListeners(
    chunkBytesFromPeers / (chunkBytesFromPeers + chunkBytesFromEdges),
    parentCount,
  );
}
