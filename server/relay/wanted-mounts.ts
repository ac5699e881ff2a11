import type { StationDescription } from '../../shared/station/description.ts';
import { ConfigError } from '../config/config-error.ts';

/** @throws ConfigError if the station lacks one of these paths. */
export function checkMounts(wanted: readonly string[] | null, { mounts }: StationDescription): void {
  const missing = wanted?.find((path) => mounts.every((mount) => mount.path !== path));
  if (missing === undefined) return;
  const there = mounts.map(({ path }) => path).join(', ');
  throw new ConfigError(`Cannot relay ${missing} as the station's mounts are ${there}`);
}

/** The station with those of its mounts that have one of these paths; null: all. */
export const withMounts = <Station extends StationDescription>(
  station: Station,
  wanted: readonly string[] | null,
): Station =>
  wanted === null
    ? station
    : { ...station, mounts: station.mounts.filter(({ path }) => wanted.includes(path)) };
