import type { MountId, UnixMillis } from '../../shared/units.ts';

/** Someone who hears a mount, by whichever way. */
export interface Hearer {
  /** Stays the same while it listens, and is never used again. */
  readonly id: number;
  readonly connectedAt: UnixMillis;
  /** Empty unless the operator has chosen to keep them. */
  readonly address: string;
  readonly userAgent: string;
}

/** One way to hear: old players, the swarm, HLS. Each numbers its own. */
export interface HearerSource {
  of(mountId: MountId): readonly Hearer[];
  /** False: there is none of that number. */
  close(mountId: MountId, id: number): boolean;
}

/** More ways than there will ever be: one number tells the way and the hearer. */
const SOURCES_MAX = 8;
/** A peak between two looks is missed if it is shorter than this. */
const PEAK_LOOK_MS = 2000;

/** All who hear, in one list with one numbering, as the old world's statistics want it. Relays are not among them. */
export class Audience {
  readonly #sources: readonly HearerSource[];
  readonly #mountIds: readonly MountId[];
  readonly #peaks = new Map<MountId, number>();
  readonly #timer: NodeJS.Timeout;

  /** @throws RangeError for more than SOURCES_MAX sources. */
  constructor(mountIds: readonly MountId[], sources: readonly HearerSource[]) {
    if (sources.length > SOURCES_MAX)
      throw new RangeError(`Cannot number ${SOURCES_MAX} ways to hear: current value is ${sources.length}`);
    this.#mountIds = mountIds;
    this.#sources = sources;
    this.#timer = setInterval(() => {
      for (const id of this.#mountIds) this.count(id);
    }, PEAK_LOOK_MS);
    this.#timer.unref();
  }

  of(mountId: MountId): readonly Hearer[] {
    return this.#sources.flatMap((source, index) =>
      source.of(mountId).map((hearer) => ({ ...hearer, id: hearer.id * SOURCES_MAX + index })),
    );
  }

  count(mountId: MountId): number {
    const count = this.#sources.reduce((sum, source) => sum + source.of(mountId).length, 0);
    this.#peaks.set(mountId, Math.max(count, this.#peaks.get(mountId) ?? 0));
    return count;
  }

  /** The most at once since the server started. */
  peak(mountId: MountId): number {
    return Math.max(this.count(mountId), this.#peaks.get(mountId) ?? 0);
  }

  /** False: nobody of that number hears this mount. */
  close(mountId: MountId, id: number): boolean {
    return this.#sources[id % SOURCES_MAX]?.close(mountId, Math.floor(id / SOURCES_MAX)) ?? false;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/**
 * What stands for an address that is not kept: as programs tell listeners apart by it, each gets one that says nothing
 * but its number (a private range, RFC 4193, that nobody routes).
 */
export const namelessAddress = (id: number): string =>
  `fde5:5a1b:ea00::${Math.floor(id / 0x1_0000).toString(16)}:${(id % 0x1_0000).toString(16)}`;
