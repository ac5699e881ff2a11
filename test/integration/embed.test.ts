import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FRAME_SANDBOX } from '../../shared/embed/snippet.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import { TrackerClient } from '../support/tracker-client.ts';
import { waitFor } from '../support/wait-for.ts';

const HTML =
  '<html><head><title>x</title><script type="module" src="./assets/a.js"></script></head><body></body></html>';
const PUBLIC_URL = 'https://radio.example';
const PARTNER = 'https://blog.example';
const station = (id: string): unknown => ({
  id,
  name: `Radio ${id}`,
  description: 'All day "long"',
  mounts: [{ path: `/${id}.mp3`, sources: ['demo'] }],
});

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'essaim-embed-'));
  mkdirSync(folder, { recursive: true });
  for (const name of ['index.html', 'embed.html', 'builder.html']) writeFileSync(join(folder, name), HTML);
  writeFileSync(join(folder, 'icon-512.png'), 'picture');
});
afterAll(() => rmSync(folder, { recursive: true }));

const start = (allowedSites: readonly string[] | null): Promise<ScriptedServer> =>
  startScriptedServer({
    config: {
      stations: [station('north'), station('south')],
      http: { publicUrl: PUBLIC_URL },
      embedding: { allowedSites },
      webrtc: { enabled: false },
    },
    parts: { pageFolder: folder },
  });

describe('a station that every site may show', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await start(null);
  });
  afterAll(() => server.stop());
  const get = (path: string, headers = {}): Promise<Response> => fetch(server.url + path, { headers });
  const oembed = (query: string): Promise<Response> => get(`/oembed?${query}`);

  it('answers oEmbed for its page with a framed player over https, as a video', async () => {
    const response = await oembed(`format=json&url=${encodeURIComponent(`${PUBLIC_URL}/`)}`);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    const answer = oembedSchema.parse(await response.json());
    expect(answer).toMatchObject({
      version: '1.0',
      type: 'video',
      title: 'Radio north',
      thumbnail_url: `${PUBLIC_URL}/icon-512.png`,
    });
    expect(answer.html).toMatch(/^<iframe [^<>]+><\/iframe>$/);
    expect(answer.html).toContain(`src="${PUBLIC_URL}/embed/north"`);
    expect(answer.html).toContain(`sandbox="${FRAME_SANDBOX}"`);
  });

  it('answers oEmbed for every way to write a station’s address, and within the room there is', async () => {
    for (const url of [
      'https://radio.example/south',
      'http://radio.example/south/',
      `${PUBLIC_URL}/embed/south?x`,
    ]) {
      const response = await oembed(`url=${encodeURIComponent(url)}&maxwidth=300&maxheight=100`);
      const answer = oembedSchema.parse(await response.json());
      expect([answer.title, answer.width, answer.height]).toEqual(['Radio south', 300, 100]);
    }
  });

  it('refuses oEmbed for what is not here, in words', async () => {
    const asked = [
      ['url=https%3A%2F%2Fradio.example%2Fnobody', 404],
      ['url=https%3A%2F%2Fother.example%2Fnorth', 404],
      ['url=nonsense', 404],
      ['url=https%3A%2F%2Fradio.example%2F&format=xml', 501],
      ['url=https%3A%2F%2Fradio.example%2F&maxwidth=wide', 400],
      ['', 400],
    ] as const;
    for (const [query, status] of asked) {
      const response = await oembed(query);
      expect([query, response.status]).toEqual([query, status]);
      expect(z.object({ error: z.string() }).parse(await response.json()).error).not.toBe('');
    }
  });

  it('tells link previews on its page where its player is', async () => {
    const html = await (await get('/south')).text();
    const tags = [
      `<link rel="canonical" href="${PUBLIC_URL}/south">`,
      `type="application/json+oembed" href="${PUBLIC_URL}/oembed?format=json&amp;url=${encodeURIComponent(`${PUBLIC_URL}/south`)}"`,
      '<meta property="og:title" content="Radio south">',
      '<meta property="og:description" content="All day &quot;long&quot;">',
      `<meta property="og:image" content="${PUBLIC_URL}/icon-512.png">`,
      '<meta name="twitter:card" content="player">',
      `<meta name="twitter:player" content="${PUBLIC_URL}/embed/south">`,
    ];
    for (const tag of tags) expect(html).toContain(tag);
  });

  it('may be framed by every site, and its page by none', async () => {
    const frame = await get('/embed/south');
    expect(frame.headers.get('content-security-policy')).toContain("frame-ancestors 'self' *");
    expect(await frame.text()).toContain('src="../assets/a.js"');
    const page = await get('/south');
    expect(page.headers.get('content-security-policy')).toMatch(/frame-ancestors 'self'$/);
    expect((await get('/embed')).status).toBe(200);
    expect((await get('/embed/nobody')).status).toBe(404);
  });

  it('counts its listeners by site, those in frames too, and forgets them when they leave', async () => {
    const frame = await get('/embed/north', { referer: `${PARTNER}/page?secret` });
    expect(await frame.text()).toContain(`data-site="${PARTNER}"></essaim-player>`);
    const tracker = `/tracker?mount=${server.mountId}&site=${encodeURIComponent(PARTNER)}`;
    const clients = [
      new TrackerClient(server.url, { headers: { origin: PARTNER } }),
      new TrackerClient(server.url, { headers: { origin: PUBLIC_URL } }, tracker),
      new TrackerClient(server.url, { headers: { origin: PUBLIC_URL } }),
      new TrackerClient(server.url),
    ];
    await Promise.all(
      clients.map(async (client) => {
        await waitFor('the tracker accepts', () => client.socket.readyState === client.socket.OPEN);
        // Those who pass nothing on never join: this one has said its mount while it connected.
        if (!client.socket.url.includes('mount=')) await client.join(server.mountId);
      }),
    );
    expect(await sites()).toEqual([
      { site: PARTNER, listeners: 2 },
      { site: 'own', listeners: 1 },
      { site: 'none', listeners: 1 },
    ]);
    expect(await (await get('/metrics')).text()).toContain(
      `essaim_site_listeners{mount="/north.mp3",site="${PARTNER}"} 2`,
    );
    for (const client of clients) client.close();
    await expect.poll(sites).toEqual([]);
  });

  async function sites(): Promise<readonly unknown[]> {
    const answer = statisticsSchema.parse(await (await get('/api/statistics')).json());
    return answer.mounts[0]?.sites ?? [];
  }
});

describe('a station that has listed its sites', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await start([PARTNER]);
  });
  afterAll(() => server.stop());
  const status = async (path: string, origin?: string): Promise<number> =>
    (await fetch(server.url + path, { headers: origin === undefined ? {} : { origin } })).status;

  it('gives sound to these, to itself and to players, and tells the others why not', async () => {
    for (const path of ['/api/stations/north', `/api/mounts/${server.mountId}/burst`]) {
      for (const origin of [PARTNER, PUBLIC_URL, undefined]) expect(await status(path, origin)).toBe(200);
      const refused = await fetch(server.url + path, { headers: { origin: 'https://other.example' } });
      expect(refused.status).toBe(403);
      expect(refused.headers.get('access-control-allow-origin')).toBe('*');
      expect(await refused.text()).toContain('https://other.example');
    }
  });

  it('has no tracker for the others', async () => {
    const refused = new TrackerClient(server.url, { headers: { origin: 'https://other.example' } });
    await waitFor('the refusal', () => refused.closeCode !== null);
    expect(refused.messages).toEqual([]);
    const admitted = new TrackerClient(server.url, { headers: { origin: PARTNER } });
    await waitFor('the tracker accepts', () => admitted.socket.readyState === admitted.socket.OPEN);
    await admitted.join(server.mountId);
    admitted.close();
  });

  it('may be framed by these alone', async () => {
    const frame = await fetch(`${server.url}/embed/north`);
    expect(frame.headers.get('content-security-policy')).toMatch(`frame-ancestors 'self' ${PARTNER}`);
  });
});

const oembedSchema = z.object({
  version: z.string(),
  type: z.string(),
  title: z.string(),
  html: z.string(),
  width: z.number(),
  height: z.number(),
  thumbnail_url: z.string(),
});
const statisticsSchema = z.object({
  mounts: z.array(z.object({ sites: z.array(z.object({ site: z.string(), listeners: z.number() })) })),
});
