import { decodeChunk } from '../../shared/chunk/chunk-codec.ts';
import { CHUNK_LENGTH_MAX } from '../../shared/chunk/chunk.ts';
import type { Chunk, ChunkHeader } from '../../shared/chunk/chunk.ts';
import type { EdgeCause } from '../../shared/swarm/engine-io.ts';
import type { EdgeComplaintReason } from '../../shared/tracker/messages.ts';
import type { Epoch, Millis, MountId, RandomSource, Sequence, Stripe } from '../../shared/units.ts';
import { EdgeBurst } from './edge-burst.ts';
import { EdgeDirectory } from './edge-directory.ts';
import { EdgeFailure, EdgeRequests } from './edge-requests.ts';
import { EdgeStream } from './edge-stream.ts';
import type { StreamPosition } from './edge-stream.ts';
import { EdgeWitness, PEERS, STALE_MS } from './edge-witness.ts';
import type { CancelTimer, Clock } from './environment.ts';
import { FetchQueue } from './fetch-queue.ts';

export interface EdgeClientOptions {
  /** Base addresses that came with the page, best first, no slash at the end. */
  readonly edges: readonly string[];
  readonly mountId: MountId;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly fetch: typeof globalThis.fetch;
  readonly onChunk: (data: Uint8Array, cause: EdgeCause) => void;
  readonly onBurstDone: (ok: boolean, reason: string) => void;
  /** `gone`: no edge has it, nor will have (410). A chunk that is not made yet (404) has only failed. */
  readonly onFetchFailed: (epoch: Epoch, sequence: Sequence, gone: boolean) => void;
  readonly onStreamClosed: (reason: string) => void;
  /** An edge misbehaves and has been left, or cannot be reached while others can. */
  readonly onComplaint: (address: string, reason: EdgeComplaintReason) => void;
}

/** In place of an address: a relay that feeds us as a seed, and that only the tracker can tell. */
export const SOME_RELAY = '';

export type EdgeBytes = Readonly<Record<EdgeCause, number>>;

/** Chunks asked for at once; more wait their turn. */
export const FETCHES_AT_ONCE_MAX = 6;
/** Chunks that wait; more fail at once, so that the engine is not left waiting. */
export const FETCHES_WAITING_MAX = 64;
export const CHUNK_TIMEOUT_MS = 3_000;
/**
 * While all comes from one edge, nothing tells whether it is late: another one is asked for its newest chunk so long
 * after a stream was opened, and then this often, at a moment between this and twice as much.
 */
export const COMPARE_FIRST_MS = 5_000;
export const COMPARE_EVERY_MS = 120_000;
const COMPARE_SECONDS = 0.25;
/** A stream that is so far behind is compared again soon, so often. */
const BEHIND_CHUNKS = 6;
const COMPARE_AGAIN_MS = 800;
const COMPARE_AGAIN_MAX = 6;

/** Everything that comes from edges, counted by cause. It chooses the edges, and leaves those that misbehave. */
export class EdgeClient {
  readonly #options: EdgeClientOptions;
  readonly #directory: EdgeDirectory;
  readonly #witness = new EdgeWitness();
  readonly #requests: EdgeRequests;
  readonly #fetches: FetchQueue;
  readonly #bytes: Record<EdgeCause, number> = { seed: 0, burst: 0, repair: 0, fallback: 0 };
  /** Who sent which bytes, and when: known when their signature has been checked. */
  readonly #origins = new WeakMap<Uint8Array, { readonly edge: string; readonly at: Millis }>();
  #stream: { readonly key: string; readonly stream: EdgeStream } | null = null;
  #lastStream: { readonly stripes: string; readonly position: StreamPosition | null } | null = null;
  #burst: EdgeBurst | null = null;
  #cancelCompare: CancelTimer | null = null;
  readonly #closing = new AbortController();

  constructor(options: EdgeClientOptions) {
    this.#options = options;
    const { clock, random, edges, fetch } = options;
    this.#directory = new EdgeDirectory({
      edges,
      clock,
      random,
      onComplaint: (address, reason) => {
        options.onComplaint(address, reason);
        this.#burst?.leave(address);
        this.#stream?.stream.reconsider();
      },
    });
    this.#requests = new EdgeRequests({ directory: this.#directory, clock, fetch });
    this.#fetches = new FetchQueue(FETCHES_AT_ONCE_MAX, FETCHES_WAITING_MAX);
  }

  /** Asks these from now on, and those that came with the page in reserve. What is open plays on, or moves unheard. */
  setEdges(edges: readonly string[]): void {
    this.#directory.setTold(edges);
    this.#stream?.stream.reconsider();
  }

  /** Bytes of bodies so far. */
  bytes(): EdgeBytes {
    return { ...this.#bytes };
  }

  /** A chunk's bytes that an edge sent us by another way. */
  noteSeedChunk(data: Uint8Array, edge: string | null): void {
    this.#count('seed', data.byteLength);
    if (edge !== null) this.#note(data, edge);
  }

  /** A chunk's signature has been checked, wherever it came from. Returns the edge that forged it, if one did. */
  verified({ wire, header }: Chunk, genuine: boolean): string | null {
    const origin = this.#origins.get(wire);
    if (genuine) {
      const { edge, at } = origin ?? { edge: PEERS, at: this.#options.clock.now() };
      this.#witness.genuine(header, edge, at);
      return null;
    }
    if (origin === undefined) return null;
    if (origin.edge !== SOME_RELAY) this.#directory.leave(origin.edge, 'forged');
    return origin.edge;
  }

  /** The newest `durationMs` in one response; replaces a burst under way. */
  fetchBurst(durationMs: number): void {
    this.#burst?.close();
    const { onBurstDone, clock } = this.#options;
    const burst = new EdgeBurst({
      requests: this.#requests,
      directory: this.#directory,
      clock,
      path: `${this.#mountPath()}/burst?seconds=${Math.max(0.25, durationMs / 1000)}`,
      onFrame: (frame, edge) => {
        this.#take(frame, edge, 'burst');
      },
      onBytes: (length) => {
        this.#count('burst', length);
      },
      onDone: (ok, reason) => {
        if (this.#burst !== burst) return;
        this.#burst = null;
        onBurstDone(ok, reason);
      },
    });
    this.#burst = burst;
    burst.start();
  }

  /** One chunk, for repair. Asking again while it is under way does nothing. */
  fetchChunk(epoch: Epoch, sequence: Sequence): void {
    const { onFetchFailed } = this.#options;
    const taken = this.#fetches.run(`${epoch}/${sequence}`, async () => {
      try {
        await this.#fetchChunk(epoch, sequence);
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        onFetchFailed(epoch, sequence, error instanceof EdgeFailure && error.kind === 'gone');
      }
    });
    if (taken === 'full') onFetchFailed(epoch, sequence, false);
  }

  /** Hold exactly this live stream; an empty list closes it. */
  openStream(stripes: readonly Stripe[], cause: 'seed' | 'fallback'): void {
    const names = stripes.toSorted((left, right) => left - right).join(',');
    const key = `stripes=${names}&cause=${cause}`;
    if (this.#stream?.key === key) return;
    this.#closeStream();
    if (stripes.length === 0) return;
    const { clock, random, onStreamClosed } = this.#options;
    const stream = new EdgeStream(
      {
        requests: this.#requests,
        directory: this.#directory,
        witness: this.#witness,
        clock,
        random,
        stripes,
        path: `${this.#mountPath()}/stream?${key}`,
        onFrame: (frame, edge) => this.#take(frame, edge, cause),
        onBytes: (length) => {
          this.#count(cause, length);
        },
        onClosed: (reason) => {
          if (this.#stream?.stream !== stream) return;
          this.#lastStream = { stripes: names, position: stream.position };
          this.#closeStream();
          onStreamClosed(reason);
        },
      },
      this.#lastStream?.stripes === names ? this.#lastStream.position : null,
    );
    this.#stream = { key, stream };
    this.#lastStream = null;
    this.#compareIn(COMPARE_FIRST_MS);
    stream.start();
  }

  /** Give everything up; nothing is called any more. */
  close(): void {
    this.#closing.abort();
    this.#burst?.close();
    this.#burst = null;
    this.#closeStream();
    this.#fetches.clear();
  }

  async #fetchChunk(epoch: Epoch, sequence: Sequence): Promise<void> {
    const { clock, onChunk } = this.#options;
    const { data, edge, lacking } = await this.#requests.whole(
      {
        path: `${this.#mountPath()}/chunks/${epoch}/${sequence}`,
        lengthMax: CHUNK_LENGTH_MAX,
        timeoutMs: CHUNK_TIMEOUT_MS,
        onBytes: (length) => {
          this.#count('repair', length);
        },
        accept: (body) => {
          const header = this.#headerOf(body);
          return header?.epoch === epoch && header.sequence === sequence;
        },
      },
      this.#closing,
    );
    if (this.#closing.signal.aborted) return;
    this.#note(data, edge);
    onChunk(data, 'repair');
    const header = this.#headerOf(data);
    if (header === null || this.#witness.ageMs(header, clock.now()) < STALE_MS) return;
    // Whoever is a moment behind is honest; a chunk as old as this is everywhere.
    for (const other of lacking) this.#directory.lacked(other);
  }

  /** @throws EdgeFailure for what is no chunk of this mount */
  #take(frame: Uint8Array, edge: string, cause: EdgeCause): ChunkHeader {
    const header = this.#headerOf(frame);
    if (header === null) throw new EdgeFailure('sent what is no chunk of this mount', 'failed');
    this.#note(frame, edge);
    this.#options.onChunk(frame, cause);
    return header;
  }

  #headerOf(data: Uint8Array): ChunkHeader | null {
    const decoded = decodeChunk(data);
    return decoded.ok && decoded.chunk.header.mountId === this.#options.mountId ? decoded.chunk.header : null;
  }

  #note(data: Uint8Array, edge: string): void {
    this.#origins.set(data, { edge, at: this.#options.clock.now() });
  }

  #compareIn(ms: number, again = 0): void {
    this.#cancelCompare?.();
    const { clock, random } = this.#options;
    this.#cancelCompare = clock.after(ms * (1 + random()), () => {
      this.#compareIn(COMPARE_EVERY_MS);
      void this.#compare(again);
    });
  }

  /** One chunk of another edge. If it is much newer than what our stream brings, more of them shall tell for sure. */
  async #compare(again: number): Promise<void> {
    const stream = this.#stream?.stream;
    const edge = stream?.edge ?? null;
    const other = this.#directory.order().find((each) => each !== edge);
    if (stream === undefined || edge === null || other === undefined) return;
    const since = this.#options.clock.now() - COMPARE_EVERY_MS;
    if (again === 0 && this.#witness.hasOtherEdgeThan(edge, since)) return;
    const path = `${this.#mountPath()}/burst?seconds=${COMPARE_SECONDS}`;
    const limits = { answerMs: CHUNK_TIMEOUT_MS, silenceMs: CHUNK_TIMEOUT_MS };
    try {
      await this.#requests.frames(other, path, limits, this.#closing, {
        onBytes: (length) => {
          this.#count('repair', length);
        },
        onFrame: (frame) => {
          if (this.#closing.signal.aborted) return;
          const header = this.#take(frame, other, 'repair');
          const isBehind = header.sequence - (stream.position?.next ?? header.sequence) > BEHIND_CHUNKS;
          if (isBehind && again < COMPARE_AGAIN_MAX && this.#stream?.stream === stream)
            this.#compareIn(COMPARE_AGAIN_MS, again + 1);
        },
      });
    } catch {
      // The directory knows by now.
    }
  }

  #count(cause: EdgeCause, length: number): void {
    this.#bytes[cause] += length;
  }

  #closeStream(): void {
    this.#cancelCompare?.();
    this.#cancelCompare = null;
    this.#stream?.stream.close();
    this.#stream = null;
  }

  #mountPath(): string {
    return `/api/mounts/${this.#options.mountId}`;
  }
}
