/** The HTML that a partner copies: of the custom element, and of the frame. */

export type Theme = 'auto' | 'light' | 'dark';

/** What may be chosen for an embedded player. Of what is left out the default is meant. */
export interface EmbedOptions {
  readonly theme?: Theme;
  readonly compact?: boolean;
  /** `fr`, `en`; left out: what the listener's browser prefers. */
  readonly language?: string;
  /** `off`: nobody is asked, nothing is ever passed on. */
  readonly relay?: 'ask' | 'off';
}

export interface EmbedTarget {
  /** The server's address, without a slash at the end. */
  readonly publicUrl: string;
  readonly station: { readonly id: string; readonly name: string; readonly publicKey: string };
}

/** Pixels: what the player needs, and what it looks well in. */
export const FRAME_SIZE: FrameSize = { width: 480, height: 288 };
/** With the question whether to relay, and without. */
export const FRAME_SIZE_COMPACT: FrameSize = { width: 480, height: 192 };
export const FRAME_SIZE_LINE: FrameSize = { width: 480, height: 76 };

export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

/**
 * What the frame may do: run our script as our origin (for the listener's remembered choice, and to know of other
 * tabs), and open the station's page. No forms, no downloads, no way to navigate the page around it.
 */
export const FRAME_SANDBOX = 'allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox';
/** Sound only after a click in the frame itself. All else (camera, place …) a frame has only where it is given. */
export const FRAME_ALLOW = "autoplay 'none'";

export const elementSnippet = ({ publicUrl, station }: EmbedTarget, options: EmbedOptions = {}): string =>
  `<script type="module" ${attribute('src', `${publicUrl}/widget.js`)}></script>\n${playerElement(station, options)}`;

/** @param more attributes besides those of the options. */
export function playerElement(
  station: EmbedTarget['station'],
  options: EmbedOptions = {},
  more: Readonly<Record<string, string>> = {},
): string {
  const attributes = [
    attribute('station', station.id),
    attribute('key', station.publicKey),
    ...(options.theme === undefined || options.theme === 'auto' ? [] : [attribute('theme', options.theme)]),
    ...(options.compact === true ? ['compact'] : []),
    ...(options.language === undefined ? [] : [attribute('language', options.language)]),
    ...(options.relay === 'off' ? [attribute('relay', 'off')] : []),
    ...Object.entries(more).map(([name, value]) => attribute(name, value)),
  ];
  return `<essaim-player ${attributes.join(' ')}></essaim-player>`;
}

/** @param size pixels; the frame is never wider than its place, and fills it. */
export function frameSnippet(
  target: EmbedTarget,
  options: EmbedOptions = {},
  size: FrameSize = frameSize(options),
): string {
  return `<iframe ${[
    attribute('src', frameAddress(target, options)),
    attribute('title', target.station.name),
    attribute('width', String(size.width)),
    attribute('height', String(size.height)),
    attribute('sandbox', FRAME_SANDBOX),
    attribute('allow', FRAME_ALLOW),
    // Which site, not which page: that is how the station counts its listeners by site.
    attribute('referrerpolicy', 'strict-origin'),
    attribute('loading', 'lazy'),
    attribute('style', 'border:0;max-width:100%'),
  ].join(' ')}></iframe>`;
}

export function frameSize({ compact, relay }: EmbedOptions): FrameSize {
  if (compact !== true) return FRAME_SIZE;
  return relay === 'off' ? FRAME_SIZE_LINE : FRAME_SIZE_COMPACT;
}

/** `/embed/ID`, with what differs from the defaults as parameters. */
export function frameAddress({ publicUrl, station }: EmbedTarget, options: EmbedOptions = {}): string {
  const parameters = [
    ...(options.theme === undefined || options.theme === 'auto' ? [] : [`theme=${options.theme}`]),
    ...(options.compact === true ? ['compact'] : []),
    ...(options.language === undefined ? [] : [`language=${encodeURIComponent(options.language)}`]),
    ...(options.relay === 'off' ? ['relay=off'] : []),
  ];
  const query = parameters.length === 0 ? '' : `?${parameters.join('&')}`;
  return `${publicUrl}/embed/${station.id}${query}`;
}

/** What a page's Content-Security-Policy has to let through for the frame. */
export const framePolicy = (publicUrl: string): string => `frame-src ${originOf(publicUrl)}`;

/** What a page's Content-Security-Policy has to let through for the element. */
export function elementPolicy(publicUrl: string): string {
  const socket = publicUrl.replace(/^http/, 'ws');
  const origin = originOf(publicUrl);
  const socketOrigin = /^wss?:\/\/[^/]+/.exec(socket)?.[0] ?? socket;
  return [
    `script-src ${origin}`,
    `connect-src ${origin} ${socketOrigin}`,
    `font-src ${origin}`,
    `img-src ${origin}`,
    'media-src blob:',
  ].join('; ');
}

const originOf = (url: string): string => /^https?:\/\/[^/]+/.exec(url)?.[0] ?? url;

const attribute = (name: string, value: string): string => `${name}="${escapeAttribute(value)}"`;

export const escapeAttribute = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
