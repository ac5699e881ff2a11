import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { PeerId } from '../../shared/units.ts';
import type { GenuineChunks } from './genuine-chunks.ts';
import { VERIFIED_REMEMBERED } from './listener-model.ts';
import type { SimulatedListener } from './listener-model.ts';

/** Each listener's collections are looked at once in so many seconds. */
const CHECK_EVERY_SECONDS = 10;

/** What must hold at every moment of every run. Each rule throws when it is broken: a run that ends has kept them. */
export class Invariants {
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
  checkSome(listeners: Iterable<SimulatedListener>, second: number): void {
    for (const listener of listeners) {
      if ((listener.index + second) % CHECK_EVERY_SECONDS === 0) this.check(listener);
    }
  }

  check(listener: SimulatedListener): void {
    for (const { name, size, limit } of listener.engine.collections()) {
      if (size > limit)
        throw broken(`hold ${name}`, `${limit} are the most`, `${size} at listener ${listener.index}`);
    }
  }
}

const broken = (verb: string, rule: string, value: string): Error =>
  new Error(`Cannot ${verb} as ${rule}: current value is ${value}`);
