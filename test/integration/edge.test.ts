import { createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { healthSchema } from '../../server/edge/health.ts';
import { statisticsSchema } from '../../server/edge/statistics.ts';
import { FRAME_PREFIX_LENGTH } from '../../shared/chunk/chunk-framing.ts';
import { signaturePart, signedPart } from '../../shared/chunk/chunk.ts';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import { chunksIn, openStream, sequencesIn } from '../support/http-stream.ts';
import { mp3Frames } from '../support/made-frames.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import { waitFor } from '../support/wait-for.ts';

describe('edge over HTTP', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.stop());

  const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(server.url + path, init);
  const mount = (path: string): Promise<Response> => fetch(`${server.mountUrl}${path}`);

  it('is down until there is sound, and then well', async () => {
    const before = await get('/healthz');
    expect(before.status).toBe(503);
    expect(healthSchema.parse(await before.json())).toMatchObject({ status: 'down' });
    server.play(mp3Frames(100));
    const after = await get('/healthz');
    expect(after.status).toBe(200);
    expect(healthSchema.parse(await after.json()).mounts).toMatchObject([
      { path: '/live.mp3', hasSound: true, source: 'live' },
    ]);
  });

  it('describes its stations as the schema asks, with itself as edge, tracker and STUN server', async () => {
    const list = z
      .object({ stations: z.array(z.unknown()) })
      .parse(await (await get('/api/stations')).json());
    const station = stationDescriptionSchema.parse(list.stations[0]);
    expect(station.edges).toEqual([`http://127.0.0.1:${server.port}`]);
    expect(station.trackers).toEqual([`ws://127.0.0.1:${server.port}/tracker`]);
    expect(station.iceServers).toEqual([{ urls: `stun:127.0.0.1:${server.stunPort}` }]);
    expect(station.mounts[0]).toMatchObject({ id: server.mountId, live: { oldest: 0 } });
    expect(await (await get('/api/stations/demo')).json()).toEqual(list.stations[0]);
    expect(await (await mount('')).json()).toEqual(station.mounts[0]);
    expect((await get('/api/stations/other')).status).toBe(404);
  });

  it('gives a burst whose chunks the station’s key has signed', async () => {
    const before = server.egress.totals(server.stations[0]?.mounts[0]?.id ?? never()).burst;
    const response = await mount('/burst?seconds=1');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const body = await bytesOf(response);
    const chunks = chunksIn(body);
    expect(chunks).toHaveLength(4);
    const x = server.stations[0]?.publicKeyText ?? '';
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    for (const chunk of chunks) expect(verify(null, signedPart(chunk), key, signaturePart(chunk))).toBe(true);
    const after = server.egress.totals(server.stations[0]?.mounts[0]?.id ?? never()).burst;
    expect(after - before).toBe(body.length);
  });

  it('gives one chunk for ever, tells one to come (404) from one that is gone (410)', async () => {
    const [chunk] = chunksIn(await bytesOf(await mount('/burst?seconds=30')));
    const { epoch, sequence } = chunk?.header ?? never();
    const found = await mount(`/chunks/${epoch}/${sequence}`);
    expect(found.headers.get('cache-control')).toContain('immutable');
    expect(await bytesOf(found)).toEqual(chunk?.wire);
    const coming = await mount(`/chunks/${epoch}/100000`);
    expect([coming.status, coming.headers.get('cache-control')]).toEqual([404, 'no-store']);
    expect((await mount(`/chunks/${epoch - 1}/0`)).status).toBe(410);
  });

  it('streams only the stripes that were asked for, each chunk as soon as it is made', async () => {
    const stream = await openStream(`${server.mountUrl}/stream?stripes=0,2&cause=seed`);
    try {
      expect(stream.headers.get('content-encoding')).toBeNull();
      server.play(mp3Frames(77, 1000));
      await waitFor('four chunks came', () => sequencesIn(stream.received()).length >= 4);
      expect(sequencesIn(stream.received()).every((sequence) => sequence % 2 === 0)).toBe(true);
      const { seed } = server.egress.totals(server.stations[0]?.mounts[0]?.id ?? never());
      expect(seed).toBe(stream.received().length);
    } finally {
      stream.close();
    }
  });

  it('joins a burst and a stream without a gap and without a chunk twice', async () => {
    const burst = chunksIn(await bytesOf(await mount('/burst?seconds=1')));
    const last = burst.at(-1)?.header ?? never();
    // Made between the two requests.
    server.play(mp3Frames(40, 2000));
    const stream = await openStream(`${server.mountUrl}/stream?from=${last.epoch}.${last.sequence + 1}`);
    try {
      server.play(mp3Frames(40, 3000));
      await waitFor('eight chunks came', () => sequencesIn(stream.received()).length >= 8);
      const sequences = sequencesIn(stream.received());
      expect(sequences).toEqual(sequences.map((_, index) => last.sequence + 1 + index));
    } finally {
      stream.close();
    }
  });

  it('plays bare frames at the mount’s own address, for players that know no chunked transfer', async () => {
    const player = await openStream(`${server.url}/live.mp3`);
    try {
      expect(player.headers.get('content-type')).toBe('audio/mpeg');
      expect(player.headers.get('transfer-encoding')).toBeNull();
      expect(player.headers.get('access-control-allow-origin')).toBe('*');
      server.play(mp3Frames(20, 4000));
      const [frame] = mp3Frames(1, 4005);
      await waitFor('a new frame came', () =>
        Buffer.from(player.received()).includes(Buffer.from(frame?.bytes ?? never())),
      );
      expect(player.received().length % 417).toBe(0);
    } finally {
      player.close();
    }
  });

  it('drops a client that does not read, and no other', async () => {
    const slow = await fetch(`${server.mountUrl}/stream`);
    const quick = await openStream(`${server.mountUrl}/stream`);
    try {
      const dropped = async (): Promise<number> => {
        const text = await (await get('/metrics')).text();
        return Number(/^essaim_slow_clients_dropped_total (\d+)/m.exec(text)?.[1]);
      };
      let bytesMade = 0;
      const stop = server.stations[0]?.mounts[0]?.onChunk((chunk) => {
        bytesMade += chunk.wire.length + FRAME_PREFIX_LENGTH;
      });
      // Socket buffers of both sides take some megabytes before anything is behind.
      for (let round = 0; round < 500 && (await dropped()) === 0; round++) {
        server.play(mp3Frames(150, round * 150));
        await waitFor('the quick one has it all', () => quick.received().length === bytesMade);
      }
      stop?.();
      expect(await dropped()).toBe(1);
      const before = quick.received().length;
      server.play(mp3Frames(20));
      await waitFor('the quick one goes on', () => quick.received().length > before);
      expect(quick.isEnded()).toBe(false);
    } finally {
      quick.close();
      await slow.body?.cancel().catch(() => undefined);
    }
  });

  it('answers HEAD without opening a stream', async () => {
    for (const path of ['/live.mp3', `/api/mounts/${server.mountId}/stream`]) {
      const response = await get(path, { method: 'HEAD' });
      expect([response.status, await response.text()]).toEqual([200, '']);
    }
    await expect.poll(() => openStreams(server.url), { timeout: 10_000 }).toEqual({ chunks: 0, raw: 0 });
  });

  it.each([
    ['/burst?seconds=x', 'seconds'],
    ['/burst?seconds=31', 'seconds'],
    ['/chunks/1/-1', 'sequence'],
    ['/stream?stripes=7', 'stripes'],
    ['/stream?stripes=', 'stripes'],
    ['/stream?cause=love', 'cause'],
    ['/stream?from=12', 'from'],
  ])('refuses %s, naming the parameter', async (path, field) => {
    const response = await mount(path);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: expect.stringContaining(`Cannot read ${field}`) });
  });

  it('knows no other mount', async () => {
    for (const path of ['burst', 'stream', 'chunks/1/1'])
      expect((await get(`/api/mounts/0000000000000000/${path}`)).status).toBe(404);
  });

  it('counts every byte by its cause in the statistics and in the metrics alike', async () => {
    const [figures] = statisticsSchema.parse(await (await get('/api/statistics')).json()).mounts;
    const { seed, burst, repair, fallback, total } = figures?.egress ?? never();
    expect(Math.min(seed, burst, repair, fallback)).toBeGreaterThan(0);
    expect(total).toBe(seed + burst + repair + fallback);
    const metrics = await (await get('/metrics')).text();
    expect(metrics).toContain(`essaim_egress_bytes_total{mount="/live.mp3",cause="seed"} ${seed}\n`);
    expect(metrics).toContain('process_cpu_seconds_total');
  });

  it('may be read by pages of any site', async () => {
    const preflight = await get('/api/stations', { method: 'OPTIONS' });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
    for (const path of ['/api/stations', `/api/mounts/${server.mountId}/burst`, '/api/nothing'])
      expect((await get(path)).headers.get('access-control-allow-origin')).toBe('*');
  });

  it('describes itself as OpenAPI, with every reference resolved', async () => {
    const text = await (await get('/api/openapi.json')).text();
    const document = openApiSchema.parse(JSON.parse(text));
    expect(Object.keys(document.paths).toSorted()).toEqual([
      '/api/mounts/{mountId}',
      '/api/mounts/{mountId}/burst',
      '/api/mounts/{mountId}/chunks/{epoch}/{sequence}',
      '/api/mounts/{mountId}/stream',
      '/api/stations',
      '/api/stations/{station}',
      '/api/stations/{station}/player',
      '/api/statistics',
      '/healthz',
      '/oembed',
    ]);
    for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
      expect(document.components.schemas).toHaveProperty(name);
    for (const [path, { get: operation }] of Object.entries(document.paths)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const given = operation.parameters.filter((p) => p.in === 'path').map((p) => p.name);
      expect(given).toEqual(named);
    }
  });
});

describe('edge that stops', () => {
  it('ends its streams and lets go of its port', async () => {
    const server = await startScriptedServer();
    server.play(mp3Frames(20));
    const stream = await openStream(`${server.mountUrl}/stream`);
    await server.stop();
    await waitFor('the stream ended', stream.isEnded);
    await expect(fetch(server.url)).rejects.toThrow('fetch failed');
  });
});

const openApiSchema = z.object({
  openapi: z.literal('3.1.0'),
  info: z.object({ title: z.string(), version: z.string() }),
  components: z.object({ schemas: z.record(z.string(), z.object({ type: z.literal('object') })) }),
  paths: z.record(
    z.string(),
    z.object({
      get: z.object({
        parameters: z
          .array(z.object({ name: z.string(), in: z.enum(['path', 'query']), schema: z.object({}) }))
          .default([]),
        responses: z.record(z.string().regex(/^\d{3}$/), z.object({ description: z.string().min(1) })),
      }),
    }),
  ),
});

async function openStreams(url: string): Promise<unknown> {
  const { mounts } = statisticsSchema.parse(await (await fetch(`${url}/api/statistics`)).json());
  return mounts[0]?.streams;
}

const bytesOf = async (response: Response): Promise<Uint8Array> =>
  new Uint8Array(await response.arrayBuffer());

function never(): never {
  throw new Error('Cannot go on as the value is there: current value is none');
}
