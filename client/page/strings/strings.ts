import { en } from './en.ts';
import { fr } from './fr.ts';
import type { PlayerStatus } from '../../playback/player.ts';

/** Everything the page says. Adding a language is adding one file and naming it below. */
export interface Strings {
  readonly language: string;
  readonly listen: string;
  readonly stop: string;
  readonly volume: string;
  readonly quality: string;
  readonly status: Readonly<Record<PlayerStatus, string>>;
  readonly relay: string;
  readonly relayHint: string;
  readonly justListenHint: string;
  /** All sound comes from the station itself. */
  readonly fromStation: string;
  /** `share`: of the sound, 0 to 1; `peerCount`: other listeners it comes from, 1 or more. */
  readonly fromListeners: (share: number, peerCount: number) => string;
  /** `peerCount`: other listeners we pass sound on to, 1 or more. */
  readonly relayingTo: (peerCount: number) => string;
  /** One sentence from one or two clauses. */
  readonly sentence: (clauses: readonly string[]) => string;
  readonly brokenPage: string;
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
