import { make } from '../player-controls/element.ts';
import type { SheetFacts } from './sheet-facts.ts';

/** The titles that were heard here, newest first. */
export class HistoryContent {
  readonly #content: HTMLElement;

  constructor(content: HTMLElement) {
    this.#content = content;
  }

  show({ strings: { extras }, titles }: SheetFacts): void {
    if (titles.length === 0) {
      this.#content.replaceChildren(make('p', { class: 'es-quiet', text: extras.historyEmpty }));
      return;
    }
    const items = titles.map(({ track, since }) => {
      const at = make('time', { text: extras.time(since), attributes: { datetime: since.toISOString() } });
      const title = make('strong', { text: track.title });
      const artist = track.artist === '' ? [] : [make('span', { text: track.artist })];
      return make('li', {}, at, title, ...artist);
    });
    this.#content.replaceChildren(make('ol', { class: 'past-titles' }, ...items));
  }
}
