/** A playlist of one entry: what a kitchen radio, a browser or a directory opens. */
export interface Playlist {
  readonly contentType: string;
  readonly body: string;
}

export const PLAYLIST_KINDS = ['m3u', 'pls', 'xspf'] as const;
export type PlaylistKind = (typeof PLAYLIST_KINDS)[number];

/** @param url of the stream. @param name of the station: one line. */
export function playlist(kind: PlaylistKind, url: string, name: string): Playlist {
  const line = name.replaceAll(/\p{Cc}+/gu, ' ');
  if (kind === 'm3u') return { contentType: 'audio/x-mpegurl', body: `${url}\r\n` };
  if (kind === 'xspf') return { contentType: 'application/xspf+xml; charset=UTF-8', body: xspf(url, line) };
  return {
    contentType: 'audio/x-scpls',
    body: `[playlist]\r\nNumberOfEntries=1\r\nFile1=${url}\r\nTitle1=${line}\r\nLength1=-1\r\nVersion=2\r\n`,
  };
}

const xspf = (url: string, name: string): string =>
  '<?xml version="1.0" encoding="UTF-8"?>\n<playlist xmlns="http://xspf.org/ns/0/" version="1"><title/><creator/>' +
  `<trackList><track><location>${xmlText(url)}</location><title>${xmlText(name)}</title></track></trackList></playlist>\n`;

/** Text for XML, one line: what its grammar does not know is left out, what has a meaning is escaped. */
export const xmlText = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\uFFFE\uFFFF]+/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
