import { CHUNK_MS } from '../../support/virtual-origin.ts';
import type { Listener } from './listener.ts';
import type { World } from './world.ts';

/** Listeners that have the source itself among their partners, as a deputy has in DONet. */
const SOURCE_PARTNERS = 8;

/** The source's own partners: at random, of those that can pass on a whole stream twice, if there are such. */
export class SourcePartners {
  readonly #world: World;
  readonly #chosen = new Set<Listener>();

  constructor(world: World) {
    this.#world = world;
  }

  has(listener: Listener): boolean {
    return this.#chosen.has(listener);
  }

  [Symbol.iterator](): Iterator<Listener> {
    return this.#chosen.values();
  }

  /** True if it was one. */
  remove(listener: Listener): boolean {
    return this.#chosen.delete(listener);
  }

  fillFrom(members: readonly Listener[]): void {
    if (this.#chosen.size >= SOURCE_PARTNERS) return;
    const { paths, random } = this.#world;
    const streamKbps = (paths.chunkBytesOnWire * 8) / CHUNK_MS;
    const free = members.filter((listener) => !this.#chosen.has(listener));
    const able = free.filter(({ machine }) => machine.uploadCapKbps >= 2 * streamKbps);
    const candidates = able.length > 0 ? able : free;
    while (this.#chosen.size < SOURCE_PARTNERS && candidates.length > 0) {
      const [chosen] = candidates.splice(Math.floor(random() * candidates.length), 1);
      if (chosen !== undefined) this.#chosen.add(chosen);
    }
  }
}
