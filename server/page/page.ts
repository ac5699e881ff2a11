import type { StationDescription } from '../../shared/station/description.ts';
import { PLAIN_PAGE } from '../../shared/station/page.ts';
import type { StationPage } from '../../shared/station/page.ts';
import { escapeAttribute } from '../../shared/embed/snippet.ts';
import type { PageSettings } from '../edge/edge-context.ts';
import { escapeText } from './escape.ts';
import { aboutSheet, leadText, logoPicture, stationLinks } from './masthead.ts';
import { pageText } from './languages.ts';

/** What the page finds in itself, under the id below: `{ station, settings }`. */
export interface PageData {
  readonly station: StationDescription & { readonly page?: StationPage };
  readonly settings: PageSettings;
}

export interface PageMarkup {
  /** HTML for the end of its head. */
  readonly tags?: string;
  /** What a reader without scripts gets; the page's script chooses for itself. */
  readonly language?: string;
}

export const PAGE_DATA_ID = 'essaim-station';

/**
 * The built page with the station in it: the public key that the listener trusts comes this way, with the page, and
 * not with the sound.
 * @param html the build's `index.html`; an element of that id (for development) is replaced.
 */
export function renderPage(
  html: string,
  { station, settings }: PageData,
  { tags = '', language = 'en' }: PageMarkup = {},
): string {
  const { page = PLAIN_PAGE, ...described } = station;
  const data = `<script type="application/json" id="${PAGE_DATA_ID}">${embeddedJson({ station: described, settings })}</script>`;
  const parts: Readonly<Record<string, string>> = {
    '<!--logo-->': logoPicture(station.id, page),
    '<!--name-->': stationName(station.name),
    '<!--lead-->': leadText(page, station.description),
    '<!--links-->': stationLinks(page),
    '<!--about-->': aboutSheet(page),
    '<!--station-->': plainPlayer(station),
    '<html lang="en">': `<html lang="${language}">`,
    '</head>': `${tags}${data}</head>`,
  };
  const withoutOld = html.replace(
    new RegExp(`<script[^>]*\\bid="${PAGE_DATA_ID}"[^>]*>[\\s\\S]*?</script>`, 'i'),
    '',
  );
  return withoutOld
    .replace(/<!--\w+-->|<html lang="en">|<\/head>/g, (place) => parts[place] ?? place)
    .replace(/<title>[^<]*<\/title>/i, () => `<title>${escapeText(station.name)}</title>`);
}

/** Characters; more would fill the page in large letters. */
const NAME_LONG = 20;

function stationName(name: string): string {
  const text = escapeText(name);
  return name.length > NAME_LONG ? `<span class="es-name-long">${text}</span>` : text;
}

/** For a browser without scripts: the plain stream, and its address for any other player. */
function plainPlayer({ edges, mounts }: StationDescription): string {
  const [mount] = mounts;
  if (mount === undefined) return '';
  const url = escapeAttribute(`${edges[0] ?? ''}${mount.path}`);
  const words = pageText(({ station }) => station.plainStream);
  return `<p>${words}</p><audio controls preload="none" src="${url}"></audio><p><a href="${url}">${url}</a></p>`;
}

/** JSON that can end neither its element nor, in old engines, a line. */
const embeddedJson = (data: PageData): string =>
  JSON.stringify(data)
    .replaceAll('<', String.raw`\u003c`)
    .replaceAll('>', String.raw`\u003e`)
    .replaceAll('&', String.raw`\u0026`)
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`);

export interface ContentSecurityOptions {
  /**
   * The station takes relays. They come and go while a page stays open, and a policy cannot be changed then: the page
   * may connect to any server by the protocols that it could use anyway. What such a rule is for, to keep a script that
   * somebody slipped in from sending data away, the rule for scripts does by letting none in.
   */
  readonly relaysMayCome?: boolean;
  /** Who may show the page in a frame, as in `frame-ancestors`; left out: only ourselves. */
  readonly frameAncestors?: string;
}

/**
 * Only our own scripts and styles run; sound and messages come from the edges and trackers that the station names,
 * and from nowhere else, unless it takes relays.
 */
export function contentSecurityPolicy(
  station: StationDescription,
  { relaysMayCome = false, frameAncestors = "'self'" }: ContentSecurityOptions = {},
): string {
  // A page that came without TLS may use what did, and what did not; one that came with it cannot.
  const isPlain = station.edges.some((url) => url.startsWith('http:'));
  const anyEdge = relaysMayCome ? ['https:', ...(isPlain ? ['http:'] : [])] : [];
  const anyTracker = relaysMayCome ? ['wss:', ...(isPlain ? ['ws:'] : [])] : [];
  const edges = new Set([...anyEdge, ...station.edges.map((url) => originOf(url))]);
  const origins = new Set([...edges, ...anyTracker, ...station.trackers.map((url) => originOf(url))]);
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self' blob:",
    `media-src ${["'self'", 'blob:', ...edges].join(' ')}`,
    `connect-src ${["'self'", ...origins].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${frameAncestors}`,
  ].join('; ');
}

/** `URL.origin` is `null` for `ws:` in some engines. */
function originOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
