import type { RandomSource } from '../../../shared/units.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { AccessLine } from './access-line.ts';
import { drawPlace, wayMs } from './geography.ts';
import type { Place } from './geography.ts';
import { drawNat } from './nat.ts';
import type { NatType, NetworkPreset } from './presets.ts';
import { uniform, weighted } from './random.ts';

/** A listener's machine as the network sees it. */
export interface Machine {
  readonly place: Place;
  readonly nat: NatType;
  readonly line: AccessLine;
  /** What its engine may upload, kbit/s. */
  readonly uploadCapKbps: number;
}

export function drawMachine(preset: NetworkPreset, random: RandomSource): Machine {
  // The line's losses draw from their own numbers: what is sent over one machine's line does not change the next one.
  const ownRandom = seededRandom(random() * 2 ** 32);
  const access = weighted(random, preset.access, ({ share }) => share);
  const uplinkKbps = uniform(random, access.uplinkKbps);
  return {
    place: drawPlace(preset, random),
    nat: drawNat(preset, random),
    line: new AccessLine(uplinkKbps, uniform(random, access.downlinkKbps), preset.loss, ownRandom),
    uploadCapKbps: Math.floor(Math.min(preset.uploadCapMaxKbps, uplinkKbps * preset.uploadShare)),
  };
}

/** The way between two machines, the same in both directions. */
export class Way {
  readonly delayMs: number;
  readonly #jitterMs: number;
  readonly #random: RandomSource;

  constructor(preset: NetworkPreset, one: Place, other: Place, random: RandomSource) {
    this.delayMs = wayMs(preset.latency, one, other, random());
    this.#jitterMs = this.delayMs * preset.latency.jitterShare;
    this.#random = random;
  }

  get roundTripMs(): number {
    return 2 * this.delayMs;
  }

  /** What one message takes, ms. */
  crossing(): number {
    // Mostly little, sometimes three times the mean.
    const draw = this.#random();
    return this.delayMs + this.#jitterMs * 3 * draw * draw;
  }
}
