import type { RandomSource } from '../../../shared/units.ts';
import type { LatencyMap, NetworkPreset, Range } from './presets.ts';

/** Where a machine stands, as coarsely as delays need it. */
export interface Place {
  readonly continent: number;
  readonly country: number;
  readonly city: number;
}

/** The station's own country and its largest city: where edges stand too. */
export const HOME: Place = { continent: 0, country: 0, city: 0 };
const CITIES = 12;
const COUNTRIES_ABROAD = 8;
const CONTINENTS_OVERSEAS = 3;

export function drawPlace(preset: NetworkPreset, random: RandomSource): Place {
  const where = random();
  // Cities are unequal: the first ones hold most people.
  const city = Math.floor(random() ** 2 * CITIES);
  if (where < preset.overseasShare) {
    return { continent: 1 + Math.floor(random() * CONTINENTS_OVERSEAS), country: 0, city };
  }
  if (where < preset.overseasShare + preset.abroadShare) {
    return { continent: 0, country: 1 + Math.floor(random() * COUNTRIES_ABROAD), city };
  }
  return { continent: 0, country: 0, city };
}

/** One-way delay between two places, ms: `draw` (0 to 1) says where in the range this pair is. */
export function wayMs(map: LatencyMap, one: Place, other: Place, draw: number): number {
  const [from, to] = rangeOf(map, one, other);
  return from + draw * (to - from);
}

function rangeOf(map: LatencyMap, one: Place, other: Place): Range {
  if (one.continent !== other.continent) return map.oceanMs;
  if (one.country !== other.country) return map.continentMs;
  return one.city === other.city ? map.cityMs : map.countryMs;
}
