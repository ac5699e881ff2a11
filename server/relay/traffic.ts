import type { MountFigures } from './mount-relay.ts';

/** The totals of all mounts over all their runs, and how fast we send now. */
export class Traffic {
  sentBytes = 0;
  takenFromEdgesBytes = 0;
  takenFromPeersBytes = 0;
  readonly #before = new Map<object, MountFigures>();
  #samples: { readonly atMs: number; readonly sentBytes: number }[] = [];

  /** Takes a run's figures over. Returns the bytes sent since its last ones. @param run stands for the mount's run */
  note(run: object, figures: MountFigures): number {
    const before = this.#before.get(run);
    this.#before.set(run, figures);
    const sent = figures.sentBytes - (before?.sentBytes ?? 0);
    this.sentBytes += sent;
    this.takenFromEdgesBytes += figures.takenFromEdgesBytes - (before?.takenFromEdgesBytes ?? 0);
    this.takenFromPeersBytes += figures.takenFromPeersBytes - (before?.takenFromPeersBytes ?? 0);
    return sent;
  }

  /** The run has ended, and its last figures were noted. */
  forget(run: object): void {
    this.#before.delete(run);
  }

  /** To be called every second or so: the mean of the last seconds counts as now. */
  sample(atMs: number): void {
    this.#samples.push({ atMs, sentBytes: this.sentBytes });
    this.#samples = this.#samples.filter((sample) => atMs - sample.atMs <= RATE_OVER_MS);
  }

  get sentKbps(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.atMs === first.atMs) return 0;
    return ((last.sentBytes - first.sentBytes) * 8) / (last.atMs - first.atMs);
  }
}

const RATE_OVER_MS = 5_000;
