import { childCount, childSlots } from './children.ts';
import type { Core } from './core.ts';
import {
  BANNED_MAX,
  CHUNKS_HELD_MAX,
  EPOCHS_HELD_MAX,
  HANDED_MAX,
  REPAIRS_MAX,
  ROUTES_MAX,
  UNREACHABLE_MAX,
  VERIFICATIONS_PENDING_MAX,
} from './limits.ts';
import type { Introductions } from './introductions.ts';
import type { Playout } from './playout.ts';
import type { Repairs } from './repair.ts';

/** Something that grows, and the most it may hold. */
export interface CollectionSize {
  readonly name: string;
  readonly size: number;
  readonly limit: number;
}

/** Of an engine, whatever holds something. */
export interface EngineParts {
  readonly core: Core;
  readonly playout: Playout;
  readonly repairs: Repairs;
  readonly introductions: Introductions;
}

/**
 * Every collection of an engine beside its limit: what tests hold against each other, and what no listener loads. Left
 * out is what has one entry per stripe, and lists that a message brings, whose schema bounds them.
 */
export function collectionsOf({
  core,
  playout,
  repairs,
  introductions,
}: EngineParts): readonly CollectionSize[] {
  const { store, timeline, neighbours } = core;
  return [
    { name: 'epochs', size: store.epochCount, limit: EPOCHS_HELD_MAX },
    { name: 'epochs timed', size: timeline.epochCount, limit: EPOCHS_HELD_MAX },
    { name: 'chunks', size: store.size, limit: EPOCHS_HELD_MAX * CHUNKS_HELD_MAX },
    { name: 'neighbours', size: neighbours.size, limit: core.room.neighboursMax },
    { name: 'banned peers', size: neighbours.bannedCount, limit: BANNED_MAX },
    { name: 'children', size: childCount(core), limit: childSlots(core) },
    { name: 'pending verifications', size: core.pending.length, limit: VERIFICATIONS_PENDING_MAX },
    { name: 'routes', size: introductions.routeCount, limit: ROUTES_MAX },
    { name: 'unreachable peers', size: introductions.unreachableCount, limit: UNREACHABLE_MAX },
    { name: 'repairs', size: repairs.size, limit: REPAIRS_MAX },
    { name: 'chunks handed over', size: playout.handedCount, limit: HANDED_MAX },
  ];
}
