import type { PlayerStatus } from '../playback/player.ts';
import { en } from './en.ts';
import { fr } from './fr.ts';

/**
 * Everything that page and widget say. Adding a language is writing one file like `en.ts` and naming it in LANGUAGES,
 * one for the builder (`builder/`) and one for what the server writes (`pages/`); a text that is missing there is a type
 * error. Numbers come in as numbers: plurals, separators and percentages are the language's own.
 */
export interface Strings {
  /** Its code, for `lang` attributes and Intl: `fr`. */
  readonly language: string;
  /** Its name in itself, for whoever looks for it. */
  readonly languageName: string;
  readonly player: PlayerStrings;
  readonly status: Readonly<Record<PlayerStatus, string>>;
  readonly relaying: RelayingStrings;
  readonly swarm: SwarmStrings;
  readonly settings: SettingsStrings;
  readonly extras: ExtrasStrings;
  readonly widget: WidgetStrings;
  readonly page: PageStrings;
}

/** The sound and its buttons. */
export interface PlayerStrings {
  readonly listen: string;
  readonly listenAndRelay: string;
  readonly justListen: string;
  readonly pause: string;
  readonly resume: string;
  readonly stop: string;
  readonly backToLive: string;
  /** How far behind the station the sound is after a pause; whole seconds. */
  readonly behindLive: (seconds: number) => string;
  readonly volume: string;
  readonly mute: string;
  readonly unmute: string;
  readonly quality: string;
  readonly qualityAutomatic: string;
  /** One choice of quality: a codec's name and kbit/s. */
  readonly qualityOf: (codec: string, bitrateKbps: number) => string;
}

/** Asking whether the sound may be passed on, and saying what that means. */
export interface RelayingStrings {
  /** The switch. */
  readonly relay: string;
  /** What relaying shares, in one sentence. */
  readonly shares: string;
  /** The link to the page that says it in plain words. */
  readonly more: string;
  readonly justListening: string;
  /** Relaying is on, and yet nothing is passed on: on a mobile network, with data saver, or past the month's ceiling. */
  readonly restsOnCellular: string;
  readonly restsForDataSaver: string;
  readonly restsAtCeiling: string;
}

/** The line and the drawing that tell where the sound comes from. */
export interface SwarmStrings {
  readonly drawing: string;
  readonly you: string;
  readonly station: string;
  /** All sound comes from the station itself. */
  readonly fromStation: string;
  /** `share`: of the sound, 0 to 1; `peerCount`: other listeners it comes from, 1 or more. */
  readonly fromListeners: (share: number, peerCount: number) => string;
  /** `peerCount`: other listeners we pass sound on to, 1 or more. */
  readonly relayingTo: (peerCount: number) => string;
  /** One sentence from one or two clauses. */
  readonly sentence: (clauses: readonly string[]) => string;
}

export interface SettingsStrings {
  readonly title: string;
  readonly close: string;
  readonly uploadCap: string;
  readonly uploadCapOf: (kbps: number) => string;
  readonly monthlyCeiling: string;
  readonly noCeiling: string;
  /** Data amounts, in bytes. */
  readonly amount: (bytes: number) => string;
  /** Passed on this month, in bytes. */
  readonly relayedThisMonth: (bytes: number) => string;
  readonly relayOnCellular: string;
  /** Before those who keep a relay. */
  readonly thanks: string;
  /** What one of them gave this month, in bytes, and to how many listeners it gives now. */
  readonly relayGives: (bytes: number, listeners: number) => string;
  readonly language: string;
}

/** What surrounds the sound: titles before, sleep timer, sharing. */
export interface ExtrasStrings {
  readonly history: string;
  readonly historyEmpty: string;
  readonly time: (at: Date) => string;
  readonly sleep: string;
  readonly sleepOff: string;
  readonly sleepAfter: (minutes: number) => string;
  /** What is left until the sound fades out; whole minutes, 1 or more. */
  readonly sleepLeft: (minutes: number) => string;
  readonly share: string;
  readonly linkCopied: string;
  readonly linkNotCopied: string;
}

/** What only a player on another site has to say. */
export interface WidgetStrings {
  /** What relaying shares, where there is little room. */
  readonly sharesBriefly: string;
  readonly playHere: string;
  readonly elsewhere: string;
  readonly keyless: string;
  readonly untrusted: string;
  readonly refused: string;
  readonly unknown: string;
}

export interface PageStrings {
  /** The page did not get what it needs. */
  readonly broken: string;
}

export const LANGUAGES: readonly Strings[] = [en, fr];

/** The first language that the person reads and we speak; English otherwise. */
export function chooseStrings(preferred: readonly string[]): Strings {
  for (const tag of preferred) {
    const primary = tag.toLowerCase().split('-')[0];
    const spoken = LANGUAGES.find(({ language }) => language === primary);
    if (spoken !== undefined) return spoken;
  }
  return en;
}
