import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';

const SCRIPT = `console.log(${JSON.stringify('sound '.repeat(500))})`;
const station = (id: string): unknown => ({
  id,
  name: `Radio ${id}`,
  mounts: [{ path: `/${id}.mp3`, sources: ['demo'] }],
});

describe('page', () => {
  let folder = '';
  let server: ScriptedServer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'essaim-page-'));
    server = await startScriptedServer({
      config: { stations: [station('north'), station('south')] },
      parts: { pageFolder: join(folder, 'dist') },
    });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  const get = (path: string, headers = {}): Promise<Response> => fetch(server.url + path, { headers });

  it('says what to do while it has not been built', async () => {
    const response = await get('/');
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('npm run build');
  });

  it('appears once it is built, without a restart, with each station’s own key in it', async () => {
    build(join(folder, 'dist'));
    for (const [index, path] of ['/', '/south'].entries()) {
      const response = await get(path);
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('no-store');
      const { station, settings } = pageDataSchema.parse(dataIn(await response.text()));
      expect(station.publicKey).toBe(server.stations[index]?.publicKeyText);
      expect(settings).toEqual({
        playoutDelayMs: 2500,
        uploadCapKbps: 1000,
        askToRelay: true,
        relayByDefault: true,
      });
    }
    expect(server.stations[0]?.publicKeyText).not.toBe(server.stations[1]?.publicKeyText);
  });

  it('runs under a strict policy that names this edge and this tracker', async () => {
    const policy = (await get('/')).headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'; script-src 'self'");
    expect(policy).toContain(`ws://127.0.0.1:${server.port}`);
  });

  it('keeps hashed files for ever and asks again for the others', async () => {
    const hashed = await get('/assets/page-Ab3_d-9z.js', { 'accept-encoding': 'identity' });
    expect(hashed.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(hashed.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(hashed.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await hashed.text()).toBe(SCRIPT);
    const plain = await get('/robots.txt');
    expect(plain.headers.get('cache-control')).toBe('no-cache');
    const again = await get('/robots.txt', { 'if-none-match': plain.headers.get('etag') ?? '' });
    expect(again.status).toBe(304);
  });

  it('compresses text for those who take it', async () => {
    const response = await get('/assets/page-Ab3_d-9z.js', { 'accept-encoding': 'gzip, br' });
    expect(response.headers.get('content-encoding')).toBe('br');
    expect(Number(response.headers.get('content-length'))).toBeLessThan(SCRIPT.length / 10);
    expect(await response.text()).toBe(SCRIPT);
  });

  it('gives nothing but what was built', async () => {
    writeFileSync(join(folder, 'secret.txt'), 'x');
    for (const path of [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/assets/..%2f..%2fsecret.txt',
      '/nothing.js',
    ])
      expect((await get(path)).status).toBe(404);
  });
});

const pageDataSchema = z.object({ station: stationDescriptionSchema, settings: z.unknown() });

function build(dist: string): void {
  mkdirSync(join(dist, 'assets'), { recursive: true });
  writeFileSync(join(dist, 'assets', 'page-Ab3_d-9z.js'), SCRIPT);
  writeFileSync(join(dist, 'robots.txt'), 'User-agent: *\n');
  writeFileSync(join(dist, 'index.html'), '<html><head><title>x</title></head><body></body></html>');
}

function dataIn(html: string): unknown {
  const text = /<script type="application\/json" id="essaim-station">(.*?)<\/script>/s.exec(html)?.[1];
  return JSON.parse(text ?? 'null');
}
