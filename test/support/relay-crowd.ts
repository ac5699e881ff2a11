import type { NodeListeners } from './swarm-node-listeners.ts';
import { pollUntil } from './swarm-poll.ts';

/** What a crowd of Node listeners hears while relays come and go. */

/** Chunks that were late or left out, over all. */
export const missedBy = async (crowd: NodeListeners): Promise<number> =>
  (await crowd.states()).reduce(
    (sum, { snapshot: { counters } }) =>
      sum + counters.chunksDue - counters.chunksInTime + counters.chunksSkipped,
    0,
  );

const dueTo = async (crowd: NodeListeners): Promise<number> =>
  Math.min(...(await crowd.states()).map(({ snapshot }) => snapshot.counters.chunksDue));

/** Waits until each has come to so many more chunks' time, heard or not. */
export async function hearOn(crowd: NodeListeners, chunks: number): Promise<void> {
  const before = await dueTo(crowd);
  await pollUntil(
    `${chunks} more chunks are heard`,
    40_000,
    async () => (await dueTo(crowd)) >= before + chunks,
  );
}
