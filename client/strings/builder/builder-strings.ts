import { builderEn } from './en.ts';
import { builderFr } from './fr.ts';

/** The page on which a partner puts a player together: only it loads these. */
export interface BuilderStrings {
  readonly title: string;
  readonly lead: string;
  readonly station: string;
  readonly look: string;
  readonly themes: Readonly<Record<'auto' | 'light' | 'dark', string>>;
  readonly size: string;
  readonly sizes: Readonly<Record<'full' | 'compact', string>>;
  readonly language: string;
  readonly languageAutomatic: string;
  readonly relay: string;
  readonly relays: Readonly<Record<'ask' | 'off', string>>;
  readonly kind: string;
  readonly kinds: Readonly<Record<'element' | 'frame', string>>;
  readonly kindHints: Readonly<Record<'element' | 'frame', string>>;
  readonly preview: string;
  readonly code: string;
  readonly copy: string;
  readonly copied: string;
  readonly policy: string;
  readonly key: string;
  readonly link: string;
  readonly noScript: string;
}

/** By the codes of the languages in `LANGUAGES`, each of which is here. */
export const BUILDER_STRINGS: Readonly<Record<string, BuilderStrings>> = { en: builderEn, fr: builderFr };

/** @param language its code; English where it has no texts for the builder. */
export const builderStrings = (language: string): BuilderStrings => BUILDER_STRINGS[language] ?? builderEn;
