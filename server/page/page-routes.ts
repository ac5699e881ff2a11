import type { Context } from 'hono';
import type { EdgeEnv } from '../edge/api.ts';
import type { EdgeContext } from '../edge/edge-context.ts';
import { describeStation } from '../edge/live-station.ts';
import type { LiveStation } from '../edge/live-station.ts';
import { FRAME_PAGE, pictureOf, stationPage } from '../embed/embed-routes.ts';
import { socialTags } from '../embed/social-tags.ts';
import { preferredLanguage, textFor } from './languages.ts';
import { MANIFEST_NAME } from './manifest.ts';
import { contentSecurityPolicy, renderPage } from './page.ts';
import { RELAYING_PAGE, renderRelayingPage } from './relaying-page.ts';
import { notBuilt, SAFE_HEADERS, sendPage } from './send-page.ts';
import type { SiteFile, SiteFiles } from './site-files.ts';
import { iconName, stationFile, stylesName } from './station-files.ts';

export interface PageRoutes {
  /** The station's page, or a clear word why there is none. */
  page(c: Context<EdgeEnv>, station: LiveStation): Response;
  /** What relaying is, in plain words; `?station=ID&language=CODE`. */
  relaying(c: Context<EdgeEnv>): Response | Promise<Response>;
  /** A file of the build; null: there is none of that path. */
  asset(c: Context<EdgeEnv>): Promise<Response> | null;
}

export function createPageRoutes(edge: EdgeContext, files: SiteFiles): PageRoutes {
  return {
    page(c, station) {
      const html = files.index();
      if (html === null) return notBuilt(c);
      const publicUrl = edge.forwarding.publicUrl(c.env.incoming);
      const description = describeStation(station, publicUrl, edge.network, edge.ice, edge.now());
      const language = preferredLanguage(c.req.header('Accept-Language'));
      // No preview may lead to a frame that has not been built.
      const tags =
        files.page(FRAME_PAGE) === null
          ? ''
          : socialTags(
              { publicUrl, station: { ...description, description: wordsOf(station, language) } },
              stationPage(publicUrl, station, edge),
              pictureOf(publicUrl, files, station),
            );
      const page = renderPage(
        html,
        { station: description, settings: edge.page },
        { tags: tags + lookTags(station), language },
      );
      return sendPage(c, page, {
        'Content-Security-Policy': contentSecurityPolicy(description, {
          relaysMayCome: edge.network.relaysMayCome,
        }),
      });
    },
    relaying(c) {
      const html = files.page(RELAYING_PAGE);
      const asked = c.req.query('station');
      const station = edge.stations.find(({ id }) => id === asked) ?? edge.stations[0];
      if (station === undefined) return c.notFound();
      if (html === null) return notBuilt(c);
      const publicUrl = edge.forwarding.publicUrl(c.env.incoming);
      const page = renderRelayingPage(html, station, {
        home: stationPage(publicUrl, station, edge),
        language: preferredLanguage(c.req.query('language') ?? c.req.header('Accept-Language')),
        capKbps: edge.page.uploadCapKbps,
      });
      return sendPage(c, page, { 'Content-Security-Policy': READING_POLICY });
    },
    asset(c) {
      const file = files.find(c.req.path);
      if (file === null || c.req.path.endsWith('.html')) return null;
      return sendFile(c, file);
    },
  };
}

/** Nothing runs there. */
const READING_POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What it says of itself, in one text. */
const wordsOf = ({ description, page }: LiveStation, language: string): string =>
  description || (textFor(page.lead, language)?.text ?? '');

/** Its colours, its icon, and itself as an app. */
function lookTags({ id, page }: LiveStation): string {
  const icon = iconName(page);
  const file = (name: string): string => `.${stationFile(id, name)}`;
  return (
    `<link rel="stylesheet" href="${file(stylesName(page))}">` +
    `<link rel="manifest" href="${file(MANIFEST_NAME)}">` +
    (icon === null ? '' : `<link rel="icon" href="${file(icon)}" type="image/svg+xml">`) +
    '<link rel="apple-touch-icon" href="./icon-512.png">'
  );
}

/** Best first. */
const ENCODINGS = ['br', 'gzip'] as const;

async function sendFile(c: Context<EdgeEnv>, file: SiteFile): Promise<Response> {
  const headers = {
    ...SAFE_HEADERS,
    'Content-Type': file.contentType,
    'Cache-Control': file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    'Access-Control-Allow-Origin': '*',
    'Cross-Origin-Resource-Policy': 'cross-origin',
    ETag: file.etag,
    Vary: 'Accept-Encoding',
  };
  if (c.req.header('If-None-Match') === file.etag) return c.body(null, 304, headers);
  const accepted = c.req.header('Accept-Encoding') ?? '';
  const encoding = ENCODINGS.find((each) => new RegExp(`\\b${each}\\b`).test(accepted));
  const compressed = encoding === undefined ? null : file.compressed(encoding);
  if (encoding === undefined || compressed === null) return c.body(file.body, 200, headers);
  return c.body(await compressed, 200, { ...headers, 'Content-Encoding': encoding });
}
