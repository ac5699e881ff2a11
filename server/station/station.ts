import { join } from 'node:path';
import { unixMillis } from '../../shared/units.ts';
import type { StationConfig } from '../config/config.ts';
import type { LiveStation } from '../edge/live-station.ts';
import { errorText } from '../error.ts';
import type { Log } from '../log.ts';
import { EpochClock } from './epoch-clock.ts';
import { openStationKey } from './station-key.ts';
import { StationMount } from './station-mount.ts';

/** A station with its key, its mounts silent until their sources are started. */
export interface Station extends LiveStation {
  readonly mounts: readonly StationMount[];
  /** Signs in the station's name: 64 bytes. */
  readonly sign: (data: Uint8Array) => Uint8Array;
  /** This start made the key. */
  readonly isKeyNew: boolean;
}

/**
 * Key and epochs are kept in `<data>/stations/<id>/`.
 * @throws Error if the station's key cannot be used (see `openStationKey`).
 */
export function openStation(config: StationConfig, dataFolder: string, log: Log): Station {
  const folder = join(dataFolder, 'stations', config.id);
  const key = openStationKey(join(folder, 'station.key'), (warning) =>
    log.warn({ station: config.id, file: warning.file }, warning.text),
  );
  return {
    id: config.id,
    name: config.name,
    description: config.description,
    page: config.page,
    logo: config.logo,
    publicKeyText: key.publicKeyText,
    sign: (data) => key.sign(data),
    isKeyNew: key.isNew,
    mounts: config.mounts.map((mount) => {
      const clock = new EpochClock(
        join(folder, `epoch${mount.path.replace('/', '-')}.json`),
        () => unixMillis(Date.now()),
        (error) => log.warn({ mount: mount.path, error: errorText(error) }, 'cannot keep the last epoch'),
      );
      return new StationMount({
        path: mount.path,
        key,
        bitrateKbps: mount.bitrateKbps,
        nextEpoch: () => clock.next(),
        now: () => unixMillis(Date.now()),
      });
    }),
  };
}
