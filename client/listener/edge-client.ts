import { CHUNK_LENGTH_MAX } from '../../shared/chunk/chunk.ts';
import type { EdgeCause } from '../../shared/swarm/engine-io.ts';
import type { Epoch, MountId, Sequence, Stripe } from '../../shared/units.ts';
import { EdgeFailure, EdgeRequests } from './edge-requests.ts';
import type { EdgeRequestsOptions } from './edge-requests.ts';
import { FetchQueue } from './fetch-queue.ts';

export interface EdgeClientOptions extends EdgeRequestsOptions {
  readonly mountId: MountId;
  readonly onChunk: (data: Uint8Array, cause: EdgeCause) => void;
  readonly onBurstDone: (ok: boolean, reason: string) => void;
  /** `gone`: no edge has it, nor will have (410). A chunk that is not made yet (404) has only failed. */
  readonly onFetchFailed: (epoch: Epoch, sequence: Sequence, gone: boolean) => void;
  readonly onStreamClosed: (reason: string) => void;
}

export type EdgeBytes = Readonly<Record<EdgeCause, number>>;

/** Chunks asked for at once; more wait their turn. */
export const FETCHES_AT_ONCE_MAX = 6;
/** Chunks that wait; more fail at once, so that the engine is not left waiting. */
export const FETCHES_WAITING_MAX = 64;
export const BURST_TIMEOUT_MS = 8_000;
export const CHUNK_TIMEOUT_MS = 3_000;
/** A live stream, even of one stripe, says something every second. */
export const STREAM_SILENCE_MAX_MS = 6_000;

/** Everything that comes from edges over HTTP, counted by cause. Each request fails over from edge to edge once. */
export class EdgeClient {
  readonly #options: EdgeClientOptions;
  readonly #requests: EdgeRequests;
  readonly #fetches: FetchQueue;
  readonly #bytes: Record<EdgeCause, number> = { seed: 0, burst: 0, repair: 0, fallback: 0 };
  #stream: Stream | null = null;
  #burst: AbortController | null = null;
  readonly #closing = new AbortController();

  constructor(options: EdgeClientOptions) {
    this.#options = options;
    this.#requests = new EdgeRequests(options);
    this.#fetches = new FetchQueue(FETCHES_AT_ONCE_MAX, FETCHES_WAITING_MAX);
  }

  /** Asks these from now on; what is open stays open. */
  setEdges(edges: readonly string[]): void {
    this.#requests.setEdges(edges);
  }

  /** Bytes of bodies so far. */
  bytes(): EdgeBytes {
    return { ...this.#bytes };
  }

  /** Bytes that came from an edge by another way. */
  count(cause: EdgeCause, length: number): void {
    this.#bytes[cause] += length;
  }

  /** The newest `durationMs` in one response; replaces a burst under way. */
  fetchBurst(durationMs: number): void {
    this.#burst?.abort();
    const controller = new AbortController();
    this.#burst = controller;
    const path = `${this.#mountPath()}/burst?seconds=${Math.max(0.25, durationMs / 1000)}`;
    void this.#runBurst(path, controller);
  }

  /** One chunk, for repair. Asking again while it is under way does nothing. */
  fetchChunk(epoch: Epoch, sequence: Sequence): void {
    const key = `${epoch}/${sequence}`;
    const taken = this.#fetches.run(key, async () => {
      try {
        const path = `${this.#mountPath()}/chunks/${key}`;
        const data = await this.#requests.whole(
          path,
          CHUNK_LENGTH_MAX,
          CHUNK_TIMEOUT_MS,
          this.#closing,
          (length) => {
            this.count('repair', length);
          },
        );
        if (!this.#closing.signal.aborted) this.#options.onChunk(data, 'repair');
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        this.#options.onFetchFailed(epoch, sequence, error instanceof EdgeFailure && error.kind === 'gone');
      }
    });
    if (taken === 'full') this.#options.onFetchFailed(epoch, sequence, false);
  }

  /** Hold exactly this live stream; an empty list closes it. */
  openStream(stripes: readonly Stripe[], cause: 'seed' | 'fallback'): void {
    const key = `stripes=${stripes.toSorted((left, right) => left - right).join(',')}&cause=${cause}`;
    if (this.#stream?.key === key) return;
    this.#stream?.controller.abort();
    this.#stream = null;
    if (stripes.length === 0) return;
    const stream: Stream = { key, controller: new AbortController() };
    this.#stream = stream;
    const path = `${this.#mountPath()}/stream?${key}`;
    void this.#runStream(path, cause, stream);
  }

  /** Give everything up; nothing is called any more. */
  close(): void {
    this.#closing.abort();
    this.#burst?.abort();
    this.#burst = null;
    this.#stream?.controller.abort();
    this.#stream = null;
    this.#fetches.clear();
  }

  async #runBurst(path: string, controller: AbortController): Promise<void> {
    const failure = await this.#frames(path, 'burst', BURST_TIMEOUT_MS, controller);
    if (this.#burst !== controller) return;
    this.#burst = null;
    this.#options.onBurstDone(failure === null, failure ?? '');
  }

  async #runStream(path: string, cause: 'seed' | 'fallback', stream: Stream): Promise<void> {
    const failure = await this.#frames(path, cause, STREAM_SILENCE_MAX_MS, stream.controller);
    if (this.#stream !== stream) return;
    this.#stream = null;
    this.#options.onStreamClosed(failure ?? 'ended');
  }

  /** Null when it ended well, else the reason. */
  async #frames(
    path: string,
    cause: EdgeCause,
    silenceMaxMs: number,
    controller: AbortController,
  ): Promise<string | null> {
    try {
      await this.#requests.frames(path, silenceMaxMs, controller, {
        onBytes: (length) => {
          this.count(cause, length);
        },
        onFrame: (frame) => {
          if (!controller.signal.aborted) this.#options.onChunk(frame, cause);
        },
      });
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #mountPath(): string {
    return `/api/mounts/${this.#options.mountId}`;
  }
}

interface Stream {
  readonly key: string;
  readonly controller: AbortController;
}
