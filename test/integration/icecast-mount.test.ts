import { execFileSync } from 'node:child_process';
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ICY_INTERVAL_BYTES } from '../../server/icecast/icy-blocks.ts';
import { BURST_BYTES_MAX } from '../../server/icecast/mount-answer.ts';
import { IcySplitter } from '../../server/ingest/icy.ts';
import { statisticsSchema } from '../../server/edge/statistics.ts';
import type { MountStatistics } from '../../server/edge/statistics.ts';
import { mp3Frames } from '../support/made-frames.ts';
import { rawRequest } from '../support/raw-request.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import { waitFor } from '../support/wait-for.ts';

describe('a mount, to a player of the old kind', () => {
  let server: ScriptedServer;
  beforeEach(async () => {
    server = await startScriptedServer();
    server.emit({ type: 'title', title: 'Tide', artist: 'Someone' });
    server.play(mp3Frames(600));
  });
  afterEach(() => server.stop());
  const mount = (): Promise<MountStatistics | undefined> => statistics(server.url);

  it('answers in HTTP/1.0, without length and chunks, until the connection ends', async () => {
    const answer = await rawRequest(
      server.url,
      ['GET /live.mp3 HTTP/1.1', 'Host: radio.example'],
      (got) => got.body.length > 1000,
    );
    expect(answer.statusLine).toBe('HTTP/1.0 200 OK');
    expect(answer.headers.get('content-type')).toBe('audio/mpeg');
    expect(answer.headers.get('connection')).toBe('Close');
    expect(answer.headers.has('transfer-encoding')).toBe(false);
    expect(answer.headers.has('content-length')).toBe(false);
    expect(answer.headers.has('icy-metaint')).toBe(false);
    expect(answer.headers.get('icy-name')).toBe('Demo');
    expect(answer.headers.get('icy-url')).toBe('http://radio.example/');
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-expose-headers')).toContain('icy-metaint');
    // An MPEG frame begins at the very first byte.
    expect(answer.body.readUInt16BE(0) & 0xffe0).toBe(0xffe0);
  });

  it('gives a player that names no host, and one that asks for a part, the whole', async () => {
    const answer = await rawRequest(
      server.url,
      ['GET /live.mp3 HTTP/1.0', 'Range: bytes=0-1'],
      (got) => got.body.length > 1000,
    );
    expect(answer.statusLine).toBe('HTTP/1.0 200 OK');
    expect(answer.headers.has('content-range')).toBe(false);
  });

  it('answers HEAD with the same headers and ends', async () => {
    const answer = await rawRequest(server.url, ['HEAD /live.mp3 HTTP/1.0', 'Icy-MetaData: 1']);
    expect(answer.statusLine).toBe('HTTP/1.0 200 OK');
    expect(answer.headers.get('icy-metaint')).toBe(String(ICY_INTERVAL_BYTES));
    expect(answer.body).toHaveLength(0);
    expect(answer.isEnded).toBe(true);
  });

  it('begins with at most 64 KB, and counts every byte as fallback', async () => {
    const answer = await rawRequest(
      server.url,
      ['GET /live.mp3 HTTP/1.0'],
      (got) => got.body.length > 60_000,
    );
    await expect.poll(async () => (await mount())?.streams.raw).toBe(0);
    expect((await mount())?.egress.fallback).toBe(answer.body.length);
    expect(answer.body.length).toBeLessThanOrEqual(BURST_BYTES_MAX);
  });

  it('says titles between the sound at the place where they change', async () => {
    let parts: ReturnType<IcySplitter['push']> = [];
    const titles = (): readonly string[] =>
      parts.flatMap((part) => (part.type === 'title' ? [`${part.artist ?? ''}/${part.title}`] : []));
    let played = false;
    const answer = await rawRequest(server.url, ['GET /live.mp3 HTTP/1.0', 'Icy-MetaData:1'], (got) => {
      parts = new IcySplitter(ICY_INTERVAL_BYTES).push(got.body);
      if (titles().length > 0 && !played) {
        played = true;
        server.emit({ type: 'title', title: 'Ebbe – нощ', artist: "L'autre" });
        server.play(mp3Frames(200, 600));
      }
      return titles().length > 1;
    });
    expect(answer.headers.get('icy-metaint')).toBe('16000');
    expect(titles()).toEqual(['Someone/Tide', "L'autre/Ebbe – нощ"]);
    const sound = Buffer.concat(parts.flatMap((part) => (part.type === 'sound' ? [part.bytes] : [])));
    // All of it is frames, end to end: nothing of the text is in the sound.
    expect(
      execFileSync('ffmpeg', ['-v', 'error', '-i', 'pipe:0', '-f', 'null', '-'], {
        input: sound.subarray(0, 100 * 417),
      }).toString(),
    ).toBe('');
  });

  it('allows pages of other sites to ask for titles', async () => {
    const answer = await rawRequest(server.url, [
      'OPTIONS /live.mp3 HTTP/1.1',
      'Host: radio.example',
      'Origin: https://player.example',
      'Access-Control-Request-Method: GET',
      'Access-Control-Request-Headers: icy-metadata',
      'Connection: close',
    ]);
    expect(answer.statusLine).toContain('204');
    expect(answer.headers.get('access-control-allow-headers')).toContain('Icy-MetaData');
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  });

  it.each([
    ['/live.mp3.m3u', 'audio/x-mpegurl', 'http://radio.example:8000/live.mp3\r\n'],
    ['/live.mp3.pls', 'audio/x-scpls', 'File1=http://radio.example:8000/live.mp3\r\n'],
    [
      '/live.mp3.xspf',
      'application/xspf+xml; charset=UTF-8',
      '<location>http://radio.example:8000/live.mp3</location>',
    ],
    ['/listen.pls?sid=1', 'audio/x-scpls', 'File1=http://radio.example:8000/live.mp3\r\n'],
  ])('has a playlist at %s', async (path, contentType, content) => {
    const answer = await rawRequest(server.url, [
      `GET ${path} HTTP/1.1`,
      'Host: radio.example:8000',
      'Connection: close',
    ]);
    expect(answer.headers.get('content-type')).toBe(contentType);
    expect(answer.body.toString()).toContain(content);
  });

  it.each(['/;', '/;stream.mp3', '/stream', '/stream/1/', '/stream?sid=1'])(
    'is found at Shoutcast’s address %s too',
    async (path) => {
      const answer = await rawRequest(server.url, [`GET ${path} HTTP/1.0`], (got) => got.body.length > 1000);
      expect(answer.statusLine).toBe('HTTP/1.0 200 OK');
      expect(answer.headers.get('content-type')).toBe('audio/mpeg');
    },
  );

  it('is not found under a number that there is not', async () => {
    for (const path of ['/stream/2', '/stream?sid=9', '/;?sid=x', '/listen.pls?sid=2'])
      expect((await fetch(server.url + path)).status).toBe(404);
  });

  it('drops a player that takes nothing when half a megabyte waits, and nobody else', async () => {
    const slow = net.connect(server.port, '127.0.0.1');
    slow.pause();
    slow.write('GET /live.mp3 HTTP/1.0\r\n\r\n');
    await expect.poll(async () => (await mount())?.streams.raw).toBe(1);
    let position = 600;
    // What the system's own buffers take comes on top: it is not seen from here.
    for (let round = 0; round < 200 && ((await mount())?.streams.raw ?? 0) > 0; round += 1) {
      server.play(mp3Frames(400, position));
      position += 400;
    }
    expect((await mount())?.streams.raw).toBe(0);
    expect(await (await fetch(`${server.url}/metrics`)).text()).toContain(
      'essaim_slow_clients_dropped_total 1\n',
    );
    slow.destroy();
  });

  it('does not count a server that takes the stream to pass it on', async () => {
    const socket = net.connect(server.port, '127.0.0.1');
    let received = 0;
    socket.on('data', (data) => (received += data.length));
    socket.write('GET /live.mp3 HTTP/1.0\r\nUser-Agent: Essaim/0.1\r\n\r\n');
    await waitFor('it gets the stream', () => received > 1000);
    expect(await mount()).toMatchObject({ listeners: 0, streams: { raw: 0 } });
    socket.destroy();
  });

  it('survives clients that send more requests, garbage or nothing on the same connection', async () => {
    const socket = net.connect(server.port, '127.0.0.1');
    let received = 0;
    socket.on('data', (data) => (received += data.length));
    socket.on('error', () => undefined);
    socket.write(
      'GET /live.mp3 HTTP/1.1\r\nHost: a\r\n\r\nGET /live.mp3 HTTP/1.1\r\nHost: a\r\n\r\n\u0000\u0001garbage\r\n\r\n',
    );
    await waitFor('it is answered', () => received > 0);
    socket.destroy();
    await expect.poll(async () => (await mount())?.streams.raw).toBe(0);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});

describe('a mount without sound', () => {
  it('says so, and when to come back', async () => {
    const server = await startScriptedServer({
      parts: { startSource: () => ({ stop: () => Promise.resolve() }) },
    });
    const answer = await fetch(`${server.url}/live.mp3`);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    await server.stop();
  });
});

async function statistics(url: string): Promise<MountStatistics | undefined> {
  const answer = await fetch(`${url}/api/statistics`);
  return statisticsSchema.parse(await answer.json()).mounts[0];
}
