import http from 'node:http';
import type { RequestListener } from 'node:http';
import net from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeFile } from '../support/ffmpeg.ts';
import { recordIngest } from '../support/ingest-recording.ts';
import type { IngestRecording } from '../support/ingest-recording.ts';
import { waitFor } from '../support/wait-for.ts';

const mp3 = encodeFile({ codec: 'mp3', seconds: 5, extra: ['-id3v2_version', '0'] });
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function listen(server: net.Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Cannot listen on loopback');
  return `127.0.0.1:${address.port}`;
}

const serve = async (listener: RequestListener): Promise<string> =>
  `http://${await listen(http.createServer(listener))}`;

/** A server that answers with these bytes and stays silent then, as old servers that are not quite HTTP do. */
const answer = async (...parts: readonly (string | Uint8Array)[]): Promise<string> =>
  `http://${await listen(
    net.createServer((socket) => {
      socket.once('data', () => {
        for (const part of parts) socket.write(part);
      });
    }),
  )}`;

function record(...addresses: readonly string[]): IngestRecording {
  const recording = recordIngest(...addresses);
  closers.push(() => recording.ingest.stop());
  return recording;
}

const playMp3: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'audio/mpeg' });
  response.write(mp3);
};

const frameBytes = ({ events }: IngestRecording): Uint8Array =>
  Buffer.concat(events.flatMap((event) => (event.type === 'frame' ? [event.frame.bytes] : [])));

const isHeard = (recording: IngestRecording): Promise<void> =>
  waitFor('sound came', () => recording.frameCount() > 100);

async function failure(...addresses: readonly string[]): Promise<string> {
  const recording = record(...addresses);
  await waitFor('it failed', () => recording.states().includes('failed'), 20_000);
  const failed = recording.events.find((event) => event.type === 'state' && event.state === 'failed');
  return failed?.type === 'state' ? (failed.detail ?? '') : '';
}

describe('Shoutcast', () => {
  it('its status line "ICY 200 OK" is understood, even one byte at a time', async () => {
    const head = 'ICY 200 OK\r\nicy-name:Old\r\nContent-Type:audio/mpeg\r\n\r\n';
    const address = await answer(...Array.from(head.slice(0, 12)), head.slice(12), mp3);
    const recording = record(address);
    await isHeard(recording);
    expect(recording.gaps()).toEqual([]);
  });

  it('titles between the sound leave every frame as it was', async () => {
    const interval = 1000;
    const text = Buffer.alloc(48);
    text.write("StreamTitle='Caf\u00e9 - L'\u00e9t\u00e9';StreamUrl='';", 'latin1');
    const parts: Uint8Array[] = [];
    for (let offset = 0; offset < mp3.length; offset += interval) {
      const piece = mp3.subarray(offset, offset + interval);
      parts.push(piece);
      if (piece.length === interval)
        parts.push(offset === 0 ? Buffer.concat([Buffer.of(3), text]) : Buffer.of(0));
    }
    const head = `ICY 200 OK\r\nicy-metaint:${interval}\r\ncontent-type:audio/mpeg\r\n\r\n`;
    const recording = record(await answer(head, ...parts));
    await isHeard(recording);
    await waitFor('most frames came', () => frameBytes(recording).length > mp3.length - 2000);
    expect(Buffer.compare(frameBytes(recording), mp3.subarray(0, frameBytes(recording).length))).toBe(0);
    expect(recording.events).toContainEqual({ type: 'title', title: "L'été", artist: 'Café' });
  });
});

describe('redirects and playlists', () => {
  it('a redirect is followed, relative or not', async () => {
    const address = await serve((request, response) => {
      if (request.url === '/live') playMp3(request, response);
      else response.writeHead(302, { location: request.url === '/a' ? 'b' : '/live' }).end();
    });
    await isHeard(record(`${address}/a`));
  });

  it('a redirect in a circle is refused', async () => {
    const address = await serve(
      (_request, response) => void response.writeHead(302, { location: '/' }).end(),
    );
    expect(await failure(`${address}/`)).toMatch(/more than 8 redirects/u);
  });

  it.each([
    ['M3U by content type', '/list', 'audio/x-mpegurl', '#EXTM3U\r\n#EXTINF:-1,Name\r\nlive\r\n'],
    ['M3U by its name', '/list.m3u', 'text/plain', 'live\n'],
    ['PLS', '/list.pls', 'audio/x-scpls', '[playlist]\nNumberOfEntries=2\nFile1=gone\nFile2=/live\n'],
  ])('%s leads to its first stream that answers', async (_name, path, contentType, text) => {
    const address = await serve((request, response) => {
      if (request.url === '/live') playMp3(request, response);
      else if (request.url === path) response.writeHead(200, { 'content-type': contentType }).end(text);
      else response.writeHead(404).end();
    });
    await isHeard(record(`${address}${path}`));
  });

  it('a playlist that names itself is refused', async () => {
    const address = await serve(
      (_request, response) => void response.writeHead(200, { 'content-type': 'audio/x-mpegurl' }).end('/\n'),
    );
    expect(await failure(`${address}/`)).toMatch(/playlists name playlists more than 3 deep/u);
  });

  it('an HLS playlist is refused by name', async () => {
    const text = '#EXTM3U\n#EXT-X-TARGETDURATION:6\nsegment.ts\n';
    const address = await serve(
      (_request, response) =>
        void response.writeHead(200, { 'content-type': 'application/vnd.apple.mpegurl' }).end(text),
    );
    expect(await failure(`${address}/live.m3u8`)).toMatch(/HLS/u);
  });
});

describe('what is not sound', () => {
  it('a web page is named with its beginning', async () => {
    const address = await serve(
      (_request, response) =>
        void response
          .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
          .end('<!DOCTYPE html><p>Hi'),
    );
    expect(await failure(`${address}/`)).toBe(
      `Cannot read ${address}/ as audio: the source sent text/html, beginning "<!DOCTYPE html><p>Hi"`,
    );
  });

  it('a web page that claims to be audio is named too', async () => {
    const address = await serve(
      (_request, response) =>
        void response.writeHead(200, { 'content-type': 'audio/mpeg' }).end('<!DOCTYPE html><p>Hi'),
    );
    expect(await failure(`${address}/`)).toContain(
      'the source sent audio/mpeg, beginning "<!DOCTYPE html><p>Hi"',
    );
  });

  it('an HTTP error says its number, and a password in the address is not shown', async () => {
    const address = await serve((_request, response) => void response.writeHead(404).end());
    const detail = await failure(`${address.replace('://', '://user:hidden@')}/?token=hidden`);
    expect(detail).toMatch(/answered 404 Not Found/u);
    expect(detail).not.toContain('hidden');
  });

  it('headers without end are refused', async () => {
    expect(await failure(`${await answer(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}`)}/`)).toMatch(
      /overflow/iu,
    );
  });

  it('the other sources of the list are tried', async () => {
    const page = await serve((_request, response) => void response.end('no'));
    const good = await serve(playMp3);
    const recording = record(`${page}/`, `${good}/`);
    await isHeard(recording);
    expect(recording.states().slice(0, 4)).toEqual(['connecting', 'failed', 'connecting', 'live']);
  });

  it('garbage between frames is discarded and counted, and costs no frame', async () => {
    const half = Math.floor(mp3.length / 2);
    const whole = record(await serve(playMp3));
    await waitFor('the file came', () => frameBytes(whole).length > mp3.length - 2000);
    const frames = whole.events.flatMap((event) => (event.type === 'frame' ? [event.frame.bytes] : []));
    const middle = frames.findIndex((_, index) => Buffer.concat(frames.slice(0, index)).length > half);
    const noisy = Buffer.concat([
      ...frames.slice(0, middle),
      Buffer.alloc(3000, 0x49),
      ...frames.slice(middle),
    ]);
    const recording = record(
      await serve(
        (_request, response) => void response.writeHead(200, { 'content-type': 'audio/mpeg' }).write(noisy),
      ),
    );
    await waitFor('the file came', () => recording.frameCount() >= frames.length - 1);
    expect(recording.gaps()).toEqual([]);
    expect(recording.ingest.stats().discardedBytes).toBe(3000);
  });
});
