import { millis } from '../units.ts';
import type { Millis, Stripe } from '../units.ts';
import { parentOf, setParent } from './core.ts';
import type { Core } from './core.ts';
import { SIGN_OF_LIFE_MAX_MS } from './limits.ts';
import { ping } from './links.ts';
import { leaveParent } from './parents.ts';

/**
 * A chunk of the stripe is late. Its parent may be gone, or the chunk may be under way: a sign of life tells. Without
 * one the parent is left, so that a lost packet does not tear a tree apart and a dead peer is replaced within a second.
 * Returns when to ask again; null when there is nothing to wait for.
 */
export function suspectParent(core: Core, now: Millis, stripe: Stripe): Millis | null {
  const parent = parentOf(core, stripe);
  if (parent.kind !== 'peer') return null;
  const neighbour = core.neighbours.get(parent.peerId);
  if (neighbour === undefined) return null;
  if (parent.suspectedAt === null || neighbour.heardAt > parent.suspectedAt) {
    if (parent.suspectedAt !== null && now - parent.suspectedAt < SUSPICION_REST_MS) return null;
    setParent(core, stripe, { ...parent, suspectedAt: now });
    ping(core, now, neighbour);
    return millis(now + SIGN_OF_LIFE_MAX_MS);
  }
  const goneAt = parent.suspectedAt + SIGN_OF_LIFE_MAX_MS;
  if (now < goneAt) return millis(goneAt);
  leaveParent(core, now, stripe);
  return null;
}

/** A parent that has just shown that it lives is not asked again at once. */
const SUSPICION_REST_MS = 500;
