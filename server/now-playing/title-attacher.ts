import type { Clock } from '../ingest/clock.ts';
import type { IngestEvent, TitleEvent } from '../ingest/events.ts';
import type { NowPlaying, Song } from './now-playing.ts';

/** Answers waiting for their moment: one every second for the longest delay. */
const DELAYED_MAX = 120;

/**
 * Brings together what the stream says of its sound (a line of text, at the right moment) and what the station's
 * software says of it (artist, album, artwork, show, but some seconds early or late). The stream's own change of title
 * decides the moment: what is known of that song is attached to it, or follows as soon as it is known. A stream that
 * says nothing gets the software's title after a delay.
 */
export class TitleAttacher {
  readonly #emit: (event: IngestEvent) => void;
  readonly #clock: Clock;
  readonly #delayMs: number;
  /** What the stream said last; null: nothing with a name. */
  #said: TitleEvent | null = null;
  #known: NowPlaying | null = null;
  /** What is to be shown later, in order. */
  readonly #delayed = new Set<() => void>();

  /** @param delayMs how long the sound takes from the software to here. */
  constructor(emit: (event: IngestEvent) => void, clock: Clock, delayMs: number) {
    this.#emit = emit;
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  /** The next event of the stream. */
  take(event: IngestEvent): void {
    if (event.type !== 'title') {
      this.#emit(event);
      return;
    }
    const isNamed = lineOf(event) !== '';
    this.#said = isNamed ? event : null;
    if (isNamed) this.stop();
    this.#emit(this.#attached(event));
    if (!isNamed) this.#showLater();
  }

  /** What the station's software says now. */
  know(nowPlaying: NowPlaying): void {
    this.#known = nowPlaying;
    if (this.#said === null) this.#showLater();
    else this.#emit(this.#attached(this.#said));
  }

  /** What was to be shown later is not. */
  stop(): void {
    for (const cancel of this.#delayed) cancel();
    this.#delayed.clear();
  }

  #attached(said: TitleEvent): TitleEvent {
    const line = lineOf(said);
    const { current = null, others = [] } = this.#known ?? {};
    const song = [...(current === null ? [] : [current]), ...others].find((one) => isOf(one, line));
    return song === undefined || line === '' ? said : titleOf(song, said);
  }

  #showLater(): void {
    const current = this.#known?.current ?? null;
    if (current === null) return;
    if (this.#delayed.size >= DELAYED_MAX) return;
    // Each after its own delay: a later answer that says the same must not put it off again and again.
    const cancel = this.#clock.after(this.#delayMs, () => {
      this.#delayed.delete(cancel);
      this.#emit(titleOf(current, null));
    });
    this.#delayed.add(cancel);
  }
}

/** The title that the stream said stays where the software does not tell artist and title apart. */
function titleOf(song: Song, said: TitleEvent | null): TitleEvent {
  const { title, artist, album, artworkUrl, show } = song;
  const names =
    title === '' && said !== null
      ? { title: said.title, artist: said.artist ?? '' }
      : { title: title || song.text, artist };
  return { type: 'title', ...names, album, artworkUrl, show };
}

const lineOf = ({ title, artist = '' }: Pick<TitleEvent, 'title' | 'artist'>): string =>
  plain(artist === '' ? title : `${artist} - ${title}`);

const isOf = (song: Song, line: string): boolean =>
  plain(song.text) === line || (song.title !== '' && lineOf(song) === line);

/** As far as two programs write one line the same. */
const plain = (line: string): string =>
  line
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s\u2010-\u2015-]+/gu, ' ')
    .trim();
