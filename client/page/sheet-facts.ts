import type { PastTitle } from '../player-controls/title-history.ts';
import type { Strings } from '../strings/strings.ts';

/** All that the sheets show, whole, so that their content can be made late and still be right. */
export interface SheetFacts {
  readonly strings: Strings;
  /** Newest first. */
  readonly titles: readonly PastTitle[];
  /** Until the sound fades out; null: it does not. */
  readonly minutesLeft: number | null;
  /** Path of the chosen mount; null: automatic. */
  readonly mount: string | null;
}

export interface SheetHandlers {
  /** Path of a mount; null: automatic. */
  readonly onMount: (path: string | null) => void;
  readonly onLanguage: (language: string) => void;
  /** Minutes; null: off. */
  readonly onSleep: (minutes: number | null) => void;
}
