import { make } from '../player-controls/element.ts';
import { Sheet } from '../player-controls/sheet.ts';
import type { PastTitle } from '../player-controls/title-history.ts';
import type { Strings } from '../strings/strings.ts';

/** The titles that were heard here, newest first. */
export class HistorySheet {
  readonly sheet = new Sheet('history');
  #strings: Strings;
  #titles: readonly PastTitle[] = [];

  constructor(strings: Strings) {
    this.#strings = strings;
    this.setStrings(strings);
  }

  show(titles: readonly PastTitle[]): void {
    this.#titles = titles;
    this.#render();
  }

  setStrings(strings: Strings): void {
    this.#strings = strings;
    this.sheet.name(strings.extras.history, strings.settings.close);
    this.#render();
  }

  #render(): void {
    const { extras } = this.#strings;
    if (this.#titles.length === 0) {
      this.sheet.content.replaceChildren(make('p', { class: 'es-quiet', text: extras.historyEmpty }));
      return;
    }
    const items = this.#titles.map(({ track, since }) => {
      const at = make('time', { text: extras.time(since), attributes: { datetime: since.toISOString() } });
      const title = make('strong', { text: track.title });
      const artist = track.artist === '' ? [] : [make('span', { text: track.artist })];
      return make('li', {}, at, title, ...artist);
    });
    this.sheet.content.replaceChildren(make('ol', { class: 'past-titles' }, ...items));
  }
}
