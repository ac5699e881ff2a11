import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { OpenAPIHono } from '@hono/zod-openapi';
import { chunkStripe } from '../../shared/chunk/chunk.ts';
import { STRIPE_COUNT } from '../../shared/units.ts';
import type { MountId } from '../../shared/units.ts';
import type { LiveMount } from '../station/live-mount.ts';
import * as routes from './api-routes.ts';
import { framedChunk } from './chunk-bodies.ts';
import type { EdgeContext } from './edge-context.ts';
import { health } from './health.ts';
import { describeStation } from './live-station.ts';
import type { LiveStation } from './live-station.ts';
import { createMetrics } from './metrics.ts';
import { statistics } from './statistics.ts';
import { answerUploadTest } from './upload-test.ts';

export type EdgeEnv = { Bindings: HttpBindings };

/** Pages of other sites may read everything, these headers too. */
export const CORS_HEADERS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Content-Length, Content-Type, ETag, Retry-After',
};
/** By way of which relays the stream has come: their keys, the origin's end first. Only told to relays. */
export const PATH_HEADER = 'Essaim-Path';
const NO_STORE = { 'Cache-Control': 'no-store' };
const CHUNKS = { 'Content-Type': 'application/octet-stream' };
/** A chunk's bytes never change, whoever keeps them. */
const IMMUTABLE = { 'Cache-Control': 'public, max-age=31536000, immutable' };

/** Everything under `/api`, `/healthz` and `/metrics`. */
export function createApi(edge: EdgeContext): OpenAPIHono<EdgeEnv> {
  const mounts = new Map(
    edge.stations.flatMap((station) => station.mounts).map((mount) => [mount.id, mount]),
  );
  const startedAt = edge.now();
  const app = new OpenAPIHono<EdgeEnv>({
    defaultHook: (result, c) => {
      if (result.success) return undefined;
      const [issue] = result.error.issues;
      const field = issue?.path.map(String).join('.') ?? '';
      return c.json({ error: `Cannot read ${field}: ${issue?.message ?? 'malformed'}` }, 400, NO_STORE);
    },
  });
  allowAllOrigins(app);
  refuseOtherSites(app, edge);
  answerStations(app, edge);
  answerMounts(app, edge, mounts);
  answerUploadTest(app, edge);
  answerStatus(app, edge, startedAt);
  app.doc31('/api/openapi.json', (c) => ({
    openapi: '3.1.0',
    info: {
      title: 'Essaim edge',
      version: '1',
      description: 'Signed chunks of live sound, and what is to be known of them.',
    },
    servers: [{ url: edge.forwarding.publicUrl(c.env.incoming) }],
  }));
  return app;
}

/**
 * Everything here is public. By hand, as `hono/cors` touches the response in a way that hides from the Node adapter
 * that a stream has been answered already.
 */
function allowAllOrigins(app: OpenAPIHono<EdgeEnv>): void {
  app.use('/api/*', async (c, next) => {
    for (const [name, value] of Object.entries(CORS_HEADERS)) c.header(name, value);
    if (c.req.method !== 'OPTIONS') return next();
    c.header('Access-Control-Allow-Methods', 'GET, HEAD');
    c.header('Access-Control-Allow-Headers', c.req.header('Access-Control-Request-Headers') ?? '*');
    c.header('Access-Control-Max-Age', '86400');
    return c.body(null, 204);
  });
}

/** What sound needs is refused to pages of sites that are not listed; in words that their page may read and show. */
function refuseOtherSites(app: OpenAPIHono<EdgeEnv>, edge: EdgeContext): void {
  for (const path of ['/api/stations/*', '/api/mounts/*'])
    app.use(path, async (c, next) => {
      const { incoming } = c.env;
      if (edge.sites.admits(incoming, edge.forwarding.publicUrl(incoming))) return next();
      const error = `Cannot play on a site that the station has not listed: current value is ${c.req.header('Origin')}`;
      return c.json({ error }, 403, { ...NO_STORE, Vary: 'Origin' });
    });
}

function answerStations(app: OpenAPIHono<EdgeEnv>, edge: EdgeContext): void {
  const describe = (station: LiveStation, env: HttpBindings): ReturnType<typeof describeStation> =>
    describeStation(station, edge.forwarding.publicUrl(env.incoming), edge.network, edge.ice, edge.now());

  app.openapi(routes.stationsRoute, (c) =>
    c.json({ stations: edge.stations.map((station) => describe(station, c.env)) }, 200, NO_STORE),
  );
  app.openapi(routes.stationRoute, (c) => {
    const { station: id } = c.req.valid('param');
    const station = edge.stations.find((candidate) => candidate.id === id);
    if (station === undefined) return c.json({ error: `There is no station ${id} here` }, 404, NO_STORE);
    return c.json(describe(station, c.env), 200, NO_STORE);
  });
}

function answerMounts(
  app: OpenAPIHono<EdgeEnv>,
  edge: EdgeContext,
  mounts: ReadonlyMap<MountId, LiveMount>,
): void {
  app.openapi(routes.mountRoute, (c) => {
    const { mountId } = c.req.valid('param');
    const mount = mounts.get(mountId);
    if (mount === undefined) return c.json(noMount(mountId), 404, NO_STORE);
    return c.json(mount.description(), 200, NO_STORE);
  });

  app.openapi(routes.burstRoute, (c) => {
    const { mountId } = c.req.valid('param');
    const mount = mounts.get(mountId);
    if (mount === undefined) return c.json(noMount(mountId), 404, NO_STORE);
    const full = edge.room.whyNot(mount, 0);
    if (full !== null) return c.json({ error: full }, 503, { ...NO_STORE, 'Retry-After': '5' });
    const chunks = mount.window.burst(c.req.valid('query').seconds * 1000);
    const body = Buffer.concat(chunks.map(framedChunk));
    edge.egress.add(mountId, 'burst', body.length);
    return c.body(body, 200, { ...NO_STORE, ...CHUNKS });
  });

  app.openapi(routes.chunkRoute, (c) => {
    const { mountId, epoch, sequence } = c.req.valid('param');
    const mount = mounts.get(mountId);
    if (mount === undefined) return c.json(noMount(mountId), 404, NO_STORE);
    const found = mount.window.lookUp(epoch, sequence);
    const name = `Chunk ${epoch}.${sequence}`;
    if (found.state === 'future') return c.json({ error: `${name} is not made yet` }, 404, NO_STORE);
    if (found.state === 'gone') return c.json({ error: `${name} has left the window` }, 410, NO_STORE);
    edge.egress.add(mountId, 'repair', found.chunk.wire.length);
    return c.body(Uint8Array.from(found.chunk.wire), 200, { ...IMMUTABLE, ...CHUNKS });
  });

  app.openapi(routes.streamRoute, (c) => {
    const { mountId } = c.req.valid('param');
    const mount = mounts.get(mountId);
    if (mount === undefined) return c.json(noMount(mountId), 404, NO_STORE);
    const { stripes, cause, relay, from } = c.req.valid('query');
    const share = stripes === undefined ? 1 : stripes.size / STRIPE_COUNT;
    const full = edge.room.whyNot(mount, share);
    if (full !== null) return c.json({ error: full }, 503, { ...NO_STORE, 'Retry-After': '5' });
    const admission = cause === 'relay' ? edge.network.admit(mountId, relay ?? null) : null;
    if (admission?.admitted === false)
      return c.json({ error: admission.reason }, admission.status, { ...NO_STORE, 'Retry-After': '5' });
    const path = admission === null ? {} : { [PATH_HEADER]: admission.path.join(',') };
    const headers = { ...NO_STORE, ...CHUNKS, ...STREAM_HEADERS, ...path };
    if (c.env.incoming.method === 'HEAD') return c.body(null, 200, headers);
    const isOpen = edge.streams.open(c.env.outgoing, mount, {
      cause,
      share,
      headers,
      initial: from === undefined ? [] : mount.window.from(from.epoch, from.sequence),
      wants: (chunk) => stripes === undefined || stripes.has(chunkStripe(chunk)),
      encode: framedChunk,
    });
    if (!isOpen)
      return c.json({ error: 'Too many streams are open' }, 503, { ...NO_STORE, 'Retry-After': '5' });
    return RESPONSE_ALREADY_SENT;
  });
}

const noMount = (id: MountId): { error: string } => ({ error: `There is no mount ${id} here` });

/** A stream's headers go past Hono. */
export const STREAM_HEADERS = {
  ...CORS_HEADERS,
  // nginx would otherwise gather several seconds of sound before passing any on.
  'X-Accel-Buffering': 'no',
};

function answerStatus(app: OpenAPIHono<EdgeEnv>, edge: EdgeContext, startedAt: number): void {
  const metrics = createMetrics(edge);
  app.openapi(routes.statisticsRoute, (c) =>
    c.json(statistics(edge, Math.max(0, edge.now() - startedAt) / 1000), 200, NO_STORE),
  );
  app.openapi(routes.healthRoute, (c) => {
    const state = health(edge);
    return state.status === 'down' ? c.json(state, 503, NO_STORE) : c.json(state, 200, NO_STORE);
  });
  app.get('/metrics', async (c) =>
    c.body(await metrics.metrics(), 200, { ...NO_STORE, 'Content-Type': metrics.contentType }),
  );
}
