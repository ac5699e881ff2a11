import type { ChunkMetadata } from '../../shared/chunk/metadata.ts';
import type { TitleEvent } from '../ingest/events.ts';

/** What plays, as it goes into chunks: short lines; empty where it is not known. */
export interface Title {
  readonly title: string;
  readonly artist: string;
  readonly album: string;
  /** http or https. */
  readonly artworkUrl: string;
  readonly show: string;
}

export const NO_TITLE: Title = { title: '', artist: '', album: '', artworkUrl: '', show: '' };

/** Characters; a longer title or artist is cut. */
export const TITLE_LENGTH_MAX = 300;
/** Of an album's or show's name. */
export const SIDE_TEXT_LENGTH_MAX = 100;
/** A longer address is left out: half of one leads nowhere. */
export const ARTWORK_URL_LENGTH_MAX = 1024;

/** Sources send anything as a title. */
export function titleFrom(event: Omit<TitleEvent, 'type'>): Title {
  return {
    title: clip(event.title, TITLE_LENGTH_MAX),
    artist: clip(event.artist ?? '', TITLE_LENGTH_MAX),
    album: clip(event.album ?? '', SIDE_TEXT_LENGTH_MAX),
    artworkUrl: webAddress(event.artworkUrl ?? ''),
    show: clip(event.show ?? '', SIDE_TEXT_LENGTH_MAX),
  };
}

export const sameTitle = (left: Title, right: Title): boolean =>
  left.title === right.title &&
  left.artist === right.artist &&
  left.album === right.album &&
  left.artworkUrl === right.artworkUrl &&
  left.show === right.show;

/** Title and artist always, so that they can also be taken back; of the others what is known. */
export const titleMetadata = ({ title, artist, album, artworkUrl, show }: Title): ChunkMetadata => ({
  title,
  artist,
  ...(album === '' ? {} : { album }),
  ...(artworkUrl === '' ? {} : { artworkUrl }),
  ...(show === '' ? {} : { show }),
});

/** One line of text. */
const clip = (text: string, lengthMax: number): string =>
  Array.from(text.toWellFormed().replaceAll(/\p{Cc}+/gu, ' '))
    .slice(0, lengthMax)
    .join('')
    .trim();

/** In the address's own spelling, which is ASCII; empty if it is none. */
function webAddress(text: string): string {
  const url = URL.parse(text);
  const isWeb = url !== null && (url.protocol === 'http:' || url.protocol === 'https:');
  return isWeb && url.href.length <= ARTWORK_URL_LENGTH_MAX ? url.href : '';
}
