import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SILENCE_MS_MAX } from '../../server/ingest/sound-intake.ts';
import { encodeFile } from '../support/ffmpeg.ts';
import { hear } from '../support/hearing.ts';
import type { Hearing } from '../support/hearing.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { askOnce, basicAuth, connectSource, requestText } from '../support/source-socket.ts';
import type { SourceSocket } from '../support/source-socket.ts';
import { waitFor } from '../support/wait-for.ts';

const AUTH = basicAuth('source', 'dj');
const MP3 = 'Content-Type: audio/mpeg';

let server: TestServer;
/** A minute of MP3 at 128 kbit/s. */
let sound: Uint8Array;
const open: SourceSocket[] = [];
const hearings: Hearing[] = [];

beforeAll(async () => {
  sound = encodeFile({ codec: 'mp3', seconds: 60 });
  const mounts = [
    { path: '/live.mp3', sourceClient: { password: 'dj' } },
    { path: '/both.mp3', sources: ['demo'], sourceClient: { password: 'dj' } },
    { path: '/pulled.mp3', sources: ['demo'] },
  ];
  server = await startTestServer({
    config: {
      stations: [{ id: 'radio', name: 'Radio', mounts }],
      admin: { password: 'boss' },
      shoutcast: { mount: '/live.mp3', port: 0 },
      webrtc: { enabled: false },
    },
  });
});
afterEach(async () => {
  await Promise.all(hearings.splice(0).map((hearing) => hearing.stop()));
  for (const client of open.splice(0)) client.close();
  await waitFor('nobody is connected', () => server.liveSources.all().length === 0);
});
afterAll(async () => {
  await server.stop();
});

async function connect(request: string, port = server.port): Promise<SourceSocket> {
  const client = await connectSource(port);
  open.push(client);
  client.send(request);
  return client;
}

const isOnAir = (path = '/live.mp3'): boolean => server.liveSources.get(path)?.isOnAir === true;

/** Sends a file's bytes as an encoder would, in real time times `speed`; returns how to stop. */
function play(client: SourceSocket, bytes: Uint8Array, speed = 1): () => void {
  let sent = 0;
  const startedAt = performance.now();
  const send = (): void => {
    const due = Math.min(bytes.length, Math.floor((performance.now() - startedAt + 200) * 16 * speed));
    if (due > sent) client.send(bytes.subarray(sent, due));
    sent = Math.max(sent, due);
  };
  send();
  const timer = setInterval(send, 20);
  return () => clearInterval(timer);
}

async function hearLive(path = '/live.mp3'): Promise<Hearing> {
  const hearing = await hear(server.url, 'radio', path);
  hearings.push(hearing);
  return hearing;
}

describe('who is let in', () => {
  it('SOURCE is answered HTTP/1.0 200 OK and nothing else, in every dialect of line ends', async () => {
    for (const end of ['\n', '\r\n', '\r\r\n']) {
      const client = await connect(['SOURCE /live.mp3 ICE/1.0', AUTH, MP3, '', ''].join(end));
      expect((await client.answer()).statusLine).toBe('HTTP/1.0 200 OK');
      expect(client.received()).toBe('HTTP/1.0 200 OK\r\n\r\n');
      expect(server.liveSources.get('/live.mp3')).toMatchObject({ protocol: 'SOURCE', user: 'source' });
      client.close();
      await waitFor('it has left', () => server.liveSources.get('/live.mp3') === null);
    }
  });

  it('PUT that expects 100-continue gets exactly that first', async () => {
    const client = await connect(requestText('PUT /live.mp3 HTTP/1.1', AUTH, MP3, 'Expect: 100-continue'));
    await waitFor('both answers came', () => client.received().includes('200 OK'));
    expect(client.received()).toMatch(/^HTTP\/1\.1 100 Continue\r\n/);
  });

  it.each([
    ['no credentials', ''],
    ['a wrong password', `${basicAuth('source', 'wrong')}\r\n`],
    ['a wrong user', `${basicAuth('dj', 'dj')}\r\n`],
    ['credentials that cannot be read', 'Authorization: Basic %%%\r\n'],
  ])('with %s the answer is 401, tells what is allowed, and the connection stays', async (_name, header) => {
    for (const method of ['SOURCE', 'PUT']) {
      const client = await connect(`${method} /live.mp3 HTTP/1.1\r\n${header}Content-Length: 0\r\n\r\n`);
      const refused = await client.answer();
      expect(refused.statusLine).toBe('HTTP/1.0 401 Authentication Required');
      expect(refused.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
      expect(refused.headers.get('allow')).toBe('GET, PUT, OPTIONS, SOURCE');
      expect(refused.headers.get('connection')).toBe('Keep-Alive');
      expect(refused.body).toHaveLength(Number(refused.headers.get('content-length')));
      client.send(requestText(`${method} /live.mp3 HTTP/1.1`, AUTH, MP3));
      expect((await client.answer()).statusLine).toBe('HTTP/1.0 200 OK');
      client.close();
      await waitFor('it has left', () => server.liveSources.get('/live.mp3') === null);
    }
  });

  it.each(['/pulled.mp3', '/nowhere', '/', '/api/stations'])(
    'a path that takes no source clients refuses every password: %s',
    async (path) => {
      const refused = await askOnce(server.port, requestText(`SOURCE ${path} HTTP/1.0`, AUTH, MP3));
      expect(refused.statusLine).toContain(' 401 ');
    },
  );

  it('PUT without a content type is refused, SOURCE without one is MP3, and what is no sound is refused', async () => {
    const put = await askOnce(server.port, requestText('PUT /live.mp3 HTTP/1.1', AUTH));
    expect([put.statusLine, put.body]).toEqual(['HTTP/1.0 403 Forbidden', 'No Content-type given']);
    const video = await askOnce(
      server.port,
      requestText('SOURCE /live.mp3 HTTP/1.0', AUTH, 'Content-Type: video/webm'),
    );
    expect([video.statusLine, video.body]).toEqual(['HTTP/1.0 403 Forbidden', 'Content-type not supported']);
    await connect(requestText('SOURCE /live.mp3 HTTP/1.0', AUTH));
    await waitFor('it is in', () => server.liveSources.get('/live.mp3')?.contentType === 'audio/mpeg');
  });

  it('of two sources at once the second is refused, and the first plays on', async () => {
    const first = await connect(requestText('SOURCE /live.mp3 HTTP/1.0', AUTH, MP3));
    const stop = play(first, sound);
    await waitFor('the first is heard', isOnAir);
    for (const method of ['SOURCE', 'PUT']) {
      const second = await askOnce(server.port, requestText(`${method} /live.mp3 HTTP/1.1`, AUTH, MP3));
      expect([second.statusLine, second.body]).toEqual(['HTTP/1.0 403 Forbidden', 'Mountpoint in use']);
    }
    expect(isOnAir()).toBe(true);
    stop();
  });

  it('a source that has lost its way without a word makes room for the next', async () => {
    const first = await connect(requestText('SOURCE /live.mp3 HTTP/1.0', AUTH, MP3));
    await first.answer();
    await waitFor('it counts as stalled', () => server.liveSources.get('/live.mp3')?.isStalled === true);
    const second = await connect(requestText('SOURCE /live.mp3 HTTP/1.0', AUTH, MP3, 'User-Agent: second'));
    expect((await second.answer()).statusLine).toBe('HTTP/1.0 200 OK');
    await waitFor('the first is out', () => first.isEnded());
    expect(server.liveSources.get('/live.mp3')?.userAgent).toBe('second');
  });

  it('after several wrong passwords the next try waits, the right one too', async () => {
    const wrong = requestText(
      'SOURCE /live.mp3 HTTP/1.0',
      'X-Forwarded-For: 1.2.3.4',
      basicAuth('source', 'x'),
    );
    for (let count = 0; count < 3; count++) await askOnce(server.port, wrong);
    const startedAt = performance.now();
    const client = await connect(requestText('SOURCE /live.mp3 HTTP/1.0', AUTH, MP3));
    expect((await client.answer()).statusLine).toContain('200');
    expect(performance.now() - startedAt).toBeGreaterThan(300);
  });
});

describe('a source client’s sound', () => {
  it.each([
    ['SOURCE', 'unframed', requestText('SOURCE /live.mp3 HTTP/1.0', AUTH, MP3)],
    ['PUT', 'unframed', requestText('PUT /live.mp3 HTTP/1.1', AUTH, MP3)],
    ['PUT', 'chunked', requestText('PUT /live.mp3 HTTP/1.1', AUTH, MP3, 'Transfer-Encoding: chunked')],
  ])('is heard by %s, %s', async (_method, framing, request) => {
    const client = await connect(request);
    const body = framing === 'chunked' ? chunked(sound) : sound;
    const stop = play(client, body);
    await waitFor('it is on air', isOnAir);
    const hearing = await hearLive();
    await waitFor('five seconds are heard', () => hearing.played.length >= 20, 15_000);
    stop();
    expect(hearing.skippedCount()).toBe(0);
    expect(hearing.played.every(({ header }) => header.codec === 'mp3')).toBe(true);
  });

  it('is heard by Shoutcast’s protocol, with a bare password or with a user, and a wrong one is told', async () => {
    const port = server.shoutcastPort ?? 0;
    for (const password of ['dj', 'source:dj']) {
      const client = await connect(`${password}\r\n`, port);
      await waitFor('it is let in', () => client.received() === 'OK2\r\nicy-caps:11\r\n\r\n');
      client.send('icy-name:Night\r\nicy-br:128\r\ncontent-type:audio/mpeg\r\n\r\n');
      const stop = play(client, sound);
      await waitFor('it is on air', isOnAir);
      expect(server.liveSources.get('/live.mp3')).toMatchObject({
        protocol: 'shoutcast',
        info: { name: 'Night', bitrateKbps: 128 },
      });
      stop();
      client.close();
      await waitFor('it has left', () => server.liveSources.get('/live.mp3') === null);
    }
    for (const password of ['wrong', '!POKE\nicy-name:libshout', '']) {
      const client = await connect(`${password}\n`, port);
      await waitFor('it is refused', () => client.isEnded());
      expect(client.received()).toBe('Invalid Password\r\n');
    }
  });

  it('that comes ten times as fast as real time is slowed down: it neither runs ahead nor fills memory', async () => {
    const client = await connect(requestText('SOURCE /live.mp3 HTTP/1.0', AUTH, MP3));
    const startedAt = performance.now();
    const stop = play(client, sound, 10);
    await waitFor('it is on air', isOnAir);
    const hearing = await hearLive();
    await waitFor('six seconds are heard', () => hearing.played.length >= 24, 15_000);
    const elapsedMs = performance.now() - startedAt;
    const received = server.liveSources.get('/live.mp3')?.receivedBytes ?? 0;
    // Burst, queue and what one read of the socket brings; the file of 60 s would have been sent after 6 s.
    expect(received).toBeLessThan((elapsedMs + 3000 + 2000) * 16 + 2 * 65_536);
    const ends = hearing.played.map(
      ({ header }) => header.packagedAt - (header.mediaTime + header.duration) / 1000,
    );
    expect(Math.max(...ends) - Math.min(...ends)).toBeLessThan(3500);
    expect(hearing.skippedCount()).toBe(0);
    stop();
    // What it has sent already would otherwise be played to its end.
    server.liveSources.get('/live.mp3')?.kick('it was heard');
  });

  it('that ends ends the stream: the client is told by the end of its connection', async () => {
    const client = await connect(requestText('SOURCE /live.mp3 HTTP/1.0', AUTH, MP3));
    const stop = play(client, sound);
    await waitFor('it is on air', isOnAir);
    stop();
    client.socket.end();
    await waitFor('it has left', () => server.liveSources.get('/live.mp3') === null);
    await waitFor('its connection has ended', () => client.isEnded());
  });

  it('that an administrator ends is ended', async () => {
    const client = await connect(requestText('SOURCE /live.mp3 HTTP/1.0', AUTH, MP3));
    const stop = play(client, sound);
    await waitFor('it is on air', isOnAir);
    server.liveSources.get('/live.mp3')?.kick('by a test');
    await waitFor('it is out', () => client.isEnded() && server.liveSources.get('/live.mp3') === null);
    stop();
  });
});

describe('bad input', () => {
  it('more headers than anybody needs are refused', async () => {
    const flood = `SOURCE /live.mp3 HTTP/1.0\r\n${'X-Flood: yes\r\n'.repeat(5000)}`;
    expect((await askOnce(server.port, flood)).statusLine).toContain(' 431 ');
    const long = `PUT /live.mp3 HTTP/1.1\r\nX-Long: ${'x'.repeat(100_000)}\r\n\r\n`;
    expect((await askOnce(server.port, long)).statusLine).toContain(' 431 ');
  });

  it('headers that come one byte at a time are read', async () => {
    const client = await connect('');
    for (const byte of Buffer.from(requestText('SOURCE /live.mp3 HTTP/1.0', AUTH, MP3))) {
      client.send(Uint8Array.of(byte));
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    expect((await client.answer()).statusLine).toBe('HTTP/1.0 200 OK');
  });

  it('a source that sends nothing is disconnected', async () => {
    const client = await connect(requestText('SOURCE /live.mp3 HTTP/1.0', AUTH, MP3));
    await client.answer();
    await waitFor('it is out', () => client.isEnded(), SILENCE_MS_MAX + 5000);
    expect(server.liveSources.get('/live.mp3')).toBeNull();
  });

  it('a source that sends no sound is disconnected, and is not heard before', async () => {
    const client = await connect(requestText('SOURCE /both.mp3 HTTP/1.0', AUTH, MP3));
    const page = readFileSync(new URL('../../package-lock.json', import.meta.url));
    for (let megabytes = 0; megabytes < 3 && !client.isEnded(); megabytes += page.length / 1e6)
      client.send(page);
    await waitFor('it is out', () => client.isEnded());
    expect(server.stations[0]?.mounts[1]?.source.source).toBe('demo');
  });

  it('a request that is none is refused', async () => {
    for (const line of ['SOURCE live.mp3', 'PUT', 'SOURCE /%ff HTTP/1.0', 'OPTIONS * \0'])
      expect((await askOnce(server.port, `${line} \r\n\r\n`)).statusLine).toMatch(/ (?:400|200) /);
  });

  it('a client that sends its sound without waiting for the answer still gets the answer', async () => {
    const client = await connect(requestText('SOURCE /live.mp3 HTTP/1.0', basicAuth('source', 'nope'), MP3));
    client.send(sound.subarray(0, 400_000));
    expect((await client.answer()).statusLine).toContain(' 401 ');
    await waitFor('the connection is ended', () => client.isEnded());
  });
});

/** In chunks of 1000 bytes. */
function chunked(bytes: Uint8Array): Uint8Array {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 1000) {
    const part = bytes.subarray(at, at + 1000);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), Buffer.from(part), Buffer.from('\r\n'));
  }
  return Buffer.concat(parts);
}
