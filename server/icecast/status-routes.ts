import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { EdgeEnv } from '../edge/api.ts';
import type { EdgeContext } from '../edge/edge-context.ts';
import { xmlText } from './playlists.ts';
import { stats } from './stats.ts';
import { sevenLine, statusJson } from './stats-text.ts';

/** For everybody, on any page, and never kept: the figures are of now. */
const OPEN = {
  'Cache-Control': 'no-cache, no-store',
  Expires: 'Mon, 26 Jul 1997 05:00:00 GMT',
  Pragma: 'no-cache',
  'Access-Control-Allow-Origin': '*',
};

/** What directories, widgets and panels of the old world poll: Icecast's status and Shoutcast's seven figures. */
export function addStatusRoutes(app: OpenAPIHono<EdgeEnv>, edge: EdgeContext): void {
  const startedAt = edge.now();
  const figures = (c: Context<EdgeEnv>): ReturnType<typeof stats> =>
    stats(edge, startedAt, edge.forwarding.publicUrl(c.env.incoming), c.req.query('mount') ?? null);

  app.get('/status-json.xsl', (c) =>
    c.body(statusJson(figures(c)), 200, { ...OPEN, 'Content-Type': 'application/json; charset=UTF-8' }),
  );
  for (const path of ['/7.xsl', '/7.html'])
    app.get(path, (c) =>
      c.html(
        `<html><head><meta http-equiv="Pragma" content="no-cache"></head><body>${xmlText(sevenLine(figures(c)))}</body></html>`,
        200,
        OPEN,
      ),
    );
}
