import { NO_COUNTS } from '../../shared/swarm/engine-io.ts';
import type { ListenerPort, ListenerRequest } from '../../client/playback/listener-port.ts';
import { decodeChunk } from '../../shared/chunk/chunk-codec.ts';
import { FrameReader } from '../../shared/chunk/chunk-framing.ts';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { EngineSnapshot, NeighbourSnapshot } from '../../shared/swarm/engine-io.ts';
import { micros, millis, peerId, stripe } from '../../shared/units.ts';

/**
 * Stands in for `client/page/open-listener.ts` in pages built for tests: a listener that takes its chunks from the
 * test server's `/feed`, so that playback and the page are tested without a swarm.
 */
export function openPageListener(_data: unknown, request: ListenerRequest): Promise<ListenerPort> {
  return Promise.resolve(new ScriptedListener(request));
}

export const loadListener = (): Promise<void> => Promise.resolve();

class ScriptedListener implements ListenerPort {
  readonly #request: ListenerRequest;
  readonly #over = new AbortController();
  #peersAllowed: boolean;
  #newest: { readonly chunk: Chunk; readonly arrivedAt: number } | null = null;
  #received = 0;

  constructor(request: ListenerRequest) {
    this.#request = request;
    this.#peersAllowed = request.peersAllowed;
  }

  start(): void {
    this.#read().catch(() => undefined);
  }

  stop(): Promise<void> {
    this.#over.abort();
    return Promise.resolve();
  }

  setPeersAllowed(allowed: boolean): void {
    this.#peersAllowed = allowed;
  }

  setUploadCap(): void {
    // Nothing here is passed on.
  }

  reportPlayhead(): void {
    // Nothing here has deadlines.
  }

  snapshot(): EngineSnapshot {
    const fromPeers = this.#peersAllowed ? Math.round(this.#received * 0.82) : 0;
    return {
      phase: 'playing',
      peerId: null,
      neighbours: this.#peersAllowed ? NEIGHBOURS : [],
      parents: this.#peersAllowed
        ? NEIGHBOURS.slice(0, 4).map((each) => each.peerId)
        : [null, null, null, null],
      childCount: 0,
      childSlots: 0,
      childNeighbourCount: 0,
      live: this.#live(),
      bufferMs: 0,
      counters: {
        ...NO_COUNTS,
        chunkBytesFromPeers: fromPeers,
        chunkBytesFromEdges: this.#received - fromPeers,
      },
    };
  }

  #live(): EngineSnapshot['live'] {
    if (this.#newest === null) return null;
    const { header } = this.#newest.chunk;
    const sinceUs = Math.round((performance.now() - this.#newest.arrivedAt) * 1000);
    return { epoch: header.epoch, mediaTime: micros(header.mediaTime + header.duration + sinceUs) };
  }

  #flow(number: number): void {
    const { onFlow } = this.#request;
    for (const { peerId, parentOf, childOf } of this.#peersAllowed ? NEIGHBOURS : []) {
      if (parentOf.includes(stripe(number)))
        onFlow?.({ type: 'received', from: peerId, stripe: stripe(number) });
      if (childOf.includes(stripe(number))) onFlow?.({ type: 'sent', to: peerId, stripe: stripe(number) });
    }
    if (!this.#peersAllowed) onFlow?.({ type: 'received', from: 'edge', stripe: stripe(number) });
  }

  async #read(): Promise<void> {
    const response = await fetch(`/feed${location.search}`, { signal: this.#over.signal });
    const reader = response.body?.getReader();
    const frames = new FrameReader();
    let expected: number | null = null;
    for (;;) {
      const piece = await reader?.read();
      if (piece?.value === undefined) return;
      for (const wire of frames.push(piece.value)) {
        const decoded = decodeChunk(wire);
        if (!decoded.ok || this.#over.signal.aborted) continue;
        const { sequence } = decoded.chunk.header;
        const skipped = expected === null ? 0 : Math.max(0, sequence - expected);
        expected = sequence + 1;
        this.#received += wire.length;
        this.#newest = { chunk: decoded.chunk, arrivedAt: performance.now() };
        this.#flow(sequence % 4);
        this.#request.sink.play(decoded.chunk, skipped, millis(performance.now()));
      }
    }
  }
}

const neighbour = (
  digit: number,
  parentOf: readonly number[],
  childOf: readonly number[],
): NeighbourSnapshot => ({
  peerId: peerId(String(digit).repeat(16)),
  parentOf: parentOf.map(stripe),
  childOf: childOf.map(stripe),
  roundTripMs: 20,
  bytesReceived: 0,
  bytesSent: 0,
});

/** Four neighbours give to us, three take from us. */
const NEIGHBOURS = [
  neighbour(1, [0], []),
  neighbour(2, [1], [0]),
  neighbour(3, [2], []),
  neighbour(4, [3], [1]),
  neighbour(5, [], [2, 3]),
];
