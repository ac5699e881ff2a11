import type { StationDescription } from '../../shared/station/description.ts';
import type { PageSettings } from '../edge/edge-context.ts';

/** What the page finds in itself, under the id below: `{ station, settings }`. */
export interface PageData {
  readonly station: StationDescription;
  readonly settings: PageSettings;
}

export const PAGE_DATA_ID = 'essaim-station';

/**
 * The built page with the station in it: the public key that the listener trusts comes this way, with the page, and
 * not with the sound.
 * @param html the build's `index.html`; an element of that id (for development) is replaced.
 * @param tags HTML for the end of its head.
 */
export function renderPage(html: string, data: PageData, tags = ''): string {
  const element = `<script type="application/json" id="${PAGE_DATA_ID}">${embeddedJson(data)}</script>`;
  const withoutOld = html.replace(
    new RegExp(`<script[^>]*\\bid="${PAGE_DATA_ID}"[^>]*>[\\s\\S]*?</script>`, 'i'),
    '',
  );
  // A function, as `$&` in a station's name would mean something in a replacement's text.
  const withSound = withoutOld.replace('<!--station-->', () => plainPlayer(data.station));
  const withData = withSound.replace(/<\/head>/i, (end) => tags + element + end);
  return withData.replace(/<title>[^<]*<\/title>/i, () => `<title>${escapeText(data.station.name)}</title>`);
}

/** For a browser without scripts: the plain stream, and its address for any other player. */
function plainPlayer({ edges, mounts }: StationDescription): string {
  const [mount] = mounts;
  if (mount === undefined) return '';
  const url = escapeText(`${edges[0] ?? ''}${mount.path}`).replaceAll('"', '&quot;');
  return `<audio controls preload="none" src="${url}"></audio><p><a href="${url}">${url}</a></p>`;
}

/** JSON that can end neither its element nor, in old engines, a line. */
const embeddedJson = (data: PageData): string =>
  JSON.stringify(data)
    .replaceAll('<', String.raw`\u003c`)
    .replaceAll('>', String.raw`\u003e`)
    .replaceAll('&', String.raw`\u0026`)
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`);

export const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

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
