import type { Departure } from '../audience.ts';
import type { Listener } from './listener.ts';
import type { World } from './world.ts';

/** Another way to bring the stream to the same listeners: it is told what happens, and acts upon the world. */
export interface Protocol {
  join(listener: Listener): void;
  /** It is gone already, and nothing reaches it any more. */
  leave(listener: Listener, how: Departure): void;
  /** The source has made this chunk. */
  produced(chunk: number): void;
  /** A listener has this chunk from now on. */
  received(listener: Listener, chunk: number): void;
}

export interface Comparator {
  /** As it stands in the table. */
  readonly name: string;
  readonly about: string;
  readonly playoutDelayMs: number;
  readonly edgeKbps: number;
  /** The newest seconds come from the edge at once. */
  readonly burstAtJoin: boolean;
  /** Chunks still missing near their deadline come from the edge, at Essaim's own moment. */
  readonly edgeRepairs: boolean;
  readonly begin: (world: World) => Protocol;
}

/** What a comparator in which listeners pass chunks on is made of. */
export interface PeerComparatorOptions {
  readonly name: string;
  readonly about: string;
  readonly playoutDelayMs: number;
  readonly edgeKbps: number;
  /** A burst at join, and repair near the deadline. */
  readonly withEdge: boolean;
}
