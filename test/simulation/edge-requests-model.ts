import { BURST_TIMEOUT_MS } from '../../client/listener/edge-burst.ts';
import { CHUNK_TIMEOUT_MS } from '../../client/listener/edge-client.ts';
import { HEDGE_AFTER_MS } from '../../client/listener/edge-requests.ts';
import { ACCEPT_MS, STREAM_SILENCE_MAX_MS } from '../../client/listener/edge-stream.ts';
import type { EdgeCause } from '../../shared/swarm/engine-io.ts';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { Epoch, RandomSource, Sequence, Stripe } from '../../shared/units.ts';
import type { SimulatedEdge } from './edge-model.ts';
import type { GenuineChunks } from './genuine-chunks.ts';
import type { SimulatedListener } from './listener-model.ts';
import { Way } from './network/machine.ts';
import type { NetworkPreset } from './network/presets.ts';
import type { VirtualTime } from './virtual-time.ts';
import { CHUNK_MS } from '../support/virtual-origin.ts';

/** TCP's first window, bytes: more takes another round trip, doubling each time. */
export const FIRST_WINDOW_BYTES = 14_000;
/** TCP and TLS before the first request of a connection. */
export const CONNECT_ROUND_TRIPS = 2;

interface Route {
  readonly edge: SimulatedEdge;
  readonly way: Way;
  connected: boolean;
}

export interface EdgeRequestsWorld {
  readonly time: VirtualTime;
  readonly preset: NetworkPreset;
  readonly chunks: GenuineChunks;
  readonly edges: readonly SimulatedEdge[];
  readonly random: RandomSource;
}

/**
 * One listener's HTTP requests, as `client/listener/edge-client.ts` makes them: the edge preferred first, the next one
 * after its time-out, and the last that worked from then on.
 */
export class SimulatedEdgeRequests {
  readonly #world: EdgeRequestsWorld;
  readonly #owner: SimulatedListener;
  readonly #routes: readonly Route[];
  #preferred: number;
  #stream: { readonly route: Route; heardAt: number } | null = null;
  #streamNumber = 0;

  constructor(world: EdgeRequestsWorld, owner: SimulatedListener) {
    this.#world = world;
    this.#owner = owner;
    this.#routes = world.edges.map((edge) => ({
      edge,
      way: new Way(world.preset, owner.machine.place, edge.place, world.random),
      connected: false,
    }));
    this.#preferred = Math.floor(world.random() * this.#routes.length);
  }

  get isStreaming(): boolean {
    return this.#stream !== null;
  }

  fetchBurst(durationMs: number): void {
    this.#ask(
      BURST_TIMEOUT_MS,
      (route) => {
        const chunks = this.#world.chunks.latest(Math.ceil(durationMs / CHUNK_MS));
        this.#respond(route, 'burst', chunks, () => {
          this.#owner.give({ type: 'burstDone', ok: true });
        });
      },
      () => {
        this.#owner.give({ type: 'burstDone', ok: false, reason: 'timed out' });
      },
    );
  }

  fetchChunk(epoch: Epoch, number: Sequence): void {
    const first = this.#preferred;
    let outcome: 'pending' | 'settled' = 'pending';
    let failures = 0;
    const fail = (gone: boolean): void => {
      failures += 1;
      if (outcome === 'settled' || failures < this.#routes.length) return;
      outcome = 'settled';
      this.#owner.give({ type: 'fetchFailed', epoch, sequence: number, gone });
    };
    const attempt = (turn: number): void => {
      const index = (first + turn) % this.#routes.length;
      const route = this.#routes[index];
      if (route === undefined || outcome === 'settled') return;
      this.#reach(route, () => {
        const chunk = this.#world.chunks.get(number);
        if (!route.edge.isUp) this.#world.time.after(CHUNK_TIMEOUT_MS, () => fail(false));
        else if (chunk === undefined)
          this.#world.time.after(route.way.crossing(), () => fail(number < this.#world.chunks.newest));
        else
          this.#travel(route, chunk, route.edge.send('repair', chunk.wire.length), 0, () => {
            if (outcome === 'settled') return;
            outcome = 'settled';
            this.#preferred = index;
            this.#owner.give({ type: 'edgeChunk', data: chunk.wire, cause: 'repair' });
          });
      });
      this.#world.time.after(HEDGE_AFTER_MS, () => {
        attempt(turn + 1);
      });
    };
    attempt(0);
  }

  /** Holds exactly this stream open; an empty list closes it. */
  openStream(stripes: readonly Stripe[], cause: 'seed' | 'fallback'): void {
    this.#endStream();
    if (stripes.length === 0) return;
    const number = this.#streamNumber;
    this.#ask(
      STREAM_SILENCE_MAX_MS,
      (route) => {
        if (number !== this.#streamNumber || this.#owner.phase === 'gone') return;
        const stream = { route, heardAt: this.#world.time.now };
        this.#stream = stream;
        route.edge.subscribe(this.#owner, {
          stripes,
          cause,
          deliver: (chunk, sentAt) => {
            stream.heardAt = this.#world.time.now;
            this.#arrive(route, chunk, cause, sentAt);
          },
        });
        this.#watch(number, stream);
      },
      () => {
        if (number === this.#streamNumber) this.#owner.give({ type: 'streamClosed', reason: 'timed out' });
      },
    );
  }

  /** The listener is gone. */
  close(): void {
    this.#endStream();
  }

  #endStream(): void {
    this.#streamNumber += 1;
    this.#stream?.route.edge.subscribe(this.#owner, null);
    this.#stream = null;
  }

  #watch(number: number, stream: { readonly route: Route; readonly heardAt: number }): void {
    this.#world.time.after(1_000, () => {
      if (number !== this.#streamNumber || this.#owner.phase === 'gone') return;
      if (this.#world.time.now - stream.heardAt <= STREAM_SILENCE_MAX_MS) {
        this.#watch(number, stream);
        return;
      }
      this.#stream = null;
      this.#streamNumber += 1;
      this.#turnFrom(stream.route);
      this.#owner.give({ type: 'streamClosed', reason: 'silent' });
    });
  }

  /** Runs when a request has come to the edge, dead or alive. */
  #reach(route: Route, run: () => void): void {
    const connecting = route.connected ? 0 : CONNECT_ROUND_TRIPS * route.way.roundTripMs;
    this.#world.time.after(connecting + route.way.crossing(), () => {
      route.connected = route.edge.isUp;
      run();
    });
  }

  /** Asks the preferred edge, then the others: `answer` runs at an edge that lives, `fail` when none does. */
  #ask(timeoutMs: number, answer: (route: Route) => void, fail: () => void, tried = 0): void {
    const route = this.#routes[this.#preferred];
    if (route === undefined || tried >= this.#routes.length) {
      fail();
      return;
    }
    const patienceMs = tried < this.#routes.length - 1 ? Math.min(timeoutMs, ACCEPT_MS) : timeoutMs;
    this.#reach(route, () => {
      if (route.edge.isUp) {
        answer(route);
        return;
      }
      this.#world.time.after(patienceMs, () => {
        this.#turnFrom(route);
        this.#ask(timeoutMs, answer, fail, tried + 1);
      });
    });
  }

  #turnFrom(route: Route): void {
    if (this.#routes[this.#preferred] !== route) return;
    route.connected = false;
    this.#preferred = (this.#preferred + 1) % this.#routes.length;
  }

  /** Chunks one after the other, as fast as the edge, the way and TCP's growing window allow. */
  #respond(route: Route, cause: EdgeCause, chunks: readonly Chunk[], done: () => void): void {
    let total = 0;
    let last: number = this.#world.time.now;
    for (const chunk of chunks) {
      total += chunk.wire.length;
      const rounds = Math.max(0, Math.ceil(Math.log2(total / FIRST_WINDOW_BYTES + 1)) - 1);
      const sentAt = route.edge.send(cause, chunk.wire.length) + rounds * route.way.roundTripMs;
      // One response is one TCP stream: nothing in it overtakes.
      last = this.#arrive(route, chunk, cause, sentAt, last);
    }
    this.#world.time.at(last, done);
  }

  /** Returns when it arrives: not before `notBefore`. */
  #arrive(route: Route, chunk: Chunk, cause: EdgeCause, sentAt: number, notBefore = 0): number {
    return this.#travel(route, chunk, sentAt, notBefore, () => {
      this.#owner.give({ type: 'edgeChunk', data: chunk.wire, cause });
    });
  }

  #travel(route: Route, chunk: Chunk, sentAt: number, notBefore: number, arrive: () => void): number {
    const { line } = this.#owner.machine;
    let arrival = Math.max(sentAt, this.#world.time.now) + route.way.crossing();
    arrival += line.reception(chunk.wire.length);
    if (line.isHit(arrival, chunk.wire.length)) arrival += line.retransmission(route.way.roundTripMs);
    arrival = Math.max(arrival, notBefore);
    this.#world.time.at(arrival, arrive);
    return arrival;
  }
}
