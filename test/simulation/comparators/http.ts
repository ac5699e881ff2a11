import type { Comparator, Protocol } from './comparator.ts';
import type { Listener } from './listener.ts';
import type { World } from './world.ts';

/**
 * Every listener by HTTP from the edge, as with Icecast: a burst at join, then the stream. Kinder than an Icecast: no
 * cost per connection but the bytes, a burst as long as the play-out delay, and an overloaded edge that leaves out
 * chunks for everybody in turn instead of making everybody late.
 */
export const http = (name: string, about: string, edgeKbps: number, playoutDelayMs: number): Comparator => ({
  name,
  about,
  playoutDelayMs,
  edgeKbps,
  burstAtJoin: true,
  edgeRepairs: false,
  begin: (world) => new Http(world),
});

class Http implements Protocol {
  readonly #world: World;
  /** Who waits longest for a chunk comes first. */
  #streams: Listener[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  join(listener: Listener): void {
    this.#world.burst(listener, () => {
      this.#streams.push(listener);
    });
  }

  leave(listener: Listener): void {
    this.#streams = this.#streams.filter((other) => other !== listener);
  }

  produced(chunk: number): void {
    const { edge } = this.#world;
    let served = 0;
    for (const listener of this.#streams) {
      if (!edge.send(listener, chunk, 'fallback')) break;
      served += 1;
    }
    this.#streams = [...this.#streams.slice(served), ...this.#streams.slice(0, served)];
  }

  received(): void {
    // Nobody passes anything on.
  }
}
