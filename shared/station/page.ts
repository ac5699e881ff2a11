import * as z from 'zod/mini';
import { stationDescriptionSchema } from './description.ts';
import type { StationDescription } from './description.ts';

/** How a station shows itself on its page and in its players: colours, logo, texts, links. */
export interface StationPage {
  /** Null: ours. */
  readonly accent: StationAccent | null;
  readonly logo: StationLogo | null;
  /** What stands under its name. */
  readonly lead: Texts;
  readonly about: Texts;
  readonly links: StationLinks;
}

/** The one colour that is the station's own, for a light and for a dark ground, each with what can be read on it. */
export interface StationAccent {
  readonly light: Shade;
  readonly dark: Shade;
}

/** `#rrggbb`. */
export interface Shade {
  readonly fill: string;
  readonly ink: string;
}

export interface StationLogo {
  /** Its name below `/stations/ID/`, with a hash of what is in it: `logo-1a2b3c4d5e6f7a8b.svg`. */
  readonly file: string;
  /** Pixels; null: it has no size of its own, as many an SVG. */
  readonly size: { readonly width: number; readonly height: number } | null;
}

/** Empty where the station has none. `contact` may be a `mailto:`. */
export interface StationLinks {
  readonly website: string;
  readonly fediverse: string;
  readonly contact: string;
}

/** A text by the code of its language; ANY_LANGUAGE: it is shown whatever the reader's. Empty: there is none. */
export type Texts = Readonly<Record<string, string>>;

/** ISO 639's word for a language that is not said. */
export const ANY_LANGUAGE = 'und';

/** Everything that a server tells of a station: what a listener needs, and how the station shows itself. */
export interface ShownStation extends StationDescription {
  readonly page: StationPage;
}

export const PLAIN_PAGE: StationPage = {
  accent: null,
  logo: null,
  lead: {},
  about: {},
  links: { website: '', fediverse: '', contact: '' },
};

export const LOGO_FILE_PATTERN: RegExp = /^logo-[0-9a-f]{16}\.(?:svg|png|webp)$/;
const COLOUR_PATTERN = /^#[0-9a-f]{6}$/;

const textsSchema: z.ZodMiniType<Texts> = z.record(
  z.string().check(z.regex(/^[a-z]{2,3}$/)),
  z.string().check(z.maxLength(4000)),
);
const colour = z.string().check(z.regex(COLOUR_PATTERN));
const shade = z.object({ fill: colour, ink: colour });
const pixels = z.int().check(z.positive(), z.maximum(20_000));
/** Shown as a link, so nothing that could be a script. */
const link = z.union([
  z.literal(''),
  z.string().check(z.maxLength(500), z.regex(/^(?:https?:\/\/|mailto:)[^\s"<>]+$/)),
]);

export const stationPageSchema: z.ZodMiniType<StationPage> = z.object({
  accent: z.nullable(z.object({ light: shade, dark: shade })),
  logo: z.nullable(
    z.object({
      file: z.string().check(z.regex(LOGO_FILE_PATTERN)),
      size: z.nullable(z.object({ width: pixels, height: pixels })),
    }),
  ),
  lead: textsSchema,
  about: textsSchema,
  links: z.object({ website: link, fediverse: link, contact: link }),
});

export const shownStationSchema: z.ZodMiniType<ShownStation> = z.intersection(
  stationDescriptionSchema,
  // Servers of before say nothing of it.
  z.object({ page: z.prefault(stationPageSchema, PLAIN_PAGE) }),
);
