import type { OpenAPIHono } from '@hono/zod-openapi';
import type { EdgeEnv } from '../edge/api.ts';
import type { EdgeContext } from '../edge/edge-context.ts';
import { ARTWORK_NAME } from '../../shared/station/artwork-address.ts';
import { preferredLanguage } from './languages.ts';
import { MANIFEST_NAME, webManifest } from './manifest.ts';
import { SAFE_HEADERS } from './send-page.ts';
import { findStationFile, STATIONS_PATH } from './station-files.ts';

/**
 * A picture or a style sheet runs nothing and loads nothing, whoever opens it by itself: an SVG may hold a script. Its
 * own styles and pictures within it are its look.
 */
const FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";

/** `/stations/ID/…`: a station's logo, colours and icon, the artwork of what plays, and its page as an app to install. */
export function addStationRoutes(app: OpenAPIHono<EdgeEnv>, edge: EdgeContext): void {
  for (const [index, station] of edge.stations.entries()) {
    const folder = `${STATIONS_PATH}/${station.id}`;
    app.get(`${folder}/${MANIFEST_NAME}`, (c) => {
      const language = preferredLanguage(c.req.header('Accept-Language'));
      return c.body(JSON.stringify(webManifest(station, index === 0, language)), 200, {
        ...SAFE_HEADERS,
        'Content-Type': 'application/manifest+json',
        'Cache-Control': 'no-cache',
        Vary: 'Accept-Language',
      });
    });
    app.get(`${folder}/${ARTWORK_NAME}`, async (c) => {
      const picture = await edge.nowPlaying?.artwork(station.id, c.req.query('of') ?? '');
      if (picture === undefined || picture === null) return c.notFound();
      return c.body(picture.body, 200, {
        ...SAFE_HEADERS,
        'Content-Type': picture.contentType,
        'Content-Security-Policy': FILE_POLICY,
        'Cache-Control': 'public, max-age=86400',
      });
    });
    app.get(`${folder}/:name`, (c) => {
      const file = findStationFile(station, c.req.param('name'));
      if (file === null) return c.notFound();
      return c.body(file.body, 200, {
        ...SAFE_HEADERS,
        'Content-Type': file.contentType,
        'Content-Security-Policy': FILE_POLICY,
        // Its name holds a hash of what is in it.
        'Cache-Control': 'public, max-age=31536000, immutable',
        'Access-Control-Allow-Origin': '*',
        'Cross-Origin-Resource-Policy': 'cross-origin',
      });
    });
  }
}
