import { childCount, childSlots } from './children.ts';
import type { Core } from './core.ts';
import {
  BANNED_MAX,
  CHUNKS_HELD_MAX,
  EPOCHS_HELD_MAX,
  NEIGHBOURS_MAX,
  REPAIRS_MAX,
  VERIFICATIONS_PENDING_MAX,
} from './limits.ts';
import type { Playout } from './playout.ts';
import type { Repairs } from './repair.ts';

/** Something that grows, and the most it may hold. */
export interface CollectionSize {
  readonly name: string;
  readonly size: number;
  readonly limit: number;
}

/** Every collection of an engine beside its limit: what tests hold against each other. */
export function collectionsOf(core: Core, playout: Playout, repairs: Repairs): readonly CollectionSize[] {
  const { store, neighbours } = core;
  return [
    { name: 'epochs', size: store.epochCount, limit: EPOCHS_HELD_MAX },
    { name: 'chunks', size: store.size, limit: EPOCHS_HELD_MAX * CHUNKS_HELD_MAX },
    { name: 'neighbours', size: neighbours.size, limit: NEIGHBOURS_MAX },
    { name: 'banned peers', size: neighbours.bannedCount, limit: BANNED_MAX },
    { name: 'children', size: childCount(core), limit: childSlots(core) },
    { name: 'pending verifications', size: core.pending.size, limit: VERIFICATIONS_PENDING_MAX },
    { name: 'repairs', size: repairs.size, limit: REPAIRS_MAX + 1 },
    { name: 'chunks handed over', size: playout.handedCount, limit: EPOCHS_HELD_MAX * CHUNKS_HELD_MAX },
  ];
}
