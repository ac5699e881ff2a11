import type { RandomSource } from '../../shared/units.ts';
import { exponential } from './network/random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Who comes when: as many as leave on average, once the swarm is full. */
export interface PopulationOptions {
  readonly peers: number;
  /** The first `peers` come spread over this time. */
  readonly fillFromMs: number;
  readonly fillMs: number;
  readonly sessionMeanMs: number;
  readonly random: RandomSource;
  /** A listener comes and is to leave after so long. */
  readonly join: (stayMs: number) => void;
}

export function populate(time: VirtualTime, options: PopulationOptions): void {
  const { peers, fillFromMs, fillMs, sessionMeanMs, random, join } = options;
  const come = (): void => {
    join(exponential(random, sessionMeanMs));
  };
  for (let index = 0; index < peers; index += 1) {
    time.at(fillFromMs + ((index + random()) / peers) * fillMs, come);
  }
  // Those who fill the swarm begin to leave at once, so that their successors come from then on as well.
  const meanGapMs = sessionMeanMs / peers;
  const next = (): void => {
    const share = Math.min(1, (time.now - fillFromMs) / fillMs);
    if (random() < share) come();
    time.after(exponential(random, meanGapMs), next);
  };
  time.at(fillFromMs, next);
}
