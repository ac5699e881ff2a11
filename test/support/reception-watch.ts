import type { NodeListeners } from './swarm-node-listeners.ts';

/** How long anybody went without a new byte of sound. */
export interface ReceptionWatch {
  /** Of all listeners, the longest since the watch began, ms. */
  stop(): Promise<number>;
}

const LOOK_EVERY_MS = 100;

/** Looks at what every listener has received, ten times a second: that is how exact it is. */
export function watchReception(crowds: readonly NodeListeners[]): ReceptionWatch {
  const last = new Map<string, { readonly bytes: number; readonly at: number }>();
  let longestMs = 0;
  const closing = new AbortController();
  const look = async (): Promise<void> => {
    const states = (
      await Promise.all(
        crowds.map(async (crowd, index) =>
          (await crowd.states()).map((state) => ({ name: `${index}/${state.number}`, state })),
        ),
      )
    ).flat();
    const now = performance.now();
    for (const { name, state } of states) {
      const { chunkBytesFromPeers, chunkBytesFromEdges } = state.snapshot.counters;
      const bytes = chunkBytesFromPeers + chunkBytesFromEdges;
      const before = last.get(name) ?? { bytes: -1, at: now };
      longestMs = Math.max(longestMs, now - before.at);
      if (bytes !== before.bytes) last.set(name, { bytes, at: now });
    }
  };
  const running = (async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await look();
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  })();
  return {
    stop: async () => {
      closing.abort();
      await running;
      return Math.round(longestMs);
    },
  };
}
