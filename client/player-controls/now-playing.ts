import type { PlayerStatus } from '../playback/player.ts';
import type { TrackTitle } from '../playback/track-title.ts';
import type { Strings } from '../strings/strings.ts';
import { make, setAttribute, setText } from './element.ts';

/** Characters: more than two lines of a phone. */
const TITLE_LONG = 48;

/** What is on, in step with the sound: the state in a word, artwork, title, artist and show. */
export class NowPlaying {
  readonly element = make('div', { class: 'es-now', part: 'now' });
  readonly status = make('p', { class: 'es-now-status', part: 'status', attributes: { role: 'status' } });
  readonly title = make('p', { class: 'es-title', part: 'title', attributes: { 'aria-live': 'polite' } });
  readonly artist = make('p', { class: 'es-lead', part: 'artist', attributes: { 'aria-live': 'polite' } });
  readonly show = make('p', { class: 'es-quiet', part: 'show' });
  readonly #artwork = make('img', {
    class: 'es-now-artwork',
    part: 'artwork',
    attributes: { alt: '', decoding: 'async', referrerpolicy: 'no-referrer', hidden: '' },
  });
  #strings: Strings;
  #status: PlayerStatus = 'idle';

  constructor(strings: Strings) {
    this.#strings = strings;
    const words = make('div', { class: 'es-now-words' }, this.title, this.artist, this.show);
    this.element.append(this.status, make('div', { class: 'es-now-track' }, this.#artwork, words));
    // A picture that cannot be had leaves no broken frame.
    this.#artwork.addEventListener('error', () => {
      this.#artwork.hidden = true;
    });
    this.#artwork.addEventListener('load', () => {
      this.#artwork.hidden = false;
    });
  }

  showStatus(status: PlayerStatus): void {
    this.#status = status;
    this.element.dataset['status'] = status;
    setText(this.status, this.#strings.status[status]);
  }

  /** @param picture address of its artwork, on the page's own server; empty: it has none. */
  showTrack(track: TrackTitle, picture: string): void {
    setText(this.title, track.title);
    this.title.classList.toggle('es-title--long', track.title.length > TITLE_LONG);
    setText(this.artist, track.artist);
    setText(this.show, track.show);
    if (picture === '') this.#artwork.hidden = true;
    setAttribute(this.#artwork, 'src', picture || null);
  }

  setStrings(strings: Strings): void {
    this.#strings = strings;
    this.showStatus(this.#status);
  }
}
