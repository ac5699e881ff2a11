import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fr } from '../../client/strings/fr.ts';
import { elementSnippet } from '../../shared/embed/snippet.ts';
import { launchBrowser } from '../support/browser.ts';
import { madeSvg } from '../support/made-pictures.ts';
import { startPartnerSite } from '../support/partner-site.ts';
import type { PartnerSite } from '../support/partner-site.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { openWidgetPage } from '../support/widget-page.ts';

const ARTEFACTS = new URL('../artefacts/page/', import.meta.url).pathname;
const ACCENT = 'rgb(11, 122, 117)';
const NAME = 'Radio Ressac';

let folder: string;
let server: TestServer;
let site: PartnerSite;
let browser: Browser;
beforeAll(async () => {
  await mkdir(ARTEFACTS, { recursive: true });
  folder = await mkdtemp(join(tmpdir(), 'essaim-look-'));
  const logo = join(folder, 'logo.svg');
  await writeFile(logo, madeSvg('<script>document.documentElement.id = "run"</script>'));
  const page = {
    accent: '#0b7a75',
    logo,
    lead: { fr: 'La radio du littoral, sans publicité, depuis 1987.', en: 'The radio of the coast.' },
    about: { fr: 'Depuis la cave d’une ancienne conserverie.\n\nTrente bénévoles.', en: 'Since 1987.' },
    website: 'https://ressac.example',
    fediverse: 'https://social.example/@ressac',
    contact: 'bonjour@ressac.example',
  };
  server = await startTestServer({
    config: {
      stations: [{ id: 'ressac', name: NAME, mounts: [{ path: '/live.mp3', sources: ['demo'] }], page }],
      webrtc: { enabled: false },
    },
  });
  site = await startPartnerSite();
  browser = await launchBrowser('chromium', { languages: 'fr-FR,fr' });
});
afterAll(async () => {
  await browser.close();
  await site.close();
  await server.stop();
  await rm(folder, { recursive: true });
});

let page: Page;
let complaints: string[];
beforeEach(async () => {
  page = await browser.newPage();
  complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
});
afterEach(() => page.close());

const open = async (): Promise<void> => {
  await page.goto(`${server.url}/`);
  await page.waitForSelector('#listen:not([disabled])');
};
const colourOf = (selector: string, property: string): Promise<string> =>
  page.$eval(selector, (element, name) => getComputedStyle(element).getPropertyValue(name), property);
const shown = (selector: string): Promise<readonly string[]> =>
  page.$$eval(selector, (all) =>
    all.filter((each) => each.checkVisibility()).map((each) => each.textContent ?? ''),
  );

describe('a station’s own page', () => {
  test.each(['light', 'dark'])('has its colour, with words that can be read on it, in %s', async (scheme) => {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    await open();
    expect(await colourOf('#listen', 'background-color')).toBe(ACCENT);
    expect(await colourOf('#listen', 'color')).toBe('rgb(255, 255, 255)');
    expect(
      await page.$eval('.logo', (logo) => logo instanceof HTMLImageElement && logo.naturalWidth > 0),
    ).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('speaks the reader’s language, and another when that is chosen', async () => {
    await open();
    expect(await shown('#description [lang]')).toEqual([
      'La radio du littoral, sans publicité, depuis 1987.',
    ]);
    await page.click('#settings');
    await page.waitForSelector('#language');
    await page.select('#language', 'en');
    await page.waitForFunction(() => document.documentElement.lang === 'en');
    expect(await shown('#description [lang]')).toEqual(['The radio of the coast.']);
    expect(await shown('.station-links > *')).toHaveLength(4);
    await page.evaluate(() => localStorage.clear());
  });

  test('says more of itself in a sheet, opened and closed by the keyboard', async () => {
    await open();
    await page.focus('[popovertarget="about"]');
    await page.keyboard.press('Enter');
    expect(await shown('#about p')).toEqual([
      'Depuis la cave d’une ancienne conserverie.',
      'Trente bénévoles.',
    ]);
    await page.keyboard.press('Escape');
    expect(await shown('#about p')).toEqual([]);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('popovertarget'))).toBe('about');
  });

  test('without scripts still says who it is, and plays', async () => {
    await page.setJavaScriptEnabled(false);
    await page.goto(`${server.url}/`);
    const seen = await page.content();
    expect(seen).toContain('La radio du littoral');
    expect(await shown('h1')).toEqual([NAME]);
    expect(await page.$eval('noscript audio', (audio) => audio.getAttribute('src'))).toBe(
      `${server.url}/live.mp3`,
    );
    await page.click('[popovertarget="about"]');
    expect(await shown('#about p')).toHaveLength(2);
  });

  test('shows a logo that holds a script, and never runs it', async () => {
    await open();
    expect(await page.evaluate(() => document.documentElement.id)).toBe('');
    const address = await page.$eval('.logo', (logo) => (logo instanceof HTMLImageElement ? logo.src : ''));
    await page.goto(address);
    expect(await page.evaluate(() => document.documentElement.id)).toBe('');
  });

  test.each([
    [320, 640],
    [390, 844],
    [1440, 900],
  ])('with all that a station may say fits %d × %d', async (width, height) => {
    await page.setViewport({ width, height });
    for (const scheme of ['light', 'dark']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await open();
      await page.screenshot({ path: `${ARTEFACTS}${width}-${scheme}-station.png` });
      const needed = await page.evaluate(() => {
        const { scrollWidth, scrollHeight } = document.documentElement;
        return { scrollWidth, scrollHeight };
      });
      expect(needed.scrollWidth).toBeLessThanOrEqual(width);
      if (height >= 844) expect(needed.scrollHeight).toBeLessThanOrEqual(height);
    }
  });
});

const snippet = (): string =>
  elementSnippet({
    publicUrl: server.url,
    station: { id: 'ressac', name: NAME, publicKey: server.stations[0]?.publicKeyText ?? '' },
  });

describe('a station’s player on another site', () => {
  test('has the station’s colour and logo, and leads to what relaying means', async () => {
    site.put('/', {
      body: snippet(),
      headers: {
        'content-security-policy': `default-src 'none'; style-src 'self'; script-src ${server.url}; connect-src ${server.url} ${server.url.replace('http', 'ws')}; font-src ${server.url}; img-src ${server.url} data:; media-src blob:`,
      },
    });
    const widget = await openWidgetPage(browser, `${site.origin}/`);
    await widget.until('the station', ({ status }) => status === 'idle');
    const look = await widget.page.$eval('essaim-player', ({ shadowRoot }) => {
      const button = shadowRoot?.querySelector('.start.es-button--accent');
      const logo = shadowRoot?.querySelector('img');
      return {
        colour: button instanceof Element ? getComputedStyle(button).backgroundColor : '',
        logo: logo?.checkVisibility() === true && logo.src,
        more: shadowRoot?.querySelector<HTMLAnchorElement>('.hint a')?.href,
      };
    });
    expect(look.colour).toBe(ACCENT);
    expect(look.logo).toMatch(/\/stations\/ressac\/logo-\w+\.svg$/);
    expect(look.more).toBe(`${server.url}/relaying?station=ressac&language=fr`);
    expect(widget.complaints).toEqual([]);
    await widget.page.close();
  });

  test('has the colour that the site says, where it says one', async () => {
    site.put('/own', { body: snippet(), css: 'essaim-player { --essaim-accent: #112233 }' });
    const widget = await openWidgetPage(browser, `${site.origin}/own`);
    await widget.until('the station', ({ status }) => status === 'idle');
    const colour = await widget.page.$eval('essaim-player', ({ shadowRoot }) => {
      const button = shadowRoot?.querySelector('.es-button--accent');
      return button instanceof Element ? getComputedStyle(button).backgroundColor : '';
    });
    expect(colour).toBe('rgb(17, 34, 51)');
    await widget.page.close();
  });
});

describe('the page about relaying', () => {
  test('is a link from the question, and needs no script', async () => {
    await open();
    const link = await page.$eval('#more', (more) =>
      more instanceof HTMLAnchorElement ? [more.href, more.target, more.textContent] : [],
    );
    expect(link).toEqual([`${server.url}/relaying?station=ressac&language=fr`, '_blank', fr.relaying.more]);
    await page.setJavaScriptEnabled(false);
    await page.goto(String(link[0]));
    expect(await shown('h1')).toEqual(['Relayer, en clair']);
    expect(await colourOf('.back .es-button', 'background-color')).toBe(ACCENT);
    expect(complaints).toEqual([]);
  });

  test.each([320, 390, 1440])('is read on a screen of %d pixels, light and dark', async (width) => {
    await page.setViewport({ width, height: 800 });
    for (const scheme of ['light', 'dark']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await page.goto(`${server.url}/relaying`);
      await page.screenshot({ path: `${ARTEFACTS}${width}-${scheme}-relaying.png`, fullPage: true });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
  });
});
