import { createRoute, z } from '@hono/zod-openapi';
import * as schemas from './api-schemas.ts';
import { oembedQuery, oembedSchema } from '../embed/oembed.ts';
import { healthSchema } from './health.ts';
import { statisticsSchema } from './statistics.ts';

/** The API as OpenAPI tells of it; `api.ts` answers. */

const answer = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});
const problem = (description: string) => answer(schemas.errorSchema, description);

const framed = (description: string) => ({
  description: `${description} Each chunk is preceded by its length: four bytes, big-endian.`,
  content: { 'application/octet-stream': { schema: BINARY } },
});
const BINARY = z.unknown().openapi({ type: 'string', format: 'binary' });

const MALFORMED = { 400: problem('A parameter is not what it must be; the text names it.') };
const NO_MOUNT = { 404: problem('No such mount.') };

export const stationsRoute = createRoute({
  method: 'get',
  path: '/api/stations',
  summary: 'All stations of this server',
  responses: { 200: answer(schemas.stationsSchema, 'The stations.') },
});

export const stationRoute = createRoute({
  method: 'get',
  path: '/api/stations/{station}',
  summary: 'One station: its mounts, edges, trackers and ICE servers',
  request: { params: schemas.stationParams },
  responses: {
    200: answer(schemas.stationSchema, 'The station.'),
    ...MALFORMED,
    404: problem('No such station.'),
  },
});

export const playerRoute = createRoute({
  method: 'get',
  path: '/api/stations/{station}/player',
  summary:
    'All that an embedded player needs: the station, the settings of playback, the address of its page',
  request: { params: schemas.stationParams },
  responses: {
    200: answer(schemas.playerSchema, 'The station and the settings.'),
    ...MALFORMED,
    403: problem('The operator has not listed the site that asks.'),
    404: problem('No such station.'),
  },
});

export const mountRoute = createRoute({
  method: 'get',
  path: '/api/mounts/{mountId}',
  summary: 'One mount: codec, bit rate, live position, title',
  request: { params: schemas.mountParams },
  responses: { 200: answer(schemas.mountSchema, 'The mount.'), ...MALFORMED, ...NO_MOUNT },
});

export const burstRoute = createRoute({
  method: 'get',
  path: '/api/mounts/{mountId}/burst',
  summary: 'The newest seconds of sound in one response',
  request: { params: schemas.mountParams, query: schemas.burstQuery },
  responses: {
    200: framed('Chunks, oldest first; none while the window is empty.'),
    ...MALFORMED,
    ...NO_MOUNT,
    503: problem('This relay gives all that it may.'),
  },
});

export const chunkRoute = createRoute({
  method: 'get',
  path: '/api/mounts/{mountId}/chunks/{epoch}/{sequence}',
  summary: 'One chunk, which never changes',
  request: { params: schemas.chunkParams },
  responses: {
    200: {
      description: 'The chunk, alone, without a length before it.',
      content: { 'application/octet-stream': { schema: BINARY } },
    },
    ...MALFORMED,
    404: problem('No such mount, or the chunk is not made yet.'),
    410: problem('The chunk has left the window, or never was.'),
  },
});

export const streamRoute = createRoute({
  method: 'get',
  path: '/api/mounts/{mountId}/stream',
  summary: 'Chunks as they are made, without end',
  description:
    '`stripes`: only these (default: all). `from`: begin with this chunk if the window holds it, so that a burst ' +
    'and a stream join without a gap. A client that falls too far behind is dropped.',
  request: { params: schemas.mountParams, query: schemas.streamQuery },
  responses: {
    200: framed('Chunks, in order.'),
    ...MALFORMED,
    ...NO_MOUNT,
    403: problem('The station does not take this relay.'),
    503: problem('Too many streams are open, there is no sound to relay, or this server is about to stop.'),
    508: problem('The sound here comes from the relay that asks.'),
  },
});

export const statisticsRoute = createRoute({
  method: 'get',
  path: '/api/statistics',
  summary: 'Listeners, bytes sent by cause, copies and offload per mount',
  responses: { 200: answer(statisticsSchema, 'The figures.') },
});

export const oembedRoute = createRoute({
  method: 'get',
  path: '/oembed',
  summary: 'How to show a station as a player, for the address of its page (oEmbed 1.0)',
  request: { query: oembedQuery },
  responses: {
    200: answer(oembedSchema, 'A framed player.'),
    ...MALFORMED,
    404: problem('No station has this address.'),
    501: problem('Only JSON is spoken.'),
  },
});

export const healthRoute = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'Whether there is sound, and what is missing',
  responses: {
    200: answer(healthSchema, 'There is sound on at least one mount.'),
    503: answer(healthSchema, 'No mount has sound.'),
  },
});
