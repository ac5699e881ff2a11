import type { EdgeCause } from '../../shared/swarm/engine-io.ts';
import type { MountId } from '../../shared/units.ts';

/** What an edge sends sound for: to listeners by the cause of their request, or a mount's whole stream to a relay. */
export type EgressCause = EdgeCause | 'relay';
export const EGRESS_CAUSES = [
  'seed',
  'burst',
  'repair',
  'fallback',
  'relay',
] as const satisfies readonly EgressCause[];

/** Bytes since the server started, by cause. */
export type EgressTotals = Readonly<Record<EgressCause, number>>;

/** `recentKbps` looks back this far. */
export const EGRESS_RECENT_SECONDS = 10;

/**
 * Counts every byte of sound that this edge hands to the network, by mount and cause, whichever way it leaves:
 * HTTP, the raw mount, or mediasoup.
 */
export class EgressCounter {
  readonly #nowMs: () => number;
  readonly #byMount = new Map<MountId, MountEgress>();

  /** @param nowMs a monotonic clock, milliseconds. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** @throws RangeError if `bytes` is not a whole number from 0. */
  add(mountId: MountId, cause: EgressCause, bytes: number): void {
    if (!Number.isSafeInteger(bytes) || bytes < 0)
      throw new RangeError(`Cannot count egress as a whole number of bytes: current value is ${bytes}`);
    let mount = this.#byMount.get(mountId);
    if (mount === undefined) {
      mount = { totals: { seed: 0, burst: 0, repair: 0, fallback: 0, relay: 0 }, seconds: [] };
      this.#byMount.set(mountId, mount);
    }
    mount.totals[cause] += bytes;
    const second = this.#second();
    const newest = mount.seconds.at(-1);
    if (newest?.second === second) newest.bytes += bytes;
    else mount.seconds.push({ second, bytes });
    if (mount.seconds.length > EGRESS_RECENT_SECONDS + 1) mount.seconds.shift();
  }

  /** One mount's totals; all zero for a mount that has sent nothing. */
  totals(mountId: MountId): EgressTotals {
    return { seed: 0, burst: 0, repair: 0, fallback: 0, relay: 0, ...this.#byMount.get(mountId)?.totals };
  }

  /** Mean over the last EGRESS_RECENT_SECONDS whole seconds. */
  recentKbps(mountId: MountId): number {
    const current = this.#second();
    const recent = (this.#byMount.get(mountId)?.seconds ?? []).filter(
      ({ second }) => second < current && second >= current - EGRESS_RECENT_SECONDS,
    );
    const bytes = recent.reduce((sum, entry) => sum + entry.bytes, 0);
    return (bytes * 8) / 1000 / EGRESS_RECENT_SECONDS;
  }

  #second(): number {
    return Math.floor(this.#nowMs() / 1000);
  }
}

export const egressSum = (totals: EgressTotals): number =>
  totals.seed + totals.burst + totals.repair + totals.fallback + totals.relay;

interface MountEgress {
  readonly totals: Record<EgressCause, number>;
  /** The last seconds in which something was sent, oldest first. */
  readonly seconds: { readonly second: number; bytes: number }[];
}
