import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startIcecast } from '../support/icecast.ts';
import type { Icecast } from '../support/icecast.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { askOnce, basicAuth, connectSource, requestText } from '../support/source-socket.ts';
import type { SourceAnswer, SourceSocket } from '../support/source-socket.ts';
import { waitFor } from '../support/wait-for.ts';

/** Of Debian's icecast2, as `test/support/icecast.ts` sets it up. */
const PASSWORD = 'test-only';
const MOUNT = '/oracle.mp3';
const AUTH = basicAuth('source', PASSWORD);
const ADMIN = basicAuth('admin', PASSWORD);
const WRONG = basicAuth('source', 'wrong');
const MP3 = 'Content-Type: audio/mpeg';
const TITLE = `/admin/metadata?mode=updinfo&mount=${MOUNT}&song=A%20-%20B`;

/**
 * Where we differ from Icecast 2.4.4 and mean to. All other fields of all answers are the same. `*`: any value.
 */
const INTENDED = [
  { field: 'server', why: 'we do not say that we are Icecast' },
  { field: 'date', why: 'the time of the answer' },
  { field: 'allow', why: 'as Icecast 2.5 does: libshout uses PUT where it is listed' },
  { field: 'content-length', why: 'as Icecast 2.5 does, so that the connection can stay' },
  {
    field: 'connection',
    why: 'a refused source, and one that sets titles, may ask again over the same connection',
  },
  { field: 'keep-alive', why: 'the same' },
  { field: 'version', why: 'titles are answered by HTTP/1.1, sources by HTTP/1.0 as Icecast does' },
  { field: 'reason', why: 'Node says "Unauthorized" for titles; clients read the number' },
] as const;

/** Requests whose answers differ in more than those fields, on purpose. */
const OTHERWISE: Readonly<
  Record<string, { readonly ours: string; readonly theirs: string; readonly why: string }>
> = {
  'OPTIONS *': { ours: '200', theirs: '', why: 'libshout asks so for TLS; Icecast 2.4 just hangs up' },
  'SOURCE without a slash': { ours: '400', theirs: '', why: 'Icecast hangs up' },
  'PUT of text': { ours: '403', theirs: '200', why: 'Icecast lets in what nobody can play' },
  'title without a source, by its password': {
    ours: '200',
    theirs: '400',
    why: 'the mount of ours is pulled, so something plays whose title can be set',
  },
  'title by POST': { ours: '200', theirs: '400', why: 'Icecast 2.4 knows no POST; 2.5 does' },
  'title too long for one line': { ours: '431', theirs: '', why: 'Icecast hangs up' },
  'header flood': { ours: '431', theirs: '', why: 'Icecast hangs up' },
};

let icecast: Icecast;
let server: TestServer;
const open: SourceSocket[] = [];

beforeAll(async () => {
  icecast = await startIcecast();
  const mounts = [{ path: MOUNT, sources: ['demo'], sourceClient: { password: PASSWORD } }];
  server = await startTestServer({
    config: {
      stations: [{ id: 'radio', name: 'Radio', mounts }],
      admin: { password: PASSWORD },
      webrtc: { enabled: false },
    },
  });
});
afterEach(async () => {
  for (const client of open.splice(0)) client.close();
  await waitFor('nobody is connected', () => server.liveSources.all().length === 0);
});
afterAll(async () => {
  await server.stop();
  await icecast.stop();
});

interface Compared {
  readonly ours: Readonly<Record<string, string>>;
  readonly theirs: Readonly<Record<string, string>>;
}

async function compare(request: string): Promise<Compared> {
  const [ours, theirs] = await Promise.all([askOnce(server.port, request), askOnce(icecast.port, request)]);
  return { ours: fields(ours), theirs: fields(theirs) };
}

/** The status line's parts, the headers and the body, without what differs on purpose. */
function fields({ statusLine, headers, body }: SourceAnswer): Readonly<Record<string, string>> {
  const [version = '', status = '', ...reason] = statusLine.split(' ');
  const all = { version, status, reason: reason.join(' '), ...Object.fromEntries(headers), body };
  const left = new Set<string>(INTENDED.map(({ field }) => field));
  return Object.fromEntries(
    Object.entries(all)
      .filter(([name]) => !left.has(name))
      .map(([name, value]) => [name, value.toLowerCase()]),
  );
}

/** A source on both, whose sound never comes. */
async function occupy(): Promise<void> {
  for (const port of [server.port, icecast.port]) {
    const client = await connectSource(port);
    open.push(client);
    client.send(requestText(`SOURCE ${MOUNT} HTTP/1.0`, AUTH, MP3));
    await waitFor('it is let in', () => client.received().startsWith('HTTP/1.0 200 OK\r\n\r\n'));
  }
}

const source = (method: string, ...lines: readonly string[]): string =>
  requestText(`${method} ${MOUNT} HTTP/1.1`, 'Host: radio', ...lines);
const get = (path: string, ...lines: readonly string[]): string =>
  requestText(`GET ${path} HTTP/1.0`, 'Host: radio', ...lines);

const FREE: Readonly<Record<string, string>> = {
  SOURCE: source('SOURCE', AUTH, MP3),
  'SOURCE without a type': source('SOURCE', AUTH),
  'SOURCE of Ogg': source('SOURCE', AUTH, 'Content-Type: application/ogg'),
  PUT: source('PUT', AUTH, MP3),
  'PUT that expects 100': source('PUT', AUTH, MP3, 'Expect: 100-continue'),
  'PUT without a type': source('PUT', AUTH),
  'PUT of text': source('PUT', AUTH, 'Content-Type: text/plain'),
  'SOURCE without a password': source('SOURCE', MP3, 'Content-Length: 0'),
  'PUT without a password': source('PUT', MP3, 'Content-Length: 0'),
  'OPTIONS *': requestText(
    'OPTIONS * HTTP/1.1',
    'Host: radio',
    'Connection: Upgrade',
    'Upgrade: TLS/1.0, HTTP/1.1',
  ),
  'SOURCE without a slash': requestText('SOURCE oracle.mp3 HTTP/1.0', AUTH, MP3),
  'header flood': `SOURCE ${MOUNT} HTTP/1.0\r\n${'X-Flood: yes\r\n'.repeat(5000)}\r\n`,
  'title without a password': get(TITLE),
  'title without a source, by its password': get(TITLE, AUTH),
  'title without a mount, by the source': get('/admin/metadata?mode=updinfo&song=x', AUTH),
  'title without a mount, by the administrator': get('/admin/metadata?mode=updinfo&song=x', ADMIN),
  'title of an unknown mount, by the administrator': get(
    '/admin/metadata?mode=updinfo&mount=/x&song=y',
    ADMIN,
  ),
};

const TAKEN: Readonly<Record<string, string>> = {
  'SOURCE while one is there': source('SOURCE', AUTH, MP3),
  'PUT while one is there': source('PUT', AUTH, MP3, 'Expect: 100-continue'),
  title: get(TITLE, AUTH),
  'title by the administrator': get(TITLE, ADMIN),
  'title in two parts': get(`/admin/metadata?mode=updinfo&mount=${MOUNT}&artist=A&title=B`, AUTH),
  'title in Latin-1': get(
    `/admin/metadata?mode=updinfo&mount=${MOUNT}&song=%C9vora&charset=ISO-8859-1`,
    AUTH,
  ),
  'title of garbage': get(
    `/admin/metadata?mode=updinfo&mount=${MOUNT}&song=%00%01%FF%FE%80<b>&charset=x`,
    AUTH,
  ),
  'title without a song': get(`/admin/metadata?mode=updinfo&mount=${MOUNT}`, AUTH),
  'title without a mode': get(`/admin/metadata?mount=${MOUNT}&song=x`, AUTH),
  'title with another mode': get(`/admin/metadata?mode=foo&mount=${MOUNT}&song=x`, AUTH),
  'title by POST': `${requestText(
    'POST /admin/metadata HTTP/1.1',
    'Host: radio',
    'Connection: close',
    'Content-Type: application/x-www-form-urlencoded',
    AUTH,
    `Content-Length: ${`mode=updinfo&mount=${MOUNT}&song=x`.length}`,
  )}mode=updinfo&mount=${MOUNT}&song=x`,
  'title too long for one line': get(`${TITLE}${'x'.repeat(65_536)}`, AUTH),
};

function expectAlike(name: string, { ours, theirs }: Compared): void {
  const known = OTHERWISE[name];
  if (known === undefined) expect(ours).toEqual(theirs);
  else expect([ours['status'], theirs['status']]).toEqual([known.ours, known.theirs]);
}

describe('the same request to Debian’s icecast2 and to us', () => {
  it.each(Object.entries(FREE))('is answered alike: %s', async (name, request) => {
    expectAlike(name, await compare(request));
    await waitFor('nobody is connected', () => server.liveSources.all().length === 0);
  });

  it('is answered alike while a source is there', async () => {
    await occupy();
    // Ours makes room for another when its source has sent nothing for 1.5 s, so these come at once.
    for (const [name, request] of Object.entries(TAKEN)) expectAlike(name, await compare(request));
  });

  it('with a wrong password is answered alike', async () => {
    for (const request of [source('SOURCE', WRONG, MP3), get(TITLE, WRONG)])
      expectAlike('', await compare(request));
  });
});
