import type { PeerId, Stripe } from '../../shared/units.ts';
import { STRIPES } from '../../shared/units.ts';

type Source = PeerId | 'edge' | null;

/** Where one listener's stripes come from, and since when a stripe is without a living source. */
export class ParentWatch {
  readonly sources: Source[] = STRIPES.map(() => null);
  readonly #orphanedAt: (number | null)[] = STRIPES.map(() => null);

  /** Returns how long the stripe was without one if it has just got another, else null. */
  changed(now: number, stripe: Stripe, from: Source): number | null {
    const had = this.sources[stripe] ?? null;
    this.sources[stripe] = from;
    if (from === null) {
      if (had !== null) this.#orphanedAt[stripe] ??= now;
      return null;
    }
    const since = this.#orphanedAt[stripe] ?? null;
    this.#orphanedAt[stripe] = null;
    return since === null ? null : now - since;
  }

  /** A peer has gone: what it fed is orphaned from this moment, whether or not it is noticed yet. */
  peerGone(now: number, peerId: PeerId): void {
    for (const stripe of STRIPES) if (this.sources[stripe] === peerId) this.#orphanedAt[stripe] ??= now;
  }
}

/** Hops from an edge of every listener for a stripe; those without a way to one are left out. */
export function depthsOf(watches: ReadonlyMap<PeerId, ParentWatch>, stripe: Stripe): readonly number[] {
  const depths = new Map<PeerId, number>();
  const depthOf = (peerId: PeerId, steps: number): number => {
    const known = depths.get(peerId);
    if (known !== undefined) return known;
    const source = watches.get(peerId)?.sources[stripe] ?? null;
    if (source === null || steps > DEPTH_MAX) return Number.POSITIVE_INFINITY;
    const depth = source === 'edge' ? 0 : 1 + depthOf(source, steps + 1);
    depths.set(peerId, depth);
    return depth;
  };
  return [...watches.keys()].map((peerId) => depthOf(peerId, 0)).filter((depth) => Number.isFinite(depth));
}

/** Longer than any path that peers accept: a loop. */
const DEPTH_MAX = 64;
