import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { EdgeEnv } from '../edge/api.ts';
import type { EdgeContext } from '../edge/edge-context.ts';
import type { Verdict } from './access-desk.ts';
import { REALM, UNAUTHORISED } from './answers.ts';
import { shoutcastLogins } from './credentials.ts';
import type { SourceDesk } from './source-desk.ts';
import { plainField, readFields, readTitle } from './title-request.ts';
import type { RawFields } from './title-request.ts';

/** A title that is longer than a few hundred characters is cut, but its request is still read. */
const FORM_BYTES_MAX = 131_072;

/**
 * Where source clients and stations' software set the title: Icecast's `/admin/metadata`, Shoutcast's `/admin.cgi`.
 * Answers are Icecast's, to the letter.
 */
export function addMetadataRoutes(app: OpenAPIHono<EdgeEnv>, edge: EdgeContext): void {
  const desk = edge.sourceDesk;
  if (desk === null) return;
  const limit = bodyLimit({
    maxSize: FORM_BYTES_MAX,
    onError: (c) => failure(c, 400, 'The form is too long'),
  });
  app.get('/admin/metadata', (c) => setTitle(c, edge, desk, queryFields(c)));
  app.post('/admin/metadata', limit, async (c) => {
    const form = readFields(Buffer.from(await c.req.arrayBuffer()).toString('latin1'));
    return await setTitle(c, edge, desk, new Map([...form, ...queryFields(c)]));
  });
  app.get('/admin.cgi', (c) => setShoutcastTitle(c, edge, desk, queryFields(c)));
}

const queryFields = (c: Context<EdgeEnv>): RawFields =>
  readFields((c.env.incoming.url ?? '').replace(/^[^?]*\??/, ''));

async function setTitle(
  c: Context<EdgeEnv>,
  edge: EdgeContext,
  desk: SourceDesk,
  fields: RawFields,
): Promise<Response> {
  const path = plainField(fields, 'mount');
  const authorization = c.req.header('authorization');
  const address = edge.forwarding.clientAddress(c.env.incoming);
  const verdict =
    path === null
      ? await desk.access.admin(authorization, address)
      : await desk.access.sourceOrAdmin(path, authorization, address);
  const refusal = refuse(c, edge, verdict, address, path ?? '');
  if (refusal !== null) return refusal;
  if (path === null) return failure(c, 400, 'Unknown admin request');
  if (!desk.hasSound(path)) return failure(c, 400, 'Source does not exist');
  const mode = plainField(fields, 'mode');
  if (mode === null) return failure(c, 400, 'Missing parameter');
  if (mode !== 'updinfo') return report(c, 'No such action', 0);
  const title = readTitle(fields);
  if (title !== null) desk.setTitle(path, title);
  return report(c, 'Metadata update successful', 1);
}

/** The password stands in the address, and the mount is the one that Shoutcast's clients feed. */
async function setShoutcastTitle(
  c: Context<EdgeEnv>,
  edge: EdgeContext,
  desk: SourceDesk,
  fields: RawFields,
): Promise<Response> {
  const path = desk.shoutcastMount;
  if (path === null) return c.notFound();
  const password = plainField(fields, 'pass');
  if (password === null) return failure(c, 400, 'missing pass parameter');
  const address = edge.forwarding.clientAddress(c.env.incoming);
  const verdict = await desk.access.sourceLogin(path, shoutcastLogins(password), address);
  const refusal = refuse(c, edge, verdict, address, path);
  if (refusal !== null) return refusal;
  if (!desk.hasSound(path)) return failure(c, 400, 'Source does not exist');
  const mode = plainField(fields, 'mode');
  if (mode === null || !fields.has('song')) return failure(c, 400, 'Missing parameter');
  if (mode !== 'updinfo') return failure(c, 400, 'No such action');
  const title = readTitle(fields);
  if (title !== null) desk.setTitle(path, title);
  return c.html(
    '<html><head><title>Admin request successful</title></head><body><p>Metadata update successful</p></body></html>',
    200,
    NO_CACHE,
  );
}

/** Null: go on. */
function refuse(
  c: Context<EdgeEnv>,
  edge: EdgeContext,
  verdict: Verdict,
  address: string,
  mount: string,
): Response | null {
  if (verdict.type === 'granted') return null;
  if (verdict.type !== 'missing')
    edge.log.warn({ mount: mount.slice(0, 100), address, reason: verdict.type }, 'setting a title refused');
  if (verdict.type === 'throttled') return failure(c, 429, 'Too many wrong passwords');
  return c.text(UNAUTHORISED, 401, { ...NO_CACHE, 'WWW-Authenticate': REALM });
}

const NO_CACHE = {
  'Cache-Control': 'no-cache, no-store',
  Expires: 'Mon, 26 Jul 1997 05:00:00 GMT',
  Pragma: 'no-cache',
};

const report = (c: Context<EdgeEnv>, message: string, result: 0 | 1): Response =>
  c.body(
    `<?xml version="1.0"?>\n<iceresponse><message>${message}</message><return>${result}</return></iceresponse>\n`,
    200,
    { ...NO_CACHE, 'Content-Type': 'text/xml; charset=utf-8' },
  );

const failure = (c: Context<EdgeEnv>, status: 400 | 429, message: string): Response =>
  c.body(
    `<html><head><title>Error ${status}</title></head><body><b>${status} - ${message}</b></body></html>\r\n`,
    status,
    { ...NO_CACHE, 'Content-Type': 'text/html; charset=utf-8' },
  );
