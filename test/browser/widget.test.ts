import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, HTTPRequest } from 'puppeteer-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fr } from '../../client/strings/fr.ts';
import { elementPolicy, elementSnippet, frameSnippet } from '../../shared/embed/snippet.ts';
import type { EmbedOptions, EmbedTarget } from '../../shared/embed/snippet.ts';
import { BROWSER_NAMES, launchBrowser } from '../support/browser.ts';
import { blogBody, BLOG_CSS, HOSTILE_CSS, startPartnerSite } from '../support/partner-site.ts';
import type { PartnerSite } from '../support/partner-site.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { openWidgetPage, waitInPlayer } from '../support/widget-page.ts';
import type { WidgetPage } from '../support/widget-page.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const ARTEFACTS = join(ROOT, 'test/artefacts/widget/');
const NAME = 'Radio Ressac';
const OTHER_KEY = 'A'.repeat(43);
/** A real key, of somebody else. */
const FOREIGN_KEY = Buffer.from(
  generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' }).subarray(-32),
).toString('base64url');

let folder = '';
let server: TestServer;
let site: PartnerSite;
let target: EmbedTarget;

beforeAll(async () => {
  await mkdir(ARTEFACTS, { recursive: true });
  folder = await mkdtemp(join(tmpdir(), 'essaim-widget-'));
  const root = join(ROOT, 'client');
  await build({
    root,
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: folder },
  });
  server = await start();
  site = await startPartnerSite();
  target = targetOf(server);
});
afterAll(async () => {
  await site.close();
  await server.stop();
});

const start = (allowedSites: readonly string[] | null = null): Promise<TestServer> =>
  startTestServer({
    config: {
      stations: [{ id: 'ressac', name: NAME, mounts: [{ path: '/live.mp3', sources: ['demo'] }] }],
      webrtc: { enabled: false },
      embedding: { allowedSites },
    },
    parts: { pageFolder: folder },
  });

const targetOf = ({ url, stations }: TestServer): EmbedTarget => ({
  publicUrl: url,
  station: { id: 'ressac', name: NAME, publicKey: stations[0]?.publicKeyText ?? '' },
});
const players = (count: number, options: EmbedOptions = {}): string =>
  elementSnippet(target, options) +
  elementSnippet(target, options)
    .split('\n')[1]
    ?.repeat(count - 1);

const inAllShapes = (options: EmbedOptions): string =>
  [
    elementSnippet(target, options),
    elementSnippet(target, { ...options, compact: true }),
    frameSnippet(target, options),
    frameSnippet(target, { ...options, compact: true }),
  ].join('<br>');

/** How everything in the first player is drawn. */
async function looks(widget: WidgetPage): Promise<unknown> {
  await widget.until('the station', ({ status }) => status === 'idle');
  const styles = await widget.page.evaluate(
    (properties) =>
      Array.from(
        document.querySelector('essaim-player')?.shadowRoot?.querySelectorAll('.player, .player *') ?? [],
        (each) => {
          const style = getComputedStyle(each);
          return properties.map((property) => `${property}: ${style.getPropertyValue(property)}`);
        },
      ),
    PROPERTIES,
  );
  await widget.page.close();
  return styles;
}

const WIDE =
  '#wide { display: block; width: 600px !important; margin: 0 !important; padding: 0 !important; }';
const PROPERTIES =
  'color background-color font-family font-size font-style letter-spacing text-transform text-align text-indent display visibility border-top-width border-radius float'.split(
    ' ',
  );

describe.each(BROWSER_NAMES)('the element on another site, in %s', (name) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser(name, { languages: 'fr-FR,fr' });
  });
  afterAll(() => browser.close());
  const open = async (path: string) =>
    openWidgetPage(await browser.createBrowserContext(), site.origin + path, name === 'firefox' ? 0 : 1);

  test('plays after a click, in step with its title, and asks nobody but the station', async () => {
    site.put('/blog', { body: blogBody(elementSnippet(target)), css: BLOG_CSS });
    const widget = await open('/blog');
    const before = await widget.until('the station', ({ status }) => status === 'idle');
    expect(before.text).toContain(NAME);
    expect(before.text).toContain(fr.relaying.shares);
    expect(before.buttons).toEqual([fr.player.listenAndRelay, fr.player.justListen]);
    expect(widget.requests.filter((url) => url.includes('/api/mounts/'))).toEqual([]);
    await widget.press(fr.player.justListen);
    const playing = await widget.until(
      'sound',
      ({ status, track }) => status === 'playing' && track.title !== '',
    );
    expect(playing.buttons).toEqual([fr.player.stop, name === 'firefox' ? fr.player.unmute : fr.player.mute]);
    await widget.press(fr.player.stop);
    const stopped = await widget.until('the stop', ({ status }) => status === 'idle');
    // The answer is remembered: one button now.
    expect(stopped.buttons).toEqual([fr.player.listen]);
    const strangers = widget.requests.filter(
      (url) =>
        !url.startsWith(`${server.url}/`) &&
        !url.startsWith(`${site.origin}/`) &&
        !/^(?:blob|data):/.test(url),
    );
    expect(strangers).toEqual([]);
    expect(await widget.page.evaluate(() => document.cookie)).toBe('');
    expect(widget.complaints).toEqual([]);
    await widget.page.close();
  });

  test('refuses a station that has another key, and one without a key, in words', async () => {
    const other = { ...target, station: { ...target.station, publicKey: OTHER_KEY } };
    site.put('/wrong', { body: elementSnippet(other) + elementSnippet(target).replace(/ key="[^"]*"/, '') });
    const widget = await open('/wrong');
    const wrong = await widget.until('the refusal', ({ status }) => status === 'untrusted');
    expect(wrong.text).toContain(fr.widget.untrusted);
    expect(wrong.buttons).toEqual([]);
    const without = await widget.until('the refusal', ({ status }) => status === 'keyless', 1);
    expect(without.text).toContain(fr.widget.keyless);
    await widget.page.evaluate(() => {
      for (const player of document.querySelectorAll('essaim-player')) player.play();
    });
    expect(widget.requests.filter((url) => url.includes('/api/mounts/'))).toEqual([]);
    await widget.page.close();
  });

  test('works under a strict policy, with exactly what is documented', async () => {
    site.put('/strict', {
      body: elementSnippet(target),
      headers: {
        'content-security-policy': `default-src 'none'; style-src 'self'; ${elementPolicy(target.publicUrl).replace('img-src', "img-src 'self' data:")}; require-trusted-types-for 'script'; trusted-types 'none'`,
      },
    });
    const widget = await open('/strict');
    await widget.until('the station', ({ status }) => status === 'idle');
    await widget.press('Écouter');
    await widget.until('sound', ({ status }) => status === 'playing');
    const look = await widget.page.evaluate(() => {
      const player = document.querySelector('essaim-player')?.shadowRoot?.querySelector('.player');
      return player === null || player === undefined ? '' : getComputedStyle(player).borderRadius;
    });
    expect(look).toBe('18px');
    await widget.page.evaluate(() => document.fonts.ready);
    expect(widget.complaints).toEqual([]);
    await widget.page.close();
  });

  test('says that the station does not list this site, and plays nothing there', async () => {
    const listed = await start(['https://partner.example']);
    site.put('/unlisted', { body: elementSnippet(targetOf(listed)) });
    const widget = await open('/unlisted');
    const refused = await widget.until('the refusal', ({ status }) => status === 'refused');
    expect(refused.text).toContain(fr.widget.refused);
    expect(refused.buttons).toEqual([]);
    await widget.page.close();
    await listed.stop();
  });
});

describe('the element in chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser('chromium', { languages: 'fr-FR,fr' });
  });
  afterAll(() => browser.close());
  const open = async (path: string, context?: BrowserContext) =>
    openWidgetPage(context ?? (await browser.createBrowserContext()), site.origin + path);

  test('shares one playback among all players of a page: one burst, one stream, one tracker', async () => {
    site.put('/several', { body: players(3, { relay: 'off' }) });
    const widget = await open('/several');
    await widget.until('the station', ({ status }) => status === 'idle', 2);
    await widget.press('Écouter', 1);
    for (const index of [0, 1, 2])
      await widget.until(`sound in player ${index}`, ({ status }) => status === 'playing', index);
    const asked = (part: string) => widget.requests.filter((url) => url.includes(part)).length;
    expect([asked('/burst'), asked('/stream'), asked('/player')]).toEqual([1, 1, 1]);
    await widget.press(fr.player.stop, 2);
    for (const index of [0, 1, 2]) await widget.until('the stop', ({ status }) => status === 'idle', index);
    await widget.page.close();
  });

  test('lets one tab play: another offers to take over, and is free when the first has ended', async () => {
    site.put('/tabs', { body: players(1, { relay: 'off' }) });
    const context = await browser.createBrowserContext();
    const [first, second] = [await open('/tabs', context), await open('/tabs', context)];
    await first.page.bringToFront();
    await first.until('the station', ({ status }) => status === 'idle');
    await first.press('Écouter');
    await first.until('sound', ({ status }) => status === 'playing');
    await second.page.bringToFront();
    await second.press('Écouter');
    const other = await second.until('the offer', ({ status }) => status === 'elsewhere');
    expect(other.text).toContain(fr.widget.elsewhere);
    expect(second.requests.filter((url) => url.includes('/api/mounts/'))).toEqual([]);
    await second.press(fr.widget.playHere);
    await second.until('sound', ({ status }) => status === 'playing');
    await first.until('that the sound has gone', ({ status }) => status === 'elsewhere');
    await second.page.close();
    await first.until('that nobody plays', ({ status }) => status === 'idle');
    await first.page.close();
  });

  test('tells the partner’s script what happens, and takes its orders', async () => {
    site.put('/script', { body: players(1) });
    const widget = await open('/script');
    await widget.until('the station', ({ status }) => status === 'idle');
    await widget.page.evaluate(() => {
      const player = document.querySelector('essaim-player');
      const told: string[] = [];
      Reflect.set(globalThis, 'told', told);
      player?.addEventListener('statuschange', (event) => told.push(event.detail));
      player?.addEventListener('volumechange', (event) => told.push(`volume ${event.detail.volume}`));
      player?.addEventListener('trackchange', (event) => told.push(event.detail.title));
    });
    // A click anywhere on the page counts as the listener's; nobody has been asked, so nothing is relayed.
    await widget.page.mouse.click(1, 1);
    await widget.page.evaluate(() => document.querySelector('essaim-player')?.play());
    await widget.until('sound', ({ status }) => status === 'playing');
    await widget.page.evaluate(() => {
      const player = document.querySelector('essaim-player');
      if (player === null) return;
      player.volume = 0.5;
      player.stop();
    });
    const told = await widget.page.evaluate(() => Reflect.get(globalThis, 'told'));
    expect(told).toEqual(expect.arrayContaining(['connecting', 'playing', 'volume 0.5', 'idle']));
    expect(await widget.page.evaluate(() => localStorage.getItem('essaim.relay'))).toBeNull();
    await widget.page.close();
  });

  test('plays nothing that the key has not signed, whatever the server says', async () => {
    const { publicKey } = target.station;
    const forged = { ...target, station: { ...target.station, publicKey: FOREIGN_KEY } };
    site.put('/forged', { body: elementSnippet(forged, { relay: 'off' }) });
    const page = await (await browser.createBrowserContext()).newPage();
    // A server, or whoever stands between, that claims the partner's key and sends what another one has signed.
    await page.setRequestInterception(true);
    const answer = async (request: HTTPRequest): Promise<void> => {
      if (!request.url().endsWith('/player')) return request.continue();
      const body = (await (await fetch(request.url())).text()).replaceAll(publicKey, FOREIGN_KEY);
      return request.respond({ status: 200, headers: { 'access-control-allow-origin': '*' }, body });
    };
    page.on('request', (request) => void answer(request));
    await page.goto(`${site.origin}/forged`);
    const button = await waitInPlayer(page, '.one:not([hidden])');
    await button.click();
    await waitInPlayer(page, '[data-status="untrusted"]');
    const text = await page.$eval('essaim-player >>> .message', (element) => element.textContent);
    expect(text).toBe(fr.widget.untrusted);
    await page.close();
  });

  test('says when the browser cannot play signed sound, and plays no other', async () => {
    site.put('/old', { body: players(1, { relay: 'off' }) });
    const widget = await open('/old');
    await widget.until('the station', ({ status }) => status === 'idle');
    await widget.page.evaluate(() => {
      Reflect.deleteProperty(globalThis, 'MediaSource');
      Reflect.deleteProperty(globalThis, 'ManagedMediaSource');
    });
    await widget.press('Écouter');
    const state = await widget.until('the refusal', ({ status }) => status === 'unsupported');
    expect(state.text).toContain(fr.status.unsupported);
    expect(widget.requests.filter((url) => url.endsWith('/live.mp3'))).toEqual([]);
    await widget.page.close();
  });

  test('says that the station does not answer, and is there when it does', async () => {
    site.put('/later', { body: players(1) });
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    let isUp = false;
    await page.setRequestInterception(true);
    page.on('request', (request) => {
      void (isUp || !request.url().includes('/api/') ? request.continue() : request.abort());
    });
    await page.goto(`${site.origin}/later`);
    await waitInPlayer(page, '[data-status="unreachable"]');
    const text = await page.$eval('essaim-player >>> .message', (element) => element.textContent);
    isUp = true;
    await waitInPlayer(page, '[data-status="idle"]');
    await page.close();
    expect(text).toBe(fr.status.unreachable);
  });

  test('never starts by itself, and speaks the language it is told', async () => {
    site.put('/never', {
      body: elementSnippet(target, { language: 'en' }).replace('<essaim-player', '<essaim-player autoplay'),
    });
    const widget = await open('/never');
    const idle = await widget.until('the station', ({ status }) => status === 'idle');
    expect(idle.buttons).toEqual(['Listen and relay', 'Just listen']);
    expect(widget.requests.filter((url) => url.includes('/api/mounts/'))).toEqual([]);
    await widget.page.close();
  });

  test('keeps its look where the page’s own styles are hostile', async () => {
    site.put('/calm', { body: `<main id="wide">${players(1)}</main>`, css: WIDE });
    site.put('/hostile', { body: `<main id="wide">${players(1)}</main>`, css: HOSTILE_CSS + WIDE });
    expect(await looks(await open('/hostile'))).toEqual(await looks(await open('/calm')));
  });

  test.each([390, 1440])(
    'shows well %d px wide, light and dark, full and compact, in element and frame',
    async (width) => {
      for (const theme of ['light', 'dark'] as const) {
        site.put(`/${theme}`, { body: blogBody(inAllShapes({ theme })), css: BLOG_CSS });
        const widget = await open(`/${theme}`);
        await widget.page.setViewport({ width, height: 1000, deviceScaleFactor: 2 });
        await widget.until('the station', ({ status }) => status === 'idle', 1);
        await widget.page.evaluate(async () => {
          await document.fonts.ready;
          for (const frame of document.querySelectorAll('iframe')) frame.scrollIntoView();
        });
        const frames = widget.page.frames().filter((frame) => frame.url().includes('/embed/'));
        for (const frame of frames) await waitInPlayer(frame, '.asking');
        await widget.page.screenshot({ path: `${ARTEFACTS}${width}-${theme}-asking.png`, fullPage: true });
        await widget.pressByKey(fr.player.listenAndRelay);
        await widget.until('where the sound comes from', ({ text }) => text.includes(fr.swarm.fromStation));
        await widget.page.screenshot({ path: `${ARTEFACTS}${width}-${theme}-playing.png`, fullPage: true });
        expect(await widget.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
          width,
        );
        for (const frame of frames) {
          const spare = await frame.evaluate(() => innerHeight - document.documentElement.scrollHeight);
          expect(spare, frame.url()).toBeGreaterThanOrEqual(0);
        }
        await widget.page.close();
      }
    },
  );
});

describe('the frame, the builder and the station’s page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser('chromium', { languages: 'fr-FR,fr' });
  });
  afterAll(() => browser.close());

  test('a frame plays after a click in it, and its listener is counted for the partner’s site', async () => {
    const own = await startPartnerSite('127.0.0.4');
    const radio = await start([own.origin]);
    own.put('/framed', { body: frameSnippet(targetOf(radio), { relay: 'off' }) });
    const page = await browser.newPage();
    await page.goto(`${own.origin}/framed`);
    const frame = await page.waitForFrame((each) => each.url().includes('/embed/'));
    const button = await waitInPlayer(frame, '.one:not([hidden])');
    await button.click();
    await waitInPlayer(frame, '[data-status="playing"]');
    const sites = async (): Promise<unknown> =>
      statisticsSchema.parse(await (await fetch(`${radio.url}/api/statistics`)).json()).mounts[0]?.sites;
    await expect.poll(sites, { timeout: 10_000 }).toEqual([{ site: own.origin, listeners: 1 }]);
    await page.close();
    await expect.poll(sites, { timeout: 10_000 }).toEqual([]);
    await own.close();
    await radio.stop();
  });

  test('a site that is not listed cannot show the frame', async () => {
    const listed = await start(['https://partner.example']);
    site.put('/frame', { body: frameSnippet(targetOf(listed)) });
    const page = await browser.newPage();
    const refused = new Promise<string>((resolve) => {
      page.on('console', (message) => {
        if (message.text().includes('frame-ancestors')) resolve(message.text());
      });
    });
    await page.goto(`${site.origin}/frame`);
    expect(await refused).toContain('partner.example');
    await page.close();
    await listed.stop();
  });

  test('the builder shows what is chosen, and its code is what plays on a partner’s page', async () => {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(`${server.url}/embed`);
    await waitInPlayer(page, '.asking');
    for (const [width, scheme] of [
      [390, 'light'],
      [1440, 'light'],
      [1440, 'dark'],
    ] as const) {
      await page.setViewport({ width, height: 900, deviceScaleFactor: 1 });
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await page.screenshot({ path: `${ARTEFACTS}builder-${width}-${scheme}.png`, fullPage: true });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
    const choose = (value: string): Promise<void> => page.click(`label:has(input[value="${value}"])`);
    const code = (): Promise<string> => page.$eval('pre code', (element) => element.textContent ?? '');
    expect(await code()).toBe(elementSnippet(target));
    await choose('compact');
    await choose('dark');
    await choose('off');
    expect(await code()).toBe(elementSnippet(target, { theme: 'dark', compact: true, relay: 'off' }));
    await waitInPlayer(page, '.one:not([hidden])', 'essaim-player[compact]');
    await choose('frame');
    expect(await code()).toBe(frameSnippet(target, { theme: 'dark', compact: true, relay: 'off' }));
    const framed = await page.waitForFrame((each) => each.url().includes('/embed/'));
    await waitInPlayer(framed, '.one:not([hidden])');
    await page.close();
    expect(complaints).toEqual([]);
  });
});

const statisticsSchema = z.object({
  mounts: z.array(z.object({ sites: z.array(z.object({ site: z.string(), listeners: z.number() })) })),
});
