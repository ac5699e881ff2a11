import * as z from 'zod/mini';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import type { StationDescription } from '../../shared/station/description.ts';

/** What the edge writes into the page: the station, with the key that its sound is signed with, and its settings. */
export interface PageData {
  readonly station: StationDescription;
  readonly settings: PageSettings;
}

export interface PageSettings {
  readonly playoutDelayMs: number;
  readonly uploadCapKbps: number;
  /** Whether a listener is asked to choose, and what holds until they have. */
  readonly askToRelay: boolean;
  readonly relayByDefault: boolean;
}

const DEFAULT_SETTINGS: PageSettings = {
  playoutDelayMs: 2500,
  uploadCapKbps: 1000,
  askToRelay: true,
  relayByDefault: true,
};

export const pageDataSchema: z.ZodMiniType<PageData> = z.object({
  station: stationDescriptionSchema,
  settings: z.prefault(
    z.object({
      playoutDelayMs: z.prefault(
        z.number().check(z.minimum(500), z.maximum(20_000)),
        DEFAULT_SETTINGS.playoutDelayMs,
      ),
      uploadCapKbps: z.prefault(
        z.number().check(z.minimum(0), z.maximum(1_000_000)),
        DEFAULT_SETTINGS.uploadCapKbps,
      ),
      askToRelay: z.prefault(z.boolean(), DEFAULT_SETTINGS.askToRelay),
      relayByDefault: z.prefault(z.boolean(), DEFAULT_SETTINGS.relayByDefault),
    }),
    DEFAULT_SETTINGS,
  ),
});

/** Null if the edge wrote none, or not what we understand. */
export function parsePageData(text: string): PageData | null {
  try {
    const parsed = pageDataSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
