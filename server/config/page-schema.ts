import { z } from 'zod';
import { ANY_LANGUAGE } from '../../shared/station/page.ts';
import type { StationAccent, Texts } from '../../shared/station/page.ts';
import { accentOf, accentOfTwo, COLOUR_PATTERN, whyUnseen } from '../page/accent.ts';

/** How a station shows itself: `stations[].page`. */

const ACCENT_RULE = 'must be a colour like "#ffb81f", or two: {"light": "#ffb81f", "dark": "#ffc040"}';
const colour = z.string().regex(COLOUR_PATTERN, ACCENT_RULE);

/** One colour is fitted to both grounds; of two each must be seen on its own. */
const accentSchema = z
  .union([colour, z.strictObject({ light: colour, dark: colour })], ACCENT_RULE)
  .superRefine((accent, context) => {
    if (typeof accent === 'string') return;
    for (const ground of ['light', 'dark'] as const) {
      const message = whyUnseen(accent[ground], ground);
      if (message !== null) context.addIssue({ code: 'custom', path: [ground], message });
    }
  })
  .transform((accent): StationAccent =>
    typeof accent === 'string' ? accentOf(accent) : accentOfTwo(accent.light, accent.dark),
  );

const textsSchema = (lengthMax: number) =>
  z
    .union(
      [
        z.string().min(1).max(lengthMax),
        z.record(z.string().regex(/^[a-z]{2,3}$/), z.string().min(1).max(lengthMax)),
      ],
      `must be a text of at most ${lengthMax} characters, or one for each language: {"fr": "…", "en": "…"}`,
    )
    .transform((texts): Texts => (typeof texts === 'string' ? { [ANY_LANGUAGE]: texts } : texts));

const webAddress = z
  .string()
  .max(500)
  .regex(/^https?:\/\/[^\s"<>]+$/, 'must be an http:// or https:// address');

const contactSchema = z
  .string()
  .max(500)
  .regex(
    /^(?:https?:\/\/[^\s"<>]+|(?:mailto:)?[^\s"<>@:/]+@[^\s"<>@:/]+)$/,
    'must be an e-mail address, or an http:// or https:// address',
  )
  .transform((contact) => (/^(?:https?|mailto):/.test(contact) ? contact : `mailto:${contact}`));

export const pageSchema = z.strictObject({
  accent: accentSchema.nullable().default(null),
  /** A file's path. */
  logo: z.string().min(1).nullable().default(null),
  lead: textsSchema(500).default({}),
  about: textsSchema(4000).default({}),
  website: webAddress.nullable().default(null),
  fediverse: webAddress.nullable().default(null),
  contact: contactSchema.nullable().default(null),
});

export type PageField = z.infer<typeof pageSchema>;
