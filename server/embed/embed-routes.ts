import { PAGE_TEXTS } from '../../client/strings/pages/page-texts.ts';
import { escapeAttribute, playerElement } from '../../shared/embed/snippet.ts';
import type { EmbedOptions } from '../../shared/embed/snippet.ts';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { CORS_HEADERS } from '../edge/api.ts';
import type { EdgeEnv } from '../edge/api.ts';
import { oembedRoute, playerRoute } from '../edge/api-routes.ts';
import type { EdgeContext } from '../edge/edge-context.ts';
import { describeStation } from '../edge/live-station.ts';
import type { LiveStation } from '../edge/live-station.ts';
import { escapeText } from '../page/escape.ts';
import { preferredLanguage } from '../page/languages.ts';
import { contentSecurityPolicy } from '../page/page.ts';
import { notBuilt, sendPage } from '../page/send-page.ts';
import { stationFile } from '../page/station-files.ts';
import type { SiteFiles } from '../page/site-files.ts';
import { originOf } from './allowed-sites.ts';
import { oembed, OEMBED_CACHE_SECONDS } from './oembed.ts';
import type { Thumbnail } from './oembed.ts';

export const EMBED_PATH = '/embed';
/** The built pages: the framed player, and the one on which a partner puts a player together. */
export const FRAME_PAGE = 'embed.html';
const BUILDER_PAGE = 'builder.html';
/** The picture of a link, in the build; a station's logo comes before it. */
const ICON = { path: '/icon-512.png', width: 512, height: 512 };

/** `/embed`, `/embed/STATION`, `/oembed` and `/api/stations/STATION/player`. */
export function answerEmbedding(app: OpenAPIHono<EdgeEnv>, edge: EdgeContext, files: SiteFiles): void {
  app.get(EMBED_PATH, (c) => builderPage(c, edge, files));
  for (const station of edge.stations)
    app.get(`${EMBED_PATH}/${station.id}`, (c) => framePage(c, edge, files, station));
  app.openapi(playerRoute, (c) => {
    const { station: id } = c.req.valid('param');
    const station = edge.stations.find((candidate) => candidate.id === id);
    if (station === undefined) return c.json({ error: `There is no station ${id} here` }, 404, NO_STORE);
    const publicUrl = edge.forwarding.publicUrl(c.env.incoming);
    const answer = {
      station: describeStation(station, publicUrl, edge.network, edge.ice, edge.now()),
      settings: edge.page,
      page: stationPage(publicUrl, station, edge),
    };
    return c.json(answer, 200, NO_STORE);
  });
  app.openapi(oembedRoute, (c) => {
    for (const [name, value] of Object.entries(CORS_HEADERS)) c.header(name, value);
    const { url, format, maxwidth, maxheight } = c.req.valid('query');
    if (format !== undefined && format !== 'json')
      return c.json({ error: `Cannot answer in a format other than json: current value is ${format}` }, 501);
    const publicUrl = edge.forwarding.publicUrl(c.env.incoming);
    const station = stationAt(url, publicUrl, edge.stations);
    if (station === null) return c.json({ error: `There is no station at ${url}` }, 404);
    const answer = oembed(
      { publicUrl, station: { ...station, publicKey: station.publicKeyText } },
      stationPage(publicUrl, station, edge),
      pictureOf(publicUrl, files, station),
      { width: maxwidth, height: maxheight },
    );
    return c.json(answer, 200, { 'Cache-Control': `public, max-age=${OEMBED_CACHE_SECONDS}` });
  });
}

/** The address of a station's page. */
export const stationPage = (
  publicUrl: string,
  station: { readonly id: string },
  edge: EdgeContext,
): string => (station.id === edge.stations[0]?.id ? `${publicUrl}/` : `${publicUrl}/${station.id}`);

export function pictureOf(publicUrl: string, files: SiteFiles, { id, page }: LiveStation): Thumbnail | null {
  // Previews take no SVG, which has no size of its own.
  if (page.logo !== null && page.logo.size !== null)
    return { url: `${publicUrl}${stationFile(id, page.logo.file)}`, ...page.logo.size };
  const { path, width, height } = ICON;
  return files.find(path) === null ? null : { url: `${publicUrl}${path}`, width, height };
}

/** By host, as a link may have been written with http. */
function stationAt(url: string, publicUrl: string, stations: readonly LiveStation[]): LiveStation | null {
  const [asked, own] = [URL.parse(url), URL.parse(publicUrl)];
  if (asked === null || own === null || asked.host !== own.host) return null;
  const base = own.pathname.replace(/\/$/, '');
  if (!asked.pathname.startsWith(`${base}/`) && asked.pathname !== base) return null;
  const path = asked.pathname.slice(base.length).replace(/^\/(?:embed\/)?|\/$/g, '');
  return (path === '' ? stations[0] : stations.find(({ id }) => id === path)) ?? null;
}

function framePage(c: Context<EdgeEnv>, edge: EdgeContext, files: SiteFiles, station: LiveStation): Response {
  const html = files.page(FRAME_PAGE);
  if (html === null) return notBuilt(c);
  const publicUrl = edge.forwarding.publicUrl(c.env.incoming);
  const description = describeStation(station, publicUrl, edge.network, edge.ice, edge.now());
  const options = optionsIn(c);
  const site = originOf(c.req.header('Referer'));
  const isPartner = site !== null && site !== new URL(publicUrl).origin;
  // The frame's sockets bear our own origin: the element tells the tracker on whose page it is.
  const player = playerElement(description, options, isPartner ? { 'data-site': site } : {});
  const body = `<main><h1>${escapeText(station.name)}</h1>${player}</main><noscript><audio controls preload="none" src="..${escapeAttribute(station.mounts[0]?.path ?? '')}"></audio></noscript>`;
  const { theme = 'auto', language } = options;
  const page = oneFolderUp(html)
    .replace(
      '<html>',
      () =>
        `<html lang="${language ?? preferredLanguage(c.req.header('Accept-Language'))}"${theme === 'auto' ? '' : ` class="${theme}"`}>`,
    )
    .replace(/<title>[^<]*/, () => `<title>${escapeText(station.name)}`)
    .replace(/<body>[\s\S]*<\/body>/, () => `<body>${body}</body>`);
  return sendPage(c, page, {
    'Content-Security-Policy': contentSecurityPolicy(description, {
      relaysMayCome: edge.network.relaysMayCome,
      frameAncestors: edge.sites.frameAncestors,
    }),
  });
}

/** What the frame's address asks for; what is not understood is left out. */
function optionsIn(c: Context<EdgeEnv>): EmbedOptions {
  const { theme, language, relay } = c.req.query();
  return {
    ...(theme === 'light' || theme === 'dark' ? { theme } : {}),
    ...(c.req.query('compact') === undefined ? {} : { compact: true }),
    ...(language !== undefined && /^[a-z]{2,3}$/.test(language) ? { language } : {}),
    ...(relay === 'off' ? { relay } : {}),
  };
}

function builderPage(c: Context<EdgeEnv>, edge: EdgeContext, files: SiteFiles): Response {
  const html = files.page(BUILDER_PAGE);
  const [first] = edge.stations;
  if (html === null || first === undefined) return notBuilt(c);
  const description = describeStation(
    first,
    edge.forwarding.publicUrl(c.env.incoming),
    edge.network,
    edge.ice,
    edge.now(),
  );
  const language = preferredLanguage(c.req.header('Accept-Language'));
  const page = html
    .replace('<html lang="en">', `<html lang="${language}">`)
    .replace('<!--needs-scripts-->', () => escapeText(PAGE_TEXTS[language]?.builder.needsScripts ?? ''));
  return sendPage(c, page, {
    'Content-Security-Policy': `${contentSecurityPolicy(description, { relaysMayCome: edge.network.relaysMayCome })}; frame-src 'self'`,
  });
}

const oneFolderUp = (html: string): string => html.replaceAll(/(\s(?:src|href)=")\.\//g, '$1../');

const NO_STORE = { 'Cache-Control': 'no-store' };
