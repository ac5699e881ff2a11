import { z } from 'zod';
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
}

const DEFAULT_SETTINGS: PageSettings = { playoutDelayMs: 2500, uploadCapKbps: 1000 };

const pageDataSchema: z.ZodType<PageData> = z.object({
  station: stationDescriptionSchema,
  settings: z
    .object({
      playoutDelayMs: z.number().min(500).max(20_000).default(DEFAULT_SETTINGS.playoutDelayMs),
      uploadCapKbps: z.number().min(0).max(1_000_000).default(DEFAULT_SETTINGS.uploadCapKbps),
    })
    .default(DEFAULT_SETTINGS),
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
