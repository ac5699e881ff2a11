import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFfmpegSource } from '../support/ffmpeg.ts';
import { startIcecast } from '../support/icecast.ts';
import type { Icecast } from '../support/icecast.ts';
import { mp3Frames } from '../support/made-frames.ts';
import { rawRequest } from '../support/raw-request.ts';
import type { RawAnswer } from '../support/raw-request.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import { shapeOf, withoutKnown } from '../support/shape.ts';

/**
 * Debian's Icecast and we are asked the same, and answer the same, field by field. Each difference that is meant is
 * listed here, and nowhere else. `+`: we have it besides; `-`: we have it not; `≠`: another value.
 */
const INTENDED: Readonly<Record<string, string>> = {
  '≠ header server': 'we are not Icecast',
  '≠ header date': 'of now',
  '+ header access-control-allow-origin': 'Debian’s Icecast has it in its configuration, ours needs none',
  '+ header access-control-expose-headers': 'pages may read the ICY headers',
  '+ header x-accel-buffering': 'nginx must not hold the sound back',
  '+ header icy-br': 'measured: known even where the source does not say it',
  '+ header ice-audio-info': 'as icy-br',
  '+ header icy-description': 'of the station, where the source has none',
  '+ header icy-name': 'of the station',
  '+ header icy-url': 'the station’s page',
  '≠ status 400': 'Icecast refuses HEAD; we answer it as GET',
  '+ json audio_info': 'measured',
  '+ json bitrate': 'measured',
  '+ json channels': 'measured',
  '+ json samplerate': 'measured',
  '+ json server_url': 'the station’s page',
  '+ json title': 'never absent: the station’s name if need be',
  '+ xml audio_info': 'measured',
  '+ xml bitrate': 'measured',
  '+ xml channels': 'measured',
  '+ xml samplerate': 'measured',
  '+ xml server_url': 'the station’s page',
  '+ xml title': 'never absent',
  '+ xml listener': 'a listener’s fields are the same',
  '+ xml listeners': 'its readers look for either spelling',
  '- xml client_connections': 'a count of requests that nobody reads',
  '- xml connections': 'as above',
  '- xml file_connections': 'no files are served as Icecast does',
  '- xml listener_connections': 'listeners in all since the start are not kept',
  '- xml stats': 'there is no STATS client',
  '- xml stats_connections': 'as above',
  '- xml source_ip': 'where the sound comes from is nobody’s affair',
  '- xml user_agent': 'a pulled source has none; a source client’s is there',
  '- xml subtype': 'the content type says it',
};

const MOUNTS = ['/one.mp3', '/two.mp3', '/three.mp3'];
const ADMIN = `Authorization: Basic ${Buffer.from('admin:test-only').toString('base64')}`;

describe('Icecast and we', () => {
  let icecast: Icecast;
  let server: ScriptedServer;
  const sources: { stop(): Promise<void> }[] = [];
  beforeAll(async () => {
    icecast = await startIcecast();
    server = await startScriptedServer({
      config: {
        webrtc: { enabled: false },
        admin: { password: 'test-only' },
        listenerPrivacy: { keepAddresses: true },
        stations: [
          {
            id: 'radio',
            name: 'Radio',
            mounts: [
              ...MOUNTS.map((path) => ({ path, sources: ['demo'] })),
              { path: '/dj.mp3', sourceClient: { password: 'test-only' } },
            ],
          },
        ],
      },
    });
  });
  afterAll(async () => {
    await Promise.all(sources.map((source) => source.stop()));
    await icecast.stop();
    await server.stop();
  });

  const both = async (
    path: string,
    lines: readonly string[] = [],
    until?: (answer: RawAnswer) => boolean,
    method = 'GET',
  ): Promise<readonly [RawAnswer, RawAnswer]> => {
    const request = [`${method} ${path} HTTP/1.0`, 'Host: radio.example:8000', 'Connection: close', ...lines];
    return [await rawRequest(icecast.url(''), request, until), await rawRequest(server.url, request, until)];
  };
  const json = async (): Promise<readonly unknown[]> =>
    (await both('/status-json.xsl')).map((answer): unknown => JSON.parse(answer.body.toString()));
  const listed = (): number =>
    server.stations[0]?.mounts.filter((mount) => mount.window.newest !== null).length ?? 0;

  it('have no source in the status while there is none', async () => {
    // In its first moment Icecast's status is broken JSON.
    await expect
      .poll(async () => await (await fetch(icecast.url('/status-json.xsl'))).text(), { timeout: 10_000 })
      .toContain('"host"');
    const [theirs, ours] = await json();
    expect(shapeOf(theirs)).toEqual({
      icestats: {
        admin: 'string',
        dummy: 'null',
        host: 'string',
        location: 'string',
        server_id: 'string',
        server_start: 'string',
        server_start_iso8601: 'string',
      },
    });
    expect(shapeOf(ours)).toEqual(shapeOf(theirs));
  });

  it('have an object for one source', async () => {
    sources.push(await feedIcecast(icecast, '/one.mp3', 'Someone - Tide'));
    play(server, '/one.mp3', 'Tide', 'Someone');
    await expect
      .poll(async () => Object(Object((await json())[0])['icestats'])['source'], { timeout: 10_000 })
      .toBeTypeOf('object');
    const [theirs, ours] = (await json()).map((each): unknown => Object(Object(each)['icestats'])['source']);
    expect(withoutKnown('json', Object(shapeOf(theirs)), Object(shapeOf(ours)), INTENDED)).toEqual([]);
    for (const one of [theirs, ours])
      expect(one).toMatchObject({
        title: 'Someone - Tide',
        server_type: 'audio/mpeg',
        listeners: 0,
        dummy: null,
      });
    expect(Object(ours).listenurl).toBe('http://radio.example:8000/one.mp3');
  });

  it('have an array for several', async () => {
    for (const path of MOUNTS.slice(1)) {
      sources.push(await feedIcecast(icecast, path, 'x'));
      play(server, path, 'x', '');
    }
    expect(listed()).toBe(3);
    await expect
      .poll(async () => Object(Object((await json())[0])['icestats'])['source'], { timeout: 10_000 })
      .toHaveLength(3);
    const [theirs, ours] = (await json()).map((each): unknown => Object(Object(each)['icestats'])['source']);
    expect(Array.isArray(theirs) && Array.isArray(ours)).toBe(true);
    expect(ours).toHaveLength(3);
  });

  it.each([
    ['1979', '1979'],
    ['"quoted" \\ and <b>&amp;', '"quoted" \\ and <b>&amp;'],
    ['Ünïcödé – нощ – 夏 🌙', 'Ünïcödé – нощ – 夏 🌙'],
    ['', 'Radio'],
    ['-', '-'],
    ['true', 'true'],
  ])(
    'are good JSON and XML with the title %j; ours is always a string, and never empty',
    async (title, expected) => {
      play(server, '/one.mp3', title, '');
      const answer = await fetch(`${server.url}/status-json.xsl?mount=/one.mp3`);
      expect(Object(await answer.json()).icestats.source.title).toBe(expected);
      const [, stats] = await both('/admin/stats?mount=/one.mp3', [ADMIN]);
      expect(stats.body.toString()).toContain(`<title>${xml(expected)}</title>`);
    },
  );

  it('answer a player with the same headers', async () => {
    const answers = await both('/one.mp3', ['Icy-MetaData: 1'], (answer) => answer.body.length > 100);
    for (const answer of answers) expect(answer.statusLine).toBe('HTTP/1.0 200 OK');
    const [theirs, ours] = answers;
    expect(withoutKnown('header', theirs.headers, ours.headers, INTENDED)).toEqual([]);
  });

  it('give status and playlist with the same type', async () => {
    for (const path of ['/status-json.xsl', '/one.mp3.m3u', '/admin/stats']) {
      const [theirs, ours] = await both(path, [ADMIN]);
      expect(ours.headers.get('content-type'), path).toBe(theirs.headers.get('content-type'));
      expect(ours.body.toString().startsWith(theirs.body.toString().slice(0, 12)), path).toBe(true);
    }
    const [theirs, ours] = await both('/one.mp3.m3u');
    expect(ours.body.toString()).toBe(theirs.body.toString());
  });

  it.each([
    '/admin/stats',
    '/admin/listmounts',
    '/admin/listclients?mount=/one.mp3',
    '/admin/killsource?mount=/one.mp3',
  ])('ask for a password at %s', async (path) => {
    for (const lines of [[], [`Authorization: Basic ${Buffer.from('admin:wrong').toString('base64')}`]]) {
      const answers = await both(path, lines);
      for (const { statusLine, headers, body } of answers) {
        expect(statusLine).toContain(' 401 ');
        expect(headers.get('www-authenticate')).toBe('Basic realm="Icecast2 Server"');
        expect(body.toString()).toBe('You need to authenticate\r\n');
      }
    }
  });

  it.each([
    ['/admin/stats?mount=/none', 400],
    ['/admin/listclients', 400],
    ['/admin/listclients?mount=/none', 400],
    ['/admin/killsource?mount=/none', 400],
    ['/admin/killclient?mount=/one.mp3&id=999999', 200],
  ])('answer %s with %i in the same words', async (path, status) => {
    const [theirs, ours] = await both(path, [ADMIN]);
    expect(theirs.statusLine).toContain(` ${status} `);
    expect(ours.statusLine).toContain(` ${status} `);
    expect(ours.body.toString().trim()).toBe(theirs.body.toString().trim());
  });

  it('have the same elements in the statistics, mounts and clients', async () => {
    const listeners = [icecast.url('/one.mp3'), `${server.url}/one.mp3`].map((url) => listen(url));
    await Promise.all(listeners.map((one) => one.started));
    try {
      for (const path of ['/admin/stats', '/admin/listmounts', '/admin/listclients?mount=/one.mp3']) {
        await expect
          .poll(async () =>
            (await both(path, [ADMIN])).map(({ body }) => listenersIn(body.toString(), '/one.mp3')),
          )
          .toEqual([1, 1]);
        const [theirs, ours] = (await both(path, [ADMIN])).map(({ body }) => elementsIn(body.toString()));
        expect(withoutKnown('xml', theirs ?? new Map(), ours ?? new Map(), INTENDED), path).toEqual([]);
      }
      const clients = (await both('/admin/listclients?mount=/one.mp3', [ADMIN])).map(({ body }) =>
        body.toString(),
      );
      for (const text of clients) {
        expect(text).toMatch(
          /<listener><IP>127\.0\.0\.1<\/IP><UserAgent>oracle\/1<\/UserAgent><Connected>\d+<\/Connected><ID>\d+<\/ID><\/listener>/,
        );
      }
      const ids = clients.map((text) => /<ID>(\d+)<\/ID>/.exec(text)?.[1]);
      const answers = [
        await rawRequest(icecast.url(''), [
          `GET /admin/killclient?mount=/one.mp3&id=${ids[0]} HTTP/1.0`,
          ADMIN,
        ]),
        await rawRequest(server.url, [`GET /admin/killclient?mount=/one.mp3&id=${ids[1]} HTTP/1.0`, ADMIN]),
      ];
      for (const [index, { body }] of answers.entries())
        expect(body.toString().trim()).toBe(
          `<?xml version="1.0"?>\n<iceresponse><message>Client ${ids[index]} removed</message><return>1</return></iceresponse>`,
        );
      await Promise.all(listeners.map((one) => one.ended));
    } finally {
      for (const one of listeners) one.stop();
    }
  });

  it('send a source away', async () => {
    const target = `icecast://source:test-only@127.0.0.1:${server.port}/dj.mp3`;
    for (const each of [icecast.target('/dj.mp3'), target])
      sources.push(startFfmpegSource({ codec: 'mp3', target: each }));
    const listed = async (): Promise<readonly boolean[]> =>
      (await both('/status-json.xsl')).map(({ body }) => body.toString().includes('/dj.mp3'));
    await expect.poll(listed, { timeout: 10_000 }).toEqual([true, true]);
    const answers = await both('/admin/killsource?mount=/dj.mp3', [ADMIN]);
    for (const { body } of answers)
      expect(body.toString().trim()).toBe(
        '<?xml version="1.0"?>\n<iceresponse><message>Source Removed</message><return>1</return></iceresponse>',
      );
    await expect.poll(() => server.liveSources.get('/dj.mp3')).toBeNull();
    const [, again] = await both('/admin/killsource?mount=/dj.mp3', [ADMIN]);
    expect(again.body.toString()).toContain('<return>0</return>');
  });
});

function play(server: ScriptedServer, path: string, title: string, artist: string): void {
  const mount = server.stations[0]?.mounts.find((one) => one.path === path);
  mount?.handle({ type: 'title', title, artist });
  for (const frame of mp3Frames(40)) mount?.handle({ type: 'frame', frame });
}

async function feedIcecast(
  icecast: Icecast,
  path: string,
  title: string,
): Promise<{ stop(): Promise<void> }> {
  const source = startFfmpegSource({ codec: 'mp3', target: icecast.target(path) });
  await expect
    .poll(async () => await (await fetch(icecast.url('/status-json.xsl'))).text(), { timeout: 10_000 })
    .toContain(path);
  await icecast.setTitle(path, title);
  await expect
    .poll(async () => await (await fetch(icecast.url(`/status-json.xsl?mount=${path}`))).text())
    .toContain('"title"');
  return source;
}

function listen(url: string): {
  readonly started: Promise<void>;
  readonly ended: Promise<void>;
  stop(): void;
} {
  const abort = new AbortController();
  const opened = fetch(url, { headers: { 'User-Agent': 'oracle/1' }, signal: abort.signal });
  const read = async (): Promise<void> => {
    const reader = (await opened).body?.getReader();
    while ((await reader?.read())?.done === false);
  };
  const ended = read().catch(() => undefined);
  return {
    started: opened.then((response) => expect(response.status).toBe(200)),
    ended,
    stop: () => abort.abort(),
  };
}

const listenersIn = (text: string, mount: string): number => {
  const source = text.slice(text.indexOf(`mount="${mount}"`));
  return Number(/<[Ll]isteners>(\d+)</.exec(source)?.[1]);
};

/** Names of all elements, once each. */
const elementsIn = (text: string): ReadonlyMap<string, string> =>
  new Map(Array.from(text.matchAll(/<([A-Za-z_0-9-]+)[ >]/g), ([, name = '']) => [name, '']));

const xml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
