import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { CollectionSize } from '../../shared/swarm/collections.ts';
import { STRIPE_COUNT } from '../../shared/units.ts';
import type { PeerId } from '../../shared/units.ts';
import type { GenuineChunks } from './genuine-chunks.ts';
import { VERIFIED_REMEMBERED } from './listener-model.ts';
import type { SimulatedListener } from './listener-model.ts';

/** Each listener's collections are looked at once in so many seconds. */
const CHECK_EVERY_SECONDS = 10;

/** What is looked at of a listener. */
export interface Checked {
  readonly index: number;
  readonly machine: { readonly uploadCapKbps: number };
  collections(): readonly CollectionSize[];
}

/** What must hold at every moment of every run. Each rule throws when it is broken: a run that ends has kept them. */
export class Invariants {
  readonly #bitrateKbps: number;

  constructor(bitrateKbps: number) {
    this.#bitrateKbps = bitrateKbps;
  }

  /** Stands in for the signature's check. */
  verify(listener: SimulatedListener, chunk: Chunk, chunks: GenuineChunks): boolean {
    if (!chunks.isGenuine(chunk)) return false;
    const number = chunk.header.sequence;
    listener.verified[number % VERIFIED_REMEMBERED] = number + 1;
    return true;
  }

  played(listener: SimulatedListener, chunk: Chunk): void {
    const number = chunk.header.sequence;
    if (listener.verified[number % VERIFIED_REMEMBERED] === number + 1) return;
    throw broken('play a chunk', 'each is verified first', `${number} at listener ${listener.index}`);
  }

  relayedForged(now: number, listener: SimulatedListener): void {
    throw broken('relay a chunk', 'it must be the origin’s', `listener ${listener.index} at ${now} ms`);
  }

  sentToClosed(now: number, from: SimulatedListener, to: PeerId): void {
    throw broken('send', 'the link must be open', `listener ${from.index} to ${to} at ${now} ms`);
  }

  /** A tenth of the listeners: collections within their limits, children within the upload cap. */
  checkSome(listeners: Iterable<Checked>, second: number): void {
    for (const listener of listeners) {
      if ((listener.index + second) % CHECK_EVERY_SECONDS === 0) this.check(listener);
    }
  }

  check(listener: Checked): void {
    for (const { name, size, limit } of listener.collections()) {
      if (size > limit)
        throw broken(`hold ${name}`, `${limit} are the most`, `${size} at listener ${listener.index}`);
      if (name === 'children') this.#checkChildren(listener, size);
    }
  }

  /** By the cap itself, whatever the engine thinks that its cap allows. */
  #checkChildren({ index, machine }: Checked, children: number): void {
    const kbps = (children * this.#bitrateKbps) / STRIPE_COUNT;
    if (kbps > machine.uploadCapKbps)
      throw broken(
        'have children',
        `they take ${machine.uploadCapKbps} kbit/s at most`,
        `${children}, which take ${kbps}, at listener ${index}`,
      );
  }
}

const broken = (verb: string, rule: string, value: string): Error =>
  new Error(`Cannot ${verb} as ${rule}: current value is ${value}`);
