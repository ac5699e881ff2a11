import type { UnixMillis } from '../../shared/units.ts';
import type { HeaderLine } from './http-10.ts';

/** How we name ourselves to the old world. */
export const SERVER_NAME = 'Essaim';

/** What players of other sites may read in a script, besides what the web allows anyway. */
export const EXPOSED_HEADERS =
  'Content-Type, icy-br, ice-audio-info, icy-description, icy-genre, icy-name, icy-pub, icy-url, icy-metadata, icy-metaint';

/** The headers that Icecast sends before everything, with CORS as wide as a public radio needs it. */
export const PLAYER_HEADERS = (now: UnixMillis): readonly HeaderLine[] => [
  ['Server', SERVER_NAME],
  ['Connection', 'Close'],
  ['Date', new Date(now).toUTCString()],
  ['Cache-Control', 'no-cache, no-store'],
  ['Expires', 'Mon, 26 Jul 1997 05:00:00 GMT'],
  ['Pragma', 'no-cache'],
  ['Access-Control-Allow-Origin', '*'],
  ['Access-Control-Expose-Headers', EXPOSED_HEADERS],
  // nginx would otherwise gather several seconds of sound before passing any on.
  ['X-Accel-Buffering', 'no'],
];

/** To a page that asks whether it may ask for titles, which a simple request may not. */
export const PREFLIGHT_HEADERS: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
  'Access-Control-Allow-Headers': 'Icy-MetaData, Range, Origin, Accept, Content-Type',
  'Access-Control-Expose-Headers': EXPOSED_HEADERS,
  'Access-Control-Max-Age': '86400',
};
