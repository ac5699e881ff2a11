import { pageTextsEn } from './en.ts';
import { pageTextsFr } from './fr.ts';

/**
 * The texts that the server writes into its pages: they work without scripts. By the codes of the languages in
 * `LANGUAGES`, each of which is here.
 */
export interface PageTexts {
  /** Of the language, in itself. */
  readonly languageName: string;
  readonly station: StationPageTexts;
  readonly relaying: RelayingTexts;
  /** The page that puts the code of a player together. */
  readonly builder: { readonly needsScripts: string };
}

/** What stands around the words of the station itself. */
export interface StationPageTexts {
  readonly about: string;
  readonly website: string;
  readonly fediverse: string;
  readonly contact: string;
  readonly close: string;
  /** Where there are no scripts: the stream for any player. */
  readonly plainStream: string;
}

/** The page that says in plain words what relaying is. */
export interface RelayingTexts {
  readonly title: string;
  readonly lead: (station: string) => string;
  readonly figures: (amounts: RelayingAmounts) => readonly Figure[];
  readonly sections: (amounts: RelayingAmounts) => readonly Section[];
  readonly back: (station: string) => string;
}

/** All in bytes but the rates, which are kbit/s. */
export interface RelayingAmounts {
  readonly bitrateKbps: number;
  readonly capKbps: number;
  /** What passing everything on to one listener takes in an hour. */
  readonly hourBytes: number;
  /** What the cap lets through in an hour. */
  readonly hourMaxBytes: number;
  /** Of a month, until the listener says otherwise. */
  readonly monthMaxBytes: number;
}

export interface Figure {
  readonly amount: string;
  readonly label: string;
}

export interface Section {
  readonly title: string;
  readonly paragraphs: readonly string[];
}

export const PAGE_TEXTS: Readonly<Record<string, PageTexts>> = { en: pageTextsEn, fr: pageTextsFr };
