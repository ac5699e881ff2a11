import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { shownStationSchema } from '../../shared/station/page.ts';
import { freePort } from '../support/icecast.ts';
import { madePng, madeSvg } from '../support/made-pictures.ts';
import { startTestRelay } from '../support/public-relay.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { pollUntil } from '../support/swarm-poll.ts';

const NAME = 'Radio <Ressac>';
const PAGE = {
  accent: '#0b7a75',
  logo: 'logo.svg',
  lead: { fr: 'La radio du littoral.', en: 'The radio of the coast.' },
  about: 'Depuis 1987.\n\nTrente bénévoles.',
  website: 'https://ressac.example',
};

const mounts = (id: string) => [{ path: `/${id}.mp3`, sources: ['demo'], bitrateKbps: 128 }];

let folder = '';
let fedPort = 0;
let server: TestServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'essaim-look-'));
  writeFileSync(join(folder, 'logo.svg'), madeSvg('<script>document.title = "run"</script>'));
  writeFileSync(join(folder, 'logo.png'), madePng(96, 64));
  fedPort = await freePort();
  server = await startTestServer({
    config: {
      stations: [
        {
          id: 'ressac',
          name: NAME,
          mounts: mounts('ressac'),
          page: { ...PAGE, logo: join(folder, 'logo.svg') },
          feed: [`http://127.0.0.1:${fedPort}`],
        },
        { id: 'plain', name: 'Plain', mounts: mounts('plain') },
        { id: 'square', name: 'Square', mounts: mounts('square'), page: { logo: join(folder, 'logo.png') } },
      ],
      webrtc: { enabled: false },
    },
  });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const get = (path: string, language = 'fr', base = server.url): Promise<Response> =>
  fetch(base + path, { headers: { 'Accept-Language': language } });

const describeAt = async (base: string) =>
  shownStationSchema.parse(await (await get('/api/stations/ressac', 'fr', base)).json());

const manifest = async (id: string): Promise<unknown> => {
  const response = await get(`/stations/${id}/app.webmanifest`);
  expect(response.headers.get('content-type')).toBe('application/manifest+json');
  return response.json();
};

describe('a station’s own look', () => {
  it('is in its page: logo, texts in each language, links, colours in a file', async () => {
    const html = await (await get('/')).text();
    expect(html).toContain('<html lang="fr">');
    expect(html).toContain('<h1 class="es-name" id="name">Radio &lt;Ressac&gt;</h1>');
    expect(html).toContain('<span lang="fr" data-in="fr">La radio du littoral.</span>');
    expect(html).toContain('<span lang="en" data-in="en">The radio of the coast.</span>');
    expect(html).toContain('<p class="es-text">Trente bénévoles.</p>');
    expect(html).toContain('href="https://ressac.example"');
    const styles = /href="\.(\/stations\/ressac\/look-\w+\.css)"/.exec(html)?.[1] ?? '';
    const sheet = await get(styles);
    expect(await sheet.text()).toContain('--station-accent-light:#0b7a75');
    expect(sheet.headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect(sheet.headers.get('cache-control')).toContain('immutable');
  });

  it('is in the previews of its links: its words, and its logo where previews take such pictures', async () => {
    expect(await (await get('/')).text()).toContain(
      '<meta property="og:description" content="La radio du littoral.">',
    );
    const html = await (await get('/square')).text();
    const logo = /<meta property="og:image" content="([^"]+)">/.exec(html)?.[1] ?? '';
    expect(logo).toMatch(/\/stations\/square\/logo-\w+\.png$/);
    expect(html).toContain('<meta property="og:image:width" content="96">');
    expect((await fetch(logo)).headers.get('content-type')).toBe('image/png');
    expect(html).toContain(`src=".${new URL(logo).pathname}" alt="" width="96" height="64"`);
    const oembed = await get(`/oembed?url=${encodeURIComponent(`${server.url}/square`)}`);
    expect(await oembed.json()).toMatchObject({
      thumbnail_url: logo,
      thumbnail_width: 96,
      thumbnail_height: 64,
    });
    expect(await (await get('/')).text()).toContain(`content="${server.url}/icon-512.png"`);
  });

  it('leaves another station’s page as it is', async () => {
    const html = await (await get('/plain')).text();
    expect(html).not.toContain('class="logo"');
    expect(html).not.toContain('station-links');
    const styles = /href="\.(\/stations\/plain\/look-\w+\.css)"/.exec(html)?.[1] ?? '';
    expect(await (await get(styles)).text()).not.toContain('accent');
  });

  it('serves the logo as what it is, and so that nothing in it can run', async () => {
    const { page } = await describeAt(server.url);
    const logo = await get(`/stations/ressac/${page.logo?.file}`);
    expect(logo.headers.get('content-type')).toBe('image/svg+xml');
    expect(logo.headers.get('x-content-type-options')).toBe('nosniff');
    expect(logo.headers.get('content-security-policy')).toMatch(/^default-src 'none';.*; sandbox$/);
    expect((await get('/stations/ressac/logo-0123456789abcdef.svg')).status).toBe(404);
    expect((await get(`/stations/plain/${page.logo?.file}`)).status).toBe(404);
  });

  it('makes an app of its page: name, icons and where it starts, for each station', async () => {
    const icon = expect.stringMatching(/^icon-\w+\.svg$/);
    expect(await manifest('ressac')).toMatchObject({
      name: NAME,
      short_name: 'Radio <Ressac>',
      description: 'La radio du littoral.',
      lang: 'fr',
      start_url: '../../',
      scope: '../../',
      display: 'standalone',
      icons: [
        { src: icon, purpose: 'any' },
        { src: icon, purpose: 'maskable' },
      ],
    });
    expect(await manifest('plain')).toMatchObject({
      start_url: '../../plain',
      icons: [{ src: '../../icon-512.png' }, { src: '../../icon-maskable.svg', purpose: 'maskable' }],
    });
    for (const path of ['/icon-512.png', '/icon-maskable.svg']) expect((await get(path)).status).toBe(200);
  });

  it.each(['followed', 'fed'] as const)('is the same at a relay that is %s', async (way) => {
    const isFed = way === 'fed';
    const relay = await startTestRelay({
      stationKey: server.stations[0]?.publicKeyText ?? '',
      upstreams: isFed ? [] : [server.url.replace('localhost', '127.0.0.1')],
      ...(isFed ? { port: fedPort } : {}),
    });
    try {
      const own = await describeAt(server.url);
      await pollUntil('the relay has the logo', 20_000, async () => {
        const there = await describeAt(relay.url).catch(() => null);
        return there?.page.logo?.file === own.page.logo?.file;
      });
      expect((await describeAt(relay.url)).page).toEqual(own.page);
      const logo = await get(`/stations/ressac/${own.page.logo?.file}`, 'fr', relay.url);
      expect(await logo.text()).toBe(madeSvg('<script>document.title = "run"</script>'));
    } finally {
      await relay.stop();
    }
  });
});

describe('the page about relaying', () => {
  const amounts = z.array(z.string());
  it.each([
    ['fr', ['58 Mo', '450 Mo', '20 Go'], 'Relayer, en clair · Radio &lt;Ressac&gt;'],
    ['en', ['58 MB', '450 MB', '20 GB'], 'Relaying, in plain words · Radio &lt;Ressac&gt;'],
  ])(
    'says in %s what it takes, runs nothing and leads to the other language',
    async (language, figures, title) => {
      const response = await get('/relaying?station=ressac', language);
      const html = await response.text();
      expect(html).toContain(`<html lang="${language}">`);
      expect(html).toContain(`<title>${title}</title>`);
      expect(
        amounts.parse(
          [...html.matchAll(/<dd>([^<]*)<\/dd>/g)].map(([, amount]) => amount?.replace('\u00a0', ' ')),
        ),
      ).toEqual(figures);
      expect(html).not.toContain('<script');
      expect(response.headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; style-src 'self'/,
      );
      const other = language === 'fr' ? 'en' : 'fr';
      expect(html).toContain(`href="./relaying?station=ressac&amp;language=${other}"`);
      expect(await (await get(`/relaying?station=ressac&language=${other}`, language)).text()).toContain(
        `<html lang="${other}">`,
      );
    },
  );
});
