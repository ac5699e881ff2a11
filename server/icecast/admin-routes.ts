import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { EdgeEnv } from '../edge/api.ts';
import type { EdgeContext } from '../edge/edge-context.ts';
import type { SourceDesk } from '../source-client/source-desk.ts';
import type { LiveMount } from '../station/live-mount.ts';
import { namelessAddress } from './audience.ts';
import { contentTypeOf, soundingMounts, soundSince, stats } from './stats.ts';
import { elements, reportXml, sourceXml, statsXml, xmlDocument } from './stats-text.ts';

/**
 * Icecast's administration over HTTP, for panels that know it. A relay has none: nobody has given it a password.
 * `/admin/metadata` is the source clients' and stands with them.
 */
export function addAdminRoutes(app: OpenAPIHono<EdgeEnv>, edge: EdgeContext): void {
  const { sourceDesk } = edge;
  if (sourceDesk === null) return;
  const startedAt = edge.now();
  const orders: Readonly<Record<string, (c: Context<EdgeEnv>) => Response>> = {
    stats: (c) => statistics(c, edge, startedAt),
    listmounts: (c) => listMounts(c, edge),
    listclients: (c) => onMount(c, edge, (mount) => listClients(c, edge, mount)),
    killclient: (c) => onMount(c, edge, (mount) => killClient(c, edge, mount)),
    killsource: (c) => onMount(c, edge, (mount) => killSource(c, edge, sourceDesk, mount)),
  };
  for (const [name, order] of Object.entries(orders))
    for (const path of [`/admin/${name}`, `/admin/${name}.xml`, `/admin/${name}.xsl`])
      app.get(path, async (c) => (await refuse(c, edge, sourceDesk)) ?? order(c));
}

/** Null: it is the administrator. */
async function refuse(c: Context<EdgeEnv>, edge: EdgeContext, desk: SourceDesk): Promise<Response | null> {
  const address = edge.forwarding.clientAddress(c.env.incoming);
  const verdict = await desk.access.admin(c.req.header('authorization'), address);
  if (verdict.type === 'granted') return null;
  if (verdict.type !== 'missing')
    edge.log.warn({ path: c.req.path, address, reason: verdict.type }, 'administration refused');
  if (verdict.type === 'throttled') return failure(c, 429, 'Too many wrong passwords');
  return c.text('You need to authenticate\r\n', 401, {
    ...NO_CACHE,
    'WWW-Authenticate': 'Basic realm="Icecast2 Server"',
  });
}

function statistics(
  c: Context<EdgeEnv>,
  edge: EdgeContext,
  startedAt: ReturnType<EdgeContext['now']>,
): Response {
  const only = c.req.query('mount') ?? null;
  if (only !== null && find(edge, only) === null) return failure(c, 400, 'Source does not exist');
  return xml(c, statsXml(stats(edge, startedAt, edge.forwarding.publicUrl(c.env.incoming), only)));
}

function listMounts(c: Context<EdgeEnv>, edge: EdgeContext): Response {
  const mounts = soundingMounts(edge).map(({ mount }) =>
    sourceXml(
      mount.path,
      elements([
        ['fallback', ''],
        ['listeners', edge.audience.count(mount.id)],
        ['Connected', Math.max(0, Math.round((edge.now() - soundSince(mount)) / 1000))],
        ['content-type', contentTypeOf(mount)],
      ]),
    ),
  );
  return xml(c, xmlDocument(mounts.join('')));
}

function listClients(c: Context<EdgeEnv>, edge: EdgeContext, mount: LiveMount): Response {
  const hearers = edge.audience.of(mount.id);
  const now = edge.now();
  const listed = hearers.map(
    ({ id, address, userAgent, connectedAt }) =>
      `<listener>${elements([
        ['IP', address || namelessAddress(id)],
        ['UserAgent', userAgent],
        ['Connected', Math.max(0, Math.round((now - connectedAt) / 1000))],
        ['ID', id],
      ])}</listener>`,
  );
  // Both spellings are about: Icecast 2.4 writes the first, later ones and its readers the second.
  const counts = elements([
    ['Listeners', hearers.length],
    ['listeners', hearers.length],
  ]);
  return xml(c, xmlDocument(sourceXml(mount.path, counts + listed.join(''))));
}

function killClient(c: Context<EdgeEnv>, edge: EdgeContext, mount: LiveMount): Response {
  const text = c.req.query('id');
  if (text === undefined) return failure(c, 400, 'Missing parameter');
  const id = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  const isDone = edge.audience.close(mount.id, id);
  edge.log.info({ mount: mount.path, id, isDone }, 'the administrator removes a listener');
  return xml(c, reportXml(isDone ? `Client ${id} removed` : `Client ${id} not found`, isDone));
}

/** A pulled source would be back at once, so only source clients can be sent away. */
function killSource(c: Context<EdgeEnv>, edge: EdgeContext, desk: SourceDesk, mount: LiveMount): Response {
  const source = desk.liveSources.get(mount.path);
  if (source === null)
    return xml(c, reportXml('No source client is connected: the mount plays what it pulls', false));
  source.kick('removed by the administrator');
  edge.log.info({ mount: mount.path }, 'the administrator removes the source');
  return xml(c, reportXml('Source Removed', true));
}

function onMount(c: Context<EdgeEnv>, edge: EdgeContext, act: (mount: LiveMount) => Response): Response {
  const path = c.req.query('mount');
  if (path === undefined) return failure(c, 400, 'Unknown admin request');
  const mount = find(edge, path);
  return mount === null ? failure(c, 400, 'Source does not exist') : act(mount);
}

const find = (edge: EdgeContext, path: string): LiveMount | null =>
  soundingMounts(edge).find(({ mount }) => mount.path === path)?.mount ?? null;

const NO_CACHE = {
  'Cache-Control': 'no-cache, no-store',
  Expires: 'Mon, 26 Jul 1997 05:00:00 GMT',
  Pragma: 'no-cache',
};

const xml = (c: Context<EdgeEnv>, text: string): Response =>
  c.body(text, 200, { ...NO_CACHE, 'Content-Type': 'text/xml; charset=utf-8' });

const failure = (c: Context<EdgeEnv>, status: 400 | 429, message: string): Response =>
  c.body(
    `<html><head><title>Error ${status}</title></head><body><b>${status} - ${message}</b></body></html>\r\n`,
    status,
    { ...NO_CACHE, 'Content-Type': 'text/html; charset=utf-8' },
  );
