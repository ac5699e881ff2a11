import { mkdir } from 'node:fs/promises';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fr } from '../../client/strings/fr.ts';
import type { EssaimStatus } from '../../client/public/widget.d.ts';
import { elementSnippet } from '../../shared/embed/snippet.ts';
import type { EmbedOptions, EmbedTarget } from '../../shared/embed/snippet.ts';
import { violations } from '../support/accessibility.ts';
import { launchBrowser } from '../support/browser.ts';
import { buildPage } from '../support/page-build.ts';
import { playNothing } from '../support/page-states.ts';
import { startPartnerSite } from '../support/partner-site.ts';
import type { PartnerSite } from '../support/partner-site.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { openWidgetPage, waitInPlayer } from '../support/widget-page.ts';

const ARTEFACTS = new URL('../artefacts/widget/', import.meta.url).pathname;
const NAME = 'Radio Ressac';

let server: TestServer;
let site: PartnerSite;
let target: EmbedTarget;
let browser: Browser;

beforeAll(async () => {
  await mkdir(ARTEFACTS, { recursive: true });
  server = await startTestServer({
    config: {
      stations: [{ id: 'ressac', name: NAME, mounts: [{ path: '/live.mp3', sources: ['demo'] }] }],
      webrtc: { enabled: false },
    },
    parts: { pageFolder: await buildPage() },
  });
  site = await startPartnerSite();
  target = {
    publicUrl: server.url,
    station: { id: 'ressac', name: NAME, publicKey: server.stations[0]?.publicKeyText ?? '' },
  };
  browser = await launchBrowser('chromium', { languages: 'fr-FR,fr' });
});
afterAll(async () => {
  await browser.close();
  await site.close();
  await server.stop();
});

const open = async (path: string) => openWidgetPage(await browser.createBrowserContext(), site.origin + path);

test('a player is worked by the keyboard alone, and its focus can be seen', async () => {
  site.put('/keys', {
    body: `<a href="#">x</a>${elementSnippet(target)}`,
    css: ':focus { outline: none !important; }',
  });
  const widget = await open('/keys');
  await widget.until('the station', ({ status }) => status === 'idle');
  const focused = () =>
    widget.page.evaluate(() => {
      const inner = document.querySelector('essaim-player')?.shadowRoot?.activeElement;
      if (!(inner instanceof HTMLElement)) return { name: '', outline: '' };
      return { name: inner.ariaLabel ?? inner.textContent, outline: getComputedStyle(inner).outlineWidth };
    });
  const tab = async (): Promise<string | null> => {
    await widget.page.keyboard.press('Tab');
    return (await focused()).name;
  };
  const names = [await tab(), await tab(), await tab(), await tab()];
  expect(names).toEqual(['', NAME, fr.player.listenAndRelay, fr.player.justListen]);
  expect((await focused()).outline).toBe('3px');
  await widget.page.keyboard.press('Enter');
  await widget.until('sound', ({ status }) => status === 'playing');
  expect((await focused()).name).toBe(fr.player.stop);
  expect([await tab(), await tab()]).toEqual([fr.player.mute, fr.player.volume]);
  await widget.page.keyboard.press('ArrowLeft');
  expect(await widget.page.evaluate(() => document.querySelector('essaim-player')?.volume)).toBeCloseTo(0.98);
  await widget.page.close();
});

test('a player can be used by everyone, as far as axe-core tells, in each look and while it plays', async () => {
  const looks: readonly EmbedOptions[] = [
    { theme: 'light' },
    { theme: 'dark' },
    { theme: 'light', compact: true },
    { theme: 'dark', compact: true, relay: 'off' },
  ];
  site.put('/axe', {
    body: `<main><h1>Le carnet</h1>${looks.map((look) => elementSnippet(target, look)).join('')}</main>`,
    css: 'body { background: #fff; color: #222; }',
  });
  const widget = await open('/axe');
  await widget.until('the station', ({ status }) => status === 'idle', 3);
  expect(await violations(widget.page)).toEqual([]);
  await widget.press(fr.player.listenAndRelay);
  await widget.until('sound', ({ status }) => status === 'playing');
  expect(await violations(widget.page)).toEqual([]);
  await widget.page.close();
});

interface Told {
  readonly status: EssaimStatus;
  /** Of the player's code, with the key that it has to have. */
  readonly change?: (code: string) => string;
  readonly before?: () => void;
  readonly act?: (page: Page) => Promise<void>;
}

const press = async (page: Page): Promise<void> => (await waitInPlayer(page, '.start:not([hidden])')).click();

/** What a player has to say when it does not play. */
const TOLD: readonly Told[] = [
  { status: 'keyless', change: (code) => code.replace(/ key="[^"]*"/, '') },
  { status: 'untrusted', change: (code) => code.replace(/ key="[^"]*"/, ` key="${'A'.repeat(43)}"`) },
  { status: 'unknown', change: (code) => code.replace('station="ressac"', 'station="nobody"') },
  {
    status: 'unreachable',
    change: (code) => code.replace('<essaim-player', '<essaim-player server="http://127.0.0.1:1"'),
  },
  { status: 'unsupported', before: playNothing, act: press },
  {
    status: 'blocked',
    before: () => {
      HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException('', 'NotAllowedError'));
    },
    act: press,
  },
];

describe.each(TOLD)('a player that is $status', ({ status, change = (code) => code, before, act }) => {
  test('can be used by everyone, as far as axe-core tells, light and dark, full and compact', async () => {
    const looks: readonly EmbedOptions[] = [
      { theme: 'light' },
      { theme: 'dark' },
      { theme: 'light', compact: true },
      { theme: 'dark', compact: true },
    ];
    site.put(`/${status}`, {
      body: `<main><h1>Le carnet</h1>${looks.map((look) => change(elementSnippet(target, look))).join('<br>')}</main>`,
      css: 'body { background: #fff; color: #222; }',
    });
    const page = await (await browser.createBrowserContext()).newPage();
    if (before !== undefined) await page.evaluateOnNewDocument(before);
    await page.goto(`${site.origin}/${status}`);
    await act?.(page);
    for (const width of [390, 1440]) {
      await page.setViewport({ width, height: 900, deviceScaleFactor: 2 });
      await page.waitForFunction(
        (expected, count) => {
          const players = Array.from(document.querySelectorAll('essaim-player'));
          return players.filter((player) => player.status === expected).length === count;
        },
        {},
        status,
        looks.length,
      );
      await page.screenshot({ path: `${ARTEFACTS}${width}-${status}.png`, fullPage: true });
      expect(await violations(page), String(width)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
    await page.browserContext().close();
  });
});

const waitToBeAsked = (page: Page) => waitInPlayer(page, '.asking');

test.each([
  ['/embed', waitToBeAsked],
  ['/embed/ressac', waitToBeAsked],
  ['/embed/ressac?compact&theme=dark', waitToBeAsked],
  ['/relaying', (page: Page) => page.waitForSelector('h1')],
])('%s can be used by everyone, as far as axe-core tells, light and dark', async (path, ready) => {
  const page = await browser.newPage();
  await page.goto(server.url + path);
  await ready(page);
  for (const width of [390, 1440])
    for (const scheme of ['light', 'dark']) {
      await page.setViewport({ width, height: 900, deviceScaleFactor: 2 });
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      const name = path.replaceAll(/\W+/g, '-').slice(1);
      await page.screenshot({ path: `${ARTEFACTS}${name}-${width}-${scheme}.png`, fullPage: true });
      expect(await violations(page), `${width} ${scheme}`).toEqual([]);
    }
  await page.close();
});
