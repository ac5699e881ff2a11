import { createHash, timingSafeEqual } from 'node:crypto';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { EdgeEnv } from '../edge/api.ts';
import type { EdgeContext } from '../edge/edge-context.ts';
import { readAzuraCast } from './now-playing.ts';
import { ANSWER_BYTES_MAX } from './now-playing-poller.ts';

/**
 * `POST /api/stations/ID/now-playing?token=…`: AzuraCast's *Generic Web Hook* brings its now-playing object here. The
 * token may also come as a bearer token, or as the password of Basic authentication, for which AzuraCast has a field.
 */
export function addWebhookRoutes(app: OpenAPIHono<EdgeEnv>, edge: EdgeContext): void {
  const { nowPlaying } = edge;
  if (nowPlaying === null) return;
  const limit = bodyLimit({
    maxSize: ANSWER_BYTES_MAX,
    onError: (c) => c.json({ error: 'The body is too long' }, 413),
  });
  app.post('/api/stations/:station/now-playing', limit, async (c) => {
    const id = c.req.param('station');
    const expected = nowPlaying.webhookToken(id);
    if (expected === null) return c.json({ error: 'This station takes no webhook' }, 404);
    if (!givenTokens(c).some((token) => isSame(token, expected))) {
      edge.log.warn(
        { station: id, address: edge.forwarding.clientAddress(c.env.incoming) },
        'webhook refused',
      );
      return c.json({ error: 'The token is missing or wrong' }, 401);
    }
    const value = readAzuraCast(parseJson(await c.req.text()), null);
    if (value === null) return c.json({ error: 'This is not AzuraCast’s now-playing of one station' }, 400);
    nowPlaying.know(id, value);
    return c.body(null, 204);
  });
}

function givenTokens(c: Context<EdgeEnv>): readonly string[] {
  const [scheme = '', value = ''] = (c.req.header('authorization') ?? '').split(' ', 2);
  const query = c.req.query('token');
  const basic = Buffer.from(value, 'base64').toString('utf8');
  return [
    ...(query === undefined ? [] : [query]),
    ...(/^bearer$/i.test(scheme) ? [value] : []),
    ...(/^basic$/i.test(scheme) ? [basic.slice(basic.indexOf(':') + 1)] : []),
  ];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** In a time that tells nothing about how much of it is right. */
const isSame = (left: string, right: string): boolean => timingSafeEqual(digest(left), digest(right));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
