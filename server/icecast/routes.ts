import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { EdgeEnv } from '../edge/api.ts';
import type { EdgeContext } from '../edge/edge-context.ts';
import type { LiveStation } from '../edge/live-station.ts';
import type { LiveMount } from '../station/live-mount.ts';
import { answerMount } from './mount-answer.ts';
import { PREFLIGHT_HEADERS } from './player-headers.ts';
import { playlist, PLAYLIST_KINDS } from './playlists.ts';
import type { PlaylistKind } from './playlists.ts';

interface StationMount {
  readonly station: LiveStation;
  readonly mount: LiveMount;
}

/** Each mount at its own address, and where players of the old kind look for it. */
export function addMountRoutes(app: OpenAPIHono<EdgeEnv>, edge: EdgeContext): void {
  const all = mountsOf(edge);
  for (const { station, mount } of all) {
    app.get(mount.path, (c) => answerMount(c, edge, station, mount));
    app.options(mount.path, (c) => c.body(null, 204, PREFLIGHT_HEADERS));
  }
  for (const one of all)
    for (const kind of PLAYLIST_KINDS)
      app.get(`${one.mount.path}.${kind}`, (c) => answerPlaylist(c, edge, one, kind));
}

/** Shoutcast's addresses, which name no mount but count them: the first one, or `sid`, or `/stream/2`. */
export function addShoutcastRoutes(app: OpenAPIHono<EdgeEnv>, edge: EdgeContext): void {
  const all = mountsOf(edge);
  const numbered = (text = '1'): StationMount | null =>
    all[/^\d{1,3}$/.test(text) ? Number(text) - 1 : -1] ?? null;
  const answer = (c: Context<EdgeEnv>, text: string | undefined): Response | Promise<Response> => {
    const one = numbered(text);
    return one === null ? c.notFound() : answerMount(c, edge, one.station, one.mount);
  };
  app.get('/:old{;.*}', (c) => answer(c, c.req.query('sid')));
  app.get('/stream', (c) => answer(c, c.req.query('sid')));
  for (const path of ['/stream/:number', '/stream/:number/'] as const)
    app.get(path, (c) => answer(c, c.req.param('number')));
  for (const kind of PLAYLIST_KINDS)
    app.get(`/listen.${kind}`, (c) => {
      const one = numbered(c.req.query('sid'));
      return one === null ? c.notFound() : answerPlaylist(c, edge, one, kind);
    });
}

const mountsOf = (edge: EdgeContext): readonly StationMount[] =>
  edge.stations.flatMap((station) => station.mounts.map((mount) => ({ station, mount })));

function answerPlaylist(
  c: Context<EdgeEnv>,
  edge: EdgeContext,
  { station, mount }: StationMount,
  kind: PlaylistKind,
): Response {
  // As it was asked, and not by https where that was not: many radios know no TLS.
  const url = `${edge.forwarding.requestedUrl(c.env.incoming)}${mount.path}`;
  const { contentType, body } = playlist(kind, url, station.name);
  return c.body(body, 200, {
    'Content-Type': contentType,
    'Content-Disposition': `attachment; filename="listen.${kind}"`,
    'Cache-Control': 'no-cache',
    'Access-Control-Allow-Origin': '*',
  });
}
