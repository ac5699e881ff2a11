import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { CORS_HEADERS } from '../edge/api.ts';
import type { EdgeEnv } from '../edge/api.ts';
import type { EdgeContext } from '../edge/edge-context.ts';
import type { LiveStation } from '../edge/live-station.ts';
import { HlsMount } from './hls-mount.ts';
import type { HlsFault } from './hls-mount.ts';
import { multivariantPlaylist } from './media-playlist.ts';

const PLAYLIST_HEADERS = {
  ...CORS_HEADERS,
  'Content-Type': 'application/vnd.apple.mpegurl',
  'Cache-Control': 'public, max-age=1',
};
/** A second's worth of headroom over the measured rate: a player must not choose what it cannot keep up with. */
const BANDWIDTH_FACTOR = 1.2;

/**
 * HLS, for phones with a locked screen and everything else that has it built in: `/hls/live.mp3/live.m3u8` for one
 * mount, `/hls/STATION/live.m3u8` for all of a station's.
 */
export function addHlsRoutes(app: OpenAPIHono<EdgeEnv>, edge: EdgeContext): void {
  const mounts = new Map<string, HlsMount>();
  for (const station of edge.stations)
    for (const mount of station.mounts) mounts.set(mount.path.slice(1), new HlsMount(mount, station.name));

  app.get('/hls/:name/live.m3u8', (c) => {
    const name = c.req.param('name');
    const hls = mounts.get(name);
    if (hls !== undefined) return answerPlaylist(c, edge, hls);
    const station = edge.stations.find(({ id }) => id === name);
    return station === undefined
      ? refuse(c, 404, 'There is no mount or station of this name.')
      : answerStation(c, station, mounts);
  });
  app.get('/hls/:name/:file', async (c) => {
    const hls = mounts.get(c.req.param('name'));
    const file = (await hls?.file(c.req.param('file'))) ?? null;
    if (hls === undefined || file === null) return refuse(c, 404, 'There is no such segment, or no more.');
    edge.egress.add(hls.mount.id, 'fallback', file.body.length);
    return c.body(new Uint8Array(file.body), 200, {
      ...CORS_HEADERS,
      'Content-Type': file.contentType,
      'Cache-Control': 'public, max-age=60, immutable',
    });
  });
}

function answerPlaylist(c: Context<EdgeEnv>, edge: EdgeContext, hls: HlsMount): Response {
  const playlist = hls.playlist();
  if (typeof playlist !== 'string') return refuseFault(c, playlist, hls.mount.path);
  const address = edge.forwarding.clientAddress(c.env.incoming);
  const userAgent = c.req.header('user-agent') ?? '';
  const isNew = !edge.hlsAudience.hears(hls.mount.id, address, userAgent);
  const full = isNew ? edge.room.whyNot(hls.mount, 1) : null;
  if (full !== null) return refuse(c, 503, `${full}.`);
  if (!edge.hlsAudience.seen(hls.mount.id, address, userAgent))
    return refuse(c, 403, 'The administrator has sent you away.');
  return c.body(playlist, 200, PLAYLIST_HEADERS);
}

function answerStation(
  c: Context<EdgeEnv>,
  station: LiveStation,
  mounts: ReadonlyMap<string, HlsMount>,
): Response {
  const all = station.mounts.flatMap((mount) => mounts.get(mount.path.slice(1)) ?? []);
  const variants = all.flatMap((hls) => {
    const { codecs, mount } = hls;
    if (codecs === null || typeof hls.playlist() !== 'string') return [];
    const bandwidth = Math.ceil(mount.bitrateKbps * 1000 * BANDWIDTH_FACTOR);
    return [{ uri: `..${mount.path}/live.m3u8`, bandwidth, codecs }];
  });
  const [first] = all;
  const fault = first?.playlist();
  if (variants.length === 0 && first !== undefined && fault !== undefined && typeof fault !== 'string')
    return refuseFault(c, fault, first.mount.path);
  return c.body(multivariantPlaylist(variants), 200, PLAYLIST_HEADERS);
}

function refuseFault(c: Context<EdgeEnv>, fault: HlsFault, path: string): Response {
  if (fault.fault === 'not-yet') return refuse(c, 503, 'There is no sound yet; try again in a moment.');
  return refuse(c, 404, `HLS does not carry ${fault.codec}. The plain stream is at ${path}.`);
}

function refuse(c: Context<EdgeEnv>, status: 403 | 404 | 503, text: string): Response {
  return c.text(`${text}\n`, status, {
    ...CORS_HEADERS,
    'Cache-Control': 'no-store',
    ...(status === 503 ? { 'Retry-After': '2' } : {}),
  });
}
