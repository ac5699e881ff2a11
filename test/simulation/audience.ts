import type { RandomSource } from '../../shared/units.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { drawMachine } from './network/machine.ts';
import type { Machine } from './network/machine.ts';
import type { NetworkPreset } from './network/presets.ts';
import { drawPollution } from './polluters.ts';
import type { Pollution } from './polluters.ts';
import type { Scenario } from './scenarios.ts';

/**
 * Who listens, when, and on which machine. The same seed brings the same people, whatever serves them: what is drawn
 * here never depends on what the network or a protocol does.
 */
export interface AudienceRandom {
  readonly people: RandomSource;
  readonly machines: RandomSource;
  readonly trouble: RandomSource;
}

export interface Newcomer {
  readonly machine: Machine;
  readonly pollution: Pollution | null;
  readonly slow: boolean;
}

/** When the first listeners come, ms of virtual time, and how long it is until measuring begins. */
export interface Timetable {
  readonly fillFromMs: number;
  readonly fillMs: number;
  readonly warmUpMs: number;
}

export type Departure = 'closed' | 'vanished';

export const START_MS = 1_000;
/** The station has been on the air for a while when the first listener comes. */
export const WINDOW_CHUNKS = 120;
/** Joins per second while the swarm fills in the warm-up. */
const FILL_PER_SECOND = 500;
const FILL_MIN_MS = 5_000;
const SETTLE_MS = 25_000;
const CROWD_WARM_UP_MS = 1_000;
/** A listener that leaves closes its tab, mostly; some lose their network or their battery. */
const VANISHING_SHARE = 0.3;

/** Each concern of a simulation draws from its own random numbers, so that changing one does not change the others. */
export const concernRandom = (seed: number, concern: number): RandomSource =>
  seededRandom(seed * 64 + concern);

export const audienceRandom = (seed: number): AudienceRandom => ({
  people: concernRandom(seed, 1),
  machines: concernRandom(seed, 2),
  trouble: concernRandom(seed, 4),
});

export function timetableOf({ crowdShare }: Scenario, peers: number, measuredMs: number): Timetable {
  // A crowd comes when measuring begins.
  if (crowdShare !== undefined)
    return {
      fillFromMs: START_MS + CROWD_WARM_UP_MS,
      fillMs: crowdShare * measuredMs,
      warmUpMs: CROWD_WARM_UP_MS,
    };
  const fillMs = Math.max(FILL_MIN_MS, (peers / FILL_PER_SECOND) * 1000);
  return { fillFromMs: START_MS, fillMs, warmUpMs: fillMs + SETTLE_MS };
}

/** A volunteer's: a fibre line, behind a router as everybody's. */
export function drawRelay(network: NetworkPreset, random: RandomSource): Newcomer {
  const drawn = drawMachine({ ...network, access: [RELAY_ACCESS], uploadCapMaxKbps: RELAY_CAP_KBPS }, random);
  return { machine: drawn, pollution: null, slow: false };
}
const RELAY_CAP_KBPS = 20_000;
const RELAY_ACCESS = {
  name: 'relay',
  share: 1,
  uplinkKbps: [2 * RELAY_CAP_KBPS, 2 * RELAY_CAP_KBPS],
  downlinkKbps: [100_000, 1_000_000],
} as const;

export function drawNewcomer(
  scenario: Scenario,
  network: NetworkPreset,
  { machines, trouble }: AudienceRandom,
): Newcomer {
  const drawn = drawMachine(network, machines);
  const freeRider = trouble() < (scenario.freeRiderShare ?? 0);
  const polluter = trouble() < (scenario.polluterShare ?? 0);
  return {
    machine: freeRider ? { ...drawn, uploadCapKbps: 0 } : drawn,
    pollution: polluter ? drawPollution(trouble) : null,
    slow: trouble() < (scenario.slowShare ?? 0),
  };
}

/** How someone leaves whose time has come. */
export const drawDeparture = ({ people }: AudienceRandom): Departure =>
  people() < VANISHING_SHARE ? 'vanished' : 'closed';

/** What a mass departure does to one listener; null: it stays. */
export function drawMassDeparture(
  { trouble }: AudienceRandom,
  share: number,
  withinMs: number,
  vanishShare: number,
): { readonly how: Departure; readonly afterMs: number } | null {
  if (trouble() >= share) return null;
  const how = trouble() < vanishShare ? 'vanished' : 'closed';
  return { how, afterMs: trouble() * withinMs };
}
