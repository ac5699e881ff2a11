import type { TrackTitle } from '../playback/track-title.ts';

export interface PastTitle {
  readonly track: TrackTitle;
  readonly since: Date;
}

export const PAST_TITLES_MAX = 20;

/** The titles that were heard, newest first; the first of them is the one that plays. */
export class TitleHistory {
  #titles: readonly PastTitle[] = [];

  get titles(): readonly PastTitle[] {
    return this.#titles;
  }

  add(track: TrackTitle, since: Date): void {
    const [newest] = this.#titles;
    const isSame = newest?.track.title === track.title && newest.track.artist === track.artist;
    if (track.title === '' || isSame) return;
    this.#titles = [{ track, since }, ...this.#titles].slice(0, PAST_TITLES_MAX);
  }
}
