import type { OpenAPIHono } from '@hono/zod-openapi';
import { RELAYING_PATH } from '../../shared/station/relaying-address.ts';
import { errorText } from '../error.ts';
import { answerEmbedding } from '../embed/embed-routes.ts';
import { createPageRoutes } from '../page/page-routes.ts';
import { siteFiles } from '../page/site-files.ts';
import { addStationRoutes } from '../page/station-routes.ts';
import { addMetadataRoutes } from '../source-client/metadata-routes.ts';
import { createApi } from './api.ts';
import type { EdgeEnv } from './api.ts';
import type { EdgeContext } from './edge-context.ts';
import { addHlsRoutes } from '../hls/hls-routes.ts';
import { addWebhookRoutes } from '../now-playing/webhook-routes.ts';
import { addAdminRoutes } from '../icecast/admin-routes.ts';
import { addStatusRoutes } from '../icecast/status-routes.ts';
import { addMountRoutes, addShoutcastRoutes } from '../icecast/routes.ts';

/** Adds what only this kind of server answers. */
export type AddRoutes = (app: OpenAPIHono<EdgeEnv>) => void;

/** All of the server's HTTP: the API, each mount at its own address, each station's page, the page's files. */
export function createEdge(edge: EdgeContext, addRoutes: AddRoutes = () => undefined): OpenAPIHono<EdgeEnv> {
  const app = createApi(edge);
  addRoutes(app);
  const files = siteFiles(edge.pageFolder);
  const pages = createPageRoutes(edge, files);
  const [first] = edge.stations;

  addMountRoutes(app, edge);
  addStatusRoutes(app, edge);
  addHlsRoutes(app, edge);
  addWebhookRoutes(app, edge);
  addAdminRoutes(app, edge);
  for (const station of edge.stations) app.get(`/${station.id}`, (c) => pages.page(c, station));
  addStationRoutes(app, edge);
  app.get(RELAYING_PATH, (c) => pages.relaying(c));
  answerEmbedding(app, edge, files);
  addMetadataRoutes(app, edge);
  if (first !== undefined) app.get('/', (c) => pages.page(c, first));
  // After the mounts and pages, which may have these addresses.
  addShoutcastRoutes(app, edge);
  app.get('*', (c) => pages.asset(c) ?? c.notFound());

  app.notFound((c) =>
    c.req.path.startsWith('/api/')
      ? c.json({ error: `There is nothing at ${c.req.path}` }, 404, { 'Cache-Control': 'no-store' })
      : c.text('There is nothing at this address.\n', 404),
  );
  app.onError((error, c) => {
    edge.log.error({ path: c.req.path, error: errorText(error) }, 'a request failed');
    return c.json({ error: 'Something went wrong here' }, 500, { 'Cache-Control': 'no-store' });
  });
  return app;
}
