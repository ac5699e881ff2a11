import { z } from 'zod';
import { shownStationSchema } from '../../shared/station/page.ts';
import type { ShownStation } from '../../shared/station/page.ts';
import type { StationDescription } from '../../shared/station/description.ts';
import { errorText } from '../error.ts';
import { mountIdOf } from '../station/mount-id.ts';

const TIMEOUT_MS = 5_000;
/** Stations of one server, with all that is told of them. */
const LENGTH_MAX = 1_048_576;

const stationsSchema = z.object({ stations: z.array(z.unknown()).max(64) });

/**
 * The stations that an edge tells of, each checked: its mounts' ids must follow from its key.
 * @param address base address of the edge, no slash at the end.
 * @throws Error (the promise rejects) that says what is wrong with the address or what answers there.
 */
export async function lookUpStations(
  address: string,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Promise<readonly ShownStation[]> {
  let text: string;
  try {
    const response = await fetch(`${address}/api/stations`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'follow',
    });
    if (!response.ok) throw new Error(`it answers with status ${response.status}`);
    text = await response.text();
  } catch (error) {
    throw new Error(`Cannot ask ${address} for its stations: ${errorText(error)}`, { cause: error });
  }
  if (text.length > LENGTH_MAX) throw new Error(`Cannot read what ${address} answers: it is too long`);
  const parsed = stationsSchema.safeParse(parseJson(text));
  if (!parsed.success) throw new Error(`Cannot find a station at ${address}: something else answers there`);
  return parsed.data.stations.flatMap((value) => {
    const station = shownStationSchema.safeParse(value);
    return station.success && hasItsOwnMounts(station.data) ? [station.data] : [];
  });
}

/** A mount's id is made of the station's key and the mount's path, so an edge cannot put one in another's place. */
export function hasItsOwnMounts(station: StationDescription): boolean {
  const key = Buffer.from(station.publicKey, 'base64url');
  return station.mounts.every(({ id, path }) => mountIdOf(key, path) === id);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
