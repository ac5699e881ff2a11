import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { EdgeEnv } from '../edge/api.ts';
import type { Forwarding } from '../edge/forwarding.ts';
import type { AccessDesk } from '../source-client/access-desk.ts';
import type { RelayDesk } from './relay-desk.ts';
import { THANKS_HEADERS } from './thanks.ts';
import { keySchema } from './relay-schemas.ts';
import type { RelayEntry } from './relay-register.ts';

const NO_STORE = { 'Cache-Control': 'no-store' };

/**
 * What is told of relays: to everybody the thanks to those that want to be named (`GET /api/relays`), to the
 * administrator all of them, and how to be rid of one (`GET /admin/relays`, `POST /admin/relays/KEY/ban`).
 */
export function addRelayRoutes(
  app: OpenAPIHono<EdgeEnv>,
  desk: RelayDesk,
  access: AccessDesk,
  forwarding: Forwarding,
): void {
  app.get('/api/relays', (c) => c.json({ relays: desk.thanks() }, 200, THANKS_HEADERS));
  const refuse = async (c: Context<EdgeEnv>): Promise<Response | null> => {
    const address = forwarding.clientAddress(c.env.incoming);
    const verdict = await access.admin(c.req.header('authorization'), address);
    if (verdict.type === 'granted') return null;
    return c.json({ error: 'The administrator only' }, 401, {
      ...NO_STORE,
      'WWW-Authenticate': 'Basic realm="Essaim"',
    });
  };
  app.get('/admin/relays', async (c) => {
    const refusal = await refuse(c);
    return refusal ?? c.json({ relays: desk.relays.map((entry) => shown(entry, desk)) }, 200, NO_STORE);
  });
  app.post('/admin/relays/:key/ban', async (c) => {
    const refusal = await refuse(c);
    if (refusal !== null) return refusal;
    const key = keySchema.safeParse(c.req.param('key'));
    if (!key.success) return c.json({ error: "Cannot read the relay's key" }, 400, NO_STORE);
    desk.ban(key.data);
    return c.json({ banned: key.data, hint: 'For good: relays.banned in the configuration' }, 200, NO_STORE);
  });
}

const shown = (entry: RelayEntry, desk: RelayDesk): object => {
  const { relayKey, stationId, nickname, publicUrl, isTracking, isFed, probe, reason } = entry;
  const { thanks: _, ...figures } = entry.figures;
  return {
    relayKey,
    station: stationId,
    nickname,
    publicUrl,
    isTracking,
    isFed,
    isConnected: entry.connections.size > 0,
    isOffered: desk.isOffered(relayKey),
    latencyMs: probe === null ? null : Math.round(probe.latencyMs),
    reason,
    notThankedAs: desk.whyNotThanked(relayKey),
    ...figures,
  };
};
