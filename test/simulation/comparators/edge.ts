import type { EdgeCause } from '../../../shared/swarm/engine-io.ts';
import type { RandomSource } from '../../../shared/units.ts';
import { SimulatedEdge } from '../edge-model.ts';
import { CONNECT_ROUND_TRIPS, FIRST_WINDOW_BYTES } from '../edge-requests-model.ts';
import type { Measures } from '../measures.ts';
import { Way } from '../network/machine.ts';
import type { NetworkPreset } from '../network/presets.ts';
import type { VirtualTime } from '../virtual-time.ts';
import type { Listener } from './listener.ts';

/** What would wait longer than this for the edge's line is not sent: it would come too late, and delay the others. */
const BACKLOG_MAX_MS = 2_000;

export interface ComparatorEdgeOptions {
  readonly kbps: number;
  readonly chunkLength: number;
  readonly preset: NetworkPreset;
  readonly random: RandomSource;
  readonly receive: (listener: Listener, chunk: number) => void;
}

/**
 * The one edge of a comparator, over the same ways and lines as Essaim's. An overloaded edge leaves chunks out rather
 * than let its queue grow: kinder than TCP, which would make everybody late together.
 */
export class ComparatorEdge {
  readonly #time: VirtualTime;
  readonly #options: ComparatorEdgeOptions;
  readonly #edge: SimulatedEdge;
  readonly #routes = new WeakMap<Listener, { readonly way: Way; connected: boolean }>();
  #drainedAt = 0;

  constructor(time: VirtualTime, measures: Measures, options: ComparatorEdgeOptions) {
    this.#time = time;
    this.#options = options;
    this.#edge = new SimulatedEdge(time, 0, options.kbps, { sent: measures.sentByEdge.bind(measures) });
  }

  /** Signals and decisions go this way too: the tracker stands beside the edge. */
  wayTo(listener: Listener): Way {
    return this.#routeOf(listener).way;
  }

  /** `run` happens at the edge once a request is there. */
  request(listener: Listener, run: () => void): void {
    const route = this.#routeOf(listener);
    const connectingMs = route.connected ? 0 : CONNECT_ROUND_TRIPS * route.way.roundTripMs;
    route.connected = true;
    this.#time.after(connectingMs + route.way.crossing(), () => {
      if (listener.isPresent) run();
    });
  }

  /** One chunk over a connection that is open, or a request that is there. False: the edge is overloaded. */
  send(listener: Listener, chunk: number, cause: EdgeCause): boolean {
    return this.#send(listener, chunk, cause, 0, 0) !== null;
  }

  /** The chunks given in one response, one after the other, as TCP's growing window lets it. */
  burst(listener: Listener, from: number, to: number): void {
    const { roundTripMs } = this.wayTo(listener);
    let last = 0;
    for (let chunk = Math.max(0, from), total = 0; chunk <= to; chunk += 1) {
      total += this.#options.chunkLength;
      const rounds = Math.max(0, Math.ceil(Math.log2(total / FIRST_WINDOW_BYTES + 1)) - 1);
      last = this.#send(listener, chunk, 'burst', rounds * roundTripMs, last) ?? last;
    }
  }

  /** Returns when it is there, null when it was left out; `notBefore` is when the one before was there. */
  #send(
    listener: Listener,
    chunk: number,
    cause: EdgeCause,
    waitMs: number,
    notBefore: number,
  ): number | null {
    if (this.#drainedAt - this.#time.now > BACKLOG_MAX_MS) return null;
    const { chunkLength, receive } = this.#options;
    const { way } = this.#routeOf(listener);
    const { line } = listener.machine;
    this.#drainedAt = this.#edge.send(cause, chunkLength);
    const lineMs = line.reception(chunkLength);
    let arrival = Math.max(this.#drainedAt + waitMs + way.crossing(), notBefore) + lineMs;
    if (line.isHit(arrival, chunkLength)) arrival += line.retransmission(way.roundTripMs);
    this.#time.at(arrival, () => {
      receive(listener, chunk);
    });
    return arrival;
  }

  #routeOf(listener: Listener): { readonly way: Way; connected: boolean } {
    let route = this.#routes.get(listener);
    if (route === undefined) {
      const { preset, random } = this.#options;
      route = { way: new Way(preset, listener.machine.place, this.#edge.place, random), connected: false };
      this.#routes.set(listener, route);
    }
    return route;
  }
}
