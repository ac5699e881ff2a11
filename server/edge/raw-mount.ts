import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import type { LiveMount } from '../station/live-mount.ts';
import { STREAM_HEADERS } from './api.ts';
import type { EdgeEnv } from './api.ts';
import type { EdgeContext } from './edge-context.ts';
import { rawFormat } from './raw-format.ts';

/** A player's buffer fills at once with this much sound, so that it starts at once. */
export const RAW_BURST_MS = 4000;

/** The bare stream at the mount's own address, for players that know nothing of chunks. */
export function rawMount(c: Context<EdgeEnv>, edge: EdgeContext, mount: LiveMount): Response {
  const { codec } = mount.description();
  const { newest } = mount.window;
  const notYet = { 'Cache-Control': 'no-store', 'Retry-After': '5', 'Access-Control-Allow-Origin': '*' };
  if (codec === null) return c.text('There is no sound yet; try again in a moment.\n', 503, notYet);
  const format = rawFormat(codec);
  const headers = {
    'Content-Type': format.contentType,
    'Cache-Control': 'no-store',
    'Accept-Ranges': 'none',
    ...STREAM_HEADERS,
  };
  if (c.env.incoming.method === 'HEAD') return c.body(null, 200, headers);
  const initial = mount.window
    .burst(RAW_BURST_MS)
    .filter(
      ({ header }) =>
        header.codec === codec.codec && (!format.isOneEpoch || header.epoch === newest?.header.epoch),
    );
  const isOpen = edge.streams.open(c.env.outgoing, mount, {
    kind: 'raw',
    cause: 'fallback',
    headers,
    preamble: format.preamble(initial[0] ?? null),
    initial,
    wants: () => true,
    continues: (chunk) => format.continues(chunk),
    encode: (chunk) => format.encode(chunk),
  });
  return isOpen ? RESPONSE_ALREADY_SENT : c.text('Too many streams are open.\n', 503, notYet);
}
