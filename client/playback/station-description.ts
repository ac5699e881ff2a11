import { stationDescriptionSchema } from '../../shared/station/description.ts';
import type { StationDescription } from '../../shared/station/description.ts';

/** The station's present description from the first edge that answers, or null if none does. */
export async function fetchDescription(station: StationDescription): Promise<StationDescription | null> {
  for (const edge of station.edges) {
    try {
      const response = await fetch(`${edge}/api/stations/${station.id}`, {
        signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
        cache: 'no-store',
      });
      if (!response.ok) continue;
      const parsed = stationDescriptionSchema.safeParse(await response.json());
      if (parsed.success) return parsed.data;
    } catch {
      // The next edge may answer.
    }
  }
  return null;
}

const FETCH_TIMEOUT_MS = 5000;
