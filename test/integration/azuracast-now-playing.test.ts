import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeMetadata } from '../../shared/chunk/metadata-codec.ts';
import { nowPlayingObject } from '../support/azuracast-now-playing.ts';
import type { ApiSong } from '../support/azuracast-now-playing.ts';
import { startFfmpegSource } from '../support/ffmpeg.ts';
import type { FfmpegSource } from '../support/ffmpeg.ts';
import { freePort, startIcecast } from '../support/icecast.ts';
import type { Icecast } from '../support/icecast.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';

const TIDE = { artist: 'Zoë', title: 'Tide', playlist: 'Night' };
const EBB = { artist: 'Anna', title: 'Ebb', playlist: 'Night' };

describe('a station pulled from AzuraCast', () => {
  let icecast: Icecast;
  let source: FfmpegSource;
  let api: Server;
  let apiPort: number;
  let server: TestServer;
  let plays: ApiSong = TIDE;
  let history: readonly ApiSong[] = [];
  let asked = 0;

  beforeAll(async () => {
    icecast = await startIcecast();
    source = startFfmpegSource({ codec: 'mp3', target: icecast.target('/titles-utf8.mp3') });
    apiPort = await freePort();
    api = createServer((request, response) => {
      asked += 1;
      if (request.url === '/api/nowplaying_static/radio.json')
        response.end(JSON.stringify(nowPlayingObject(plays, history)));
      else if (request.url === '/api/station/radio/art/Song.jpg')
        response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end('a picture');
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => {
      api.listen(apiPort, '127.0.0.1', resolve);
    });
    server = await startTestServer({
      config: {
        webrtc: { enabled: false },
        stations: [
          {
            id: 'radio',
            name: 'Radio',
            nowPlaying: {
              url: `http://127.0.0.1:${apiPort}/api/nowplaying_static/radio.json`,
              webhookToken: 'open-sesame',
            },
            mounts: [{ path: '/radio.mp3', sources: [icecast.url('/titles-utf8.mp3')] }],
          },
        ],
      },
    });
  });
  afterAll(async () => {
    await server.stop();
    await source.stop();
    await icecast.stop();
    await new Promise((resolve) => {
      api.close(resolve);
    });
  });

  const description = (): Readonly<Record<string, unknown>> => ({
    ...server.stations[0]?.mounts[0]?.description(),
  });
  const artwork = (url: string): Promise<Response> =>
    fetch(`${server.url}/stations/radio/artwork?of=${encodeURIComponent(url)}`);
  const webhook = (body: unknown, token: string | null = 'open-sesame', headers = {}): Promise<Response> =>
    fetch(
      `${server.url}/api/stations/radio/now-playing${token === null ? '' : `?token=${encodeURIComponent(token)}`}`,
      {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      },
    );

  it('shows artwork and show with the chunk in which the stream’s title changes, not before', async () => {
    await expect
      .poll(() => server.stations[0]?.mounts[0]?.window.size ?? 0, { timeout: 20_000 })
      .toBeGreaterThan(0);
    await icecast.setTitle('/titles-utf8.mp3', 'Zoë - Tide');
    await expect
      .poll(description, { timeout: 15_000 })
      .toMatchObject({ artist: 'Zoë', title: 'Tide', album: 'Album of Tide', show: 'Night' });
    expect(description()['artworkUrl']).toBe(`http://127.0.0.1:${apiPort}/api/station/radio/art/Tide.jpg`);

    // The software is ahead of the sound that leaves its Icecast.
    plays = EBB;
    history = [TIDE];
    const before = asked;
    await expect.poll(() => asked, { timeout: 20_000 }).toBeGreaterThan(before + 1);
    expect(description()).toMatchObject({ title: 'Tide', album: 'Album of Tide' });

    await icecast.setTitle('/titles-utf8.mp3', 'Anna - Ebb');
    await expect.poll(description, { timeout: 15_000 }).toMatchObject({ artist: 'Anna', title: 'Ebb' });
    const chunks = server.stations[0]?.mounts[0]?.window.burst(30_000) ?? [];
    const said = chunks
      .flatMap((chunk) => decodeMetadata(chunk) ?? [])
      .filter(({ title }) => title === 'Ebb');
    // No chunk says the new title without its artwork: they change together.
    expect(said.every(({ artworkUrl }) => artworkUrl?.endsWith('/art/Ebb.jpg') === true)).toBe(true);
    expect(said.length).toBeGreaterThan(0);
  });

  it('is told by the webhook at once', async () => {
    plays = { artist: 'New', title: 'Song', playlist: 'Dawn' };
    await icecast.setTitle('/titles-utf8.mp3', 'New - Song');
    expect((await webhook(nowPlayingObject(plays))).status).toBe(204);
    await expect.poll(description, { timeout: 15_000 }).toMatchObject({ title: 'Song', show: 'Dawn' });
  });

  it('gives the artwork of what plays from its own address, and nothing else that is asked for', async () => {
    const api = `http://127.0.0.1:${apiPort}/api/station/radio`;
    // A webhook says no address that would make a relative one whole: the next answer does.
    await expect
      .poll(async () => (await artwork(`${api}/art/Song.jpg`)).status, { timeout: 15_000 })
      .toBe(200);
    const response = await artwork(`${api}/art/Song.jpg`);
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect(response.headers.get('content-security-policy')).toContain('sandbox');
    expect(await response.text()).toBe('a picture');
    const before = asked;
    for (const other of [`${api}/art/Other.jpg`, `http://127.0.0.1:${apiPort}/private`, ''])
      expect((await artwork(other)).status).toBe(404);
    expect(asked - before).toBeLessThanOrEqual(1);
  });

  it('takes the token as a bearer’s and as a password too, and nothing without it', async () => {
    const body = nowPlayingObject(plays);
    const basic = `Basic ${Buffer.from('azuracast:open-sesame').toString('base64')}`;
    expect((await webhook(body, null, { Authorization: 'Bearer open-sesame' })).status).toBe(204);
    expect((await webhook(body, null, { Authorization: basic })).status).toBe(204);
    for (const token of [null, '', 'open', 'open-sesame '])
      expect((await webhook(body, token)).status, String(token)).toBe(401);
    expect((await fetch(`${server.url}/api/stations/none/now-playing`, { method: 'POST' })).status).toBe(404);
  });

  it.each([
    ['no JSON', '{', 400],
    ['another object', '{"a":1}', 400],
    ['a list of stations', '[]', 400],
    ['too much', `{"a":"${'x'.repeat(1_100_000)}"}`, 413],
  ])('refuses %s', async (_, body, status) => {
    expect((await webhook(body)).status).toBe(status);
  });
});
