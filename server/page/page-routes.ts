import type { Context } from 'hono';
import type { EdgeEnv } from '../edge/api.ts';
import type { EdgeContext } from '../edge/edge-context.ts';
import { describeStation } from '../edge/live-station.ts';
import type { LiveStation } from '../edge/live-station.ts';
import { FRAME_PAGE, pictureOf, stationPage } from '../embed/embed-routes.ts';
import { socialTags } from '../embed/social-tags.ts';
import { contentSecurityPolicy, renderPage } from './page.ts';
import type { SiteFile, SiteFiles } from './site-files.ts';

export interface PageRoutes {
  /** The station's page, or a clear word why there is none. */
  page(c: Context<EdgeEnv>, station: LiveStation): Response;
  /** A file of the build; null: there is none of that path. */
  asset(c: Context<EdgeEnv>): Promise<Response> | null;
}

const SAFE_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
};

export function createPageRoutes(edge: EdgeContext, files: SiteFiles): PageRoutes {
  return {
    page(c, station) {
      const html = files.index();
      if (html === null)
        return c.text(
          'The page has not been built yet. Run: npm run build\nThe API and the streams are there.\n',
          503,
          { 'Cache-Control': 'no-store', 'Retry-After': '10' },
        );
      const publicUrl = edge.forwarding.publicUrl(c.env.incoming);
      const description = describeStation(station, publicUrl, edge.network, edge.ice, edge.now());
      // No preview may lead to a frame that has not been built.
      const tags =
        files.page(FRAME_PAGE) === null
          ? ''
          : socialTags(
              { publicUrl, station: description },
              stationPage(publicUrl, station, edge),
              pictureOf(publicUrl, files),
            );
      return c.html(renderPage(html, { station: description, settings: edge.page }, tags), 200, {
        // It holds the live position, and credentials that run out.
        'Cache-Control': 'no-store',
        'Content-Security-Policy': contentSecurityPolicy(description, {
          relaysMayCome: edge.network.relaysMayCome,
        }),
        ...SAFE_HEADERS,
      });
    },
    asset(c) {
      const file = files.find(c.req.path);
      if (file === null || c.req.path.endsWith('.html')) return null;
      return sendFile(c, file);
    },
  };
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
