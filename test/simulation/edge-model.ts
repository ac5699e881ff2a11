import type { Chunk } from '../../shared/chunk/chunk.ts';
import { chunkStripe } from '../../shared/chunk/chunk.ts';
import type { EdgeCause } from '../../shared/swarm/engine-io.ts';
import type { Stripe } from '../../shared/units.ts';
import type { SimulatedListener } from './listener-model.ts';
import { HOME } from './network/geography.ts';
import type { Place } from './network/geography.ts';
import type { VirtualTime } from './virtual-time.ts';

/** HTTP and TCP headers of a response, or of a chunk in a stream, bytes. */
export const RESPONSE_OVERHEAD = 60;

export interface Subscription {
  readonly stripes: readonly Stripe[];
  readonly cause: 'seed' | 'fallback';
  readonly deliver: (chunk: Chunk, sentAt: number) => void;
}

export interface EdgeEvents {
  readonly sent: (cause: EdgeCause, bytes: number) => void;
}

/** One edge: it holds the window and sends what it is asked for, one byte after the other. */
export class SimulatedEdge {
  readonly place: Place;
  readonly #time: VirtualTime;
  readonly #kbps: number;
  readonly #events: EdgeEvents;
  readonly #streams = new Map<SimulatedListener, Subscription>();
  readonly #seeds = new Map<SimulatedListener, Subscription>();
  #busyUntil = 0;
  #up = true;

  constructor(time: VirtualTime, city: number, kbps: number, events: EdgeEvents) {
    this.place = { ...HOME, city };
    this.#time = time;
    this.#kbps = kbps;
    this.#events = events;
  }

  get isUp(): boolean {
    return this.#up;
  }

  get subscribers(): number {
    return this.#streams.size + this.#seeds.size;
  }

  /** The machine is gone: nothing leaves it any more, and nobody is told. */
  die(): void {
    this.#up = false;
    this.#streams.clear();
    this.#seeds.clear();
  }

  /** When the last byte has left. Counted by cause. */
  send(cause: EdgeCause, length: number): number {
    this.#events.sent(cause, length);
    const start = Math.max(this.#time.now, this.#busyUntil);
    this.#busyUntil = start + ((length + RESPONSE_OVERHEAD) * 8) / this.#kbps;
    return this.#busyUntil;
  }

  /** The HTTP stream of a listener; null ends it. */
  subscribe(listener: SimulatedListener, subscription: Subscription | null): void {
    change(this.#streams, listener, subscription);
  }

  /** What the edge pushes to a seed over WebRTC; null ends it. */
  seed(listener: SimulatedListener, subscription: Subscription | null): void {
    change(this.#seeds, listener, subscription);
  }

  /** A new chunk goes to all who hold its stripe open. */
  push(chunk: Chunk): void {
    if (!this.#up) return;
    const stripe = chunkStripe(chunk);
    for (const subscribers of [this.#seeds, this.#streams]) {
      for (const [listener, { stripes, cause, deliver }] of subscribers) {
        if (listener.phase === 'gone') subscribers.delete(listener);
        else if (stripes.includes(stripe)) deliver(chunk, this.send(cause, chunk.wire.length));
      }
    }
  }
}

function change<Key, Value>(map: Map<Key, Value>, key: Key, value: Value | null): void {
  if (value === null) map.delete(key);
  else map.set(key, value);
}
