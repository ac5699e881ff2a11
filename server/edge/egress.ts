import type { EdgeCause } from '../../shared/swarm/engine-io.ts';
import type { MountId } from '../../shared/units.ts';

export const EDGE_CAUSES = ['seed', 'burst', 'repair', 'fallback'] as const satisfies readonly EdgeCause[];

/** Bytes since the server started, by cause. */
export type EgressTotals = Readonly<Record<EdgeCause, number>>;

/**
 * Counts every byte of sound that this edge hands to the network, by mount and cause, whichever way it leaves:
 * HTTP, the raw mount, or mediasoup.
 */
export class EgressCounter {
  readonly #byMount = new Map<MountId, Record<EdgeCause, number>>();

  /** @throws RangeError if `bytes` is not a whole number from 0. */
  add(mountId: MountId, cause: EdgeCause, bytes: number): void {
    if (!Number.isSafeInteger(bytes) || bytes < 0)
      throw new RangeError(`Cannot count egress as a whole number of bytes: current value is ${bytes}`);
    const totals = this.#byMount.get(mountId) ?? { seed: 0, burst: 0, repair: 0, fallback: 0 };
    totals[cause] += bytes;
    this.#byMount.set(mountId, totals);
  }

  /** One mount's totals; all zero for a mount that has sent nothing. */
  totals(mountId: MountId): EgressTotals {
    return { seed: 0, burst: 0, repair: 0, fallback: 0, ...this.#byMount.get(mountId) };
  }
}

export const egressSum = (totals: EgressTotals): number =>
  totals.seed + totals.burst + totals.repair + totals.fallback;
