import { mkdir } from 'node:fs/promises';
import type { Browser, SerializedAXNode } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { en } from '../../client/strings/en.ts';
import { fr } from '../../client/strings/fr.ts';
import { BROWSER_NAMES, launchBrowser } from '../support/browser.ts';
import { scriptChunks } from '../support/chunk-script.ts';
import { encodeTone } from '../support/encoded-sound.ts';
import { openListeningPage } from '../support/listening-page.ts';
import { buildScriptedPage } from '../support/page-build.ts';
import { startPageServer } from '../support/page-server.ts';
import type { Feed, PageServer } from '../support/page-server.ts';

const ARTEFACTS = new URL('../artefacts/page/', import.meta.url).pathname;
const TITLE = 'La nuit, les abeilles dansent encore';

let folder: string;
let server: PageServer;

beforeAll(async () => {
  folder = await buildScriptedPage();
  await mkdir(ARTEFACTS, { recursive: true });
  server = await startPageServer({ folder, feeds: feeds() });
});
afterAll(() => server.close());

function feeds(): Readonly<Record<string, Feed>> {
  const sound = encodeTone('mp3', 60, 440);
  const script = scriptChunks([{ sound, titles: { 8: TITLE } }]);
  return {
    mp3: { config: sound.config, script, burstMs: 3500 },
  };
}

const silentFeed = (): Feed => ({
  config: encodeTone('mp3', 1, 440).config,
  script: [],
  burstMs: 0,
  silent: true,
});

describe.each(BROWSER_NAMES)('the page in %s', (name) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser(name, { languages: 'fr-FR,fr' });
  });
  afterAll(() => browser.close());

  const open = (query = '?debug', address = server.address) =>
    openListeningPage(browser, name, `${address}/${query}`);

  test('asks nobody but its own station, and leaves no cookie', async () => {
    const listening = await open();
    const asked: string[] = [];
    listening.page.on('request', (request) => asked.push(request.url()));
    await listening.page.reload();
    await listening.page.waitForSelector('#listen:not([disabled])');
    await listening.click();
    await listening.until('the first sound', ({ position }) => position > 1);
    const cookie = await listening.page.evaluate(() => document.cookie);
    await listening.page.close();
    expect(asked.length).toBeGreaterThan(4);
    expect(asked.filter((url) => !url.startsWith(`${server.address}/`) && !url.startsWith('blob:'))).toEqual(
      [],
    );
    expect(cookie).toBe('');
    expect(listening.complaints).toEqual([]);
  });

  test('is worked by the keyboard alone: listen, pause, relaying, volume', async () => {
    const listening = await open();
    const { page } = listening;
    const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.id ?? '');
    const tabTo = async (id: string): Promise<void> => {
      for (let presses = 0; presses < 8 && (await focused()) !== id; presses++)
        await page.keyboard.press('Tab');
      expect(await focused()).toBe(id);
    };
    await tabTo('listen');
    await page.keyboard.press('Enter');
    await listening.until('sound', ({ status }) => status === 'playing');
    await page.keyboard.press(' ');
    await listening.until('the pause', ({ status }) => status === 'paused');

    await tabTo('relay');
    await page.keyboard.press(' ');
    await tabTo('volume');
    await page.keyboard.press('End');
    for (let presses = 0; presses < 5; presses++) await page.keyboard.press('ArrowLeft');
    await page.reload();
    await page.waitForSelector('#listen:not([disabled])');
    const remembered = await page.evaluate(() => ({
      volume: document.querySelector('audio')?.volume,
      relay: document.querySelector<HTMLInputElement>('#relay')?.checked,
      hint: document.querySelector('#relay-hint')?.textContent,
    }));
    await page.evaluate(() => localStorage.clear());
    await page.close();
    expect(remembered).toEqual({ volume: 0.9, relay: false, hint: fr.relaying.justListening });
  });

  test('says what plays in step with the sound, where it comes from and whom it goes to', async () => {
    const listening = await open();
    await listening.click();
    const playing = await listening.until('the title', ({ title }) => title === TITLE);
    const sourced = await listening.until('the source', ({ source }) => source !== '');
    const documentTitle = await listening.page.title();
    await listening.page.close();
    expect(playing.status).toBe('playing');
    expect(documentTitle).toBe(`${TITLE} · Radio Essaim`);
    expect(sourced.source).toMatch(
      /^82\s%\sdu son vient de 4 autres auditeurs, et vous le faites passer à\s3\.$/,
    );
  });

  test('asks for a click where the browser wants one, and then plays', async () => {
    // Whatever a test runs in the page counts as a person's doing, there and on the same site's next pages: so this
    // page is the first of its browser, clicks by itself, and tells its state unasked.
    const own = await launchBrowser(name, { languages: 'fr-FR,fr' });
    const page = await own.newPage();
    const blocked = new Promise<void>((resolve) => {
      page.on('console', (message) => {
        if (message.text() === 'status blocked') resolve();
      });
    });
    await page.evaluateOnNewDocument(() => {
      addEventListener('load', () => {
        new MutationObserver(() => {
          globalThis.console.log(`status ${document.body.dataset['status'] ?? ''}`);
        }).observe(document.body, { attributeFilter: ['data-status'] });
        const timer = setInterval(() => {
          const button = document.querySelector<HTMLButtonElement>('#listen:not([disabled])');
          if (button === null) return;
          clearInterval(timer);
          button.click();
        }, 20);
      });
    });
    await page.goto(`${server.address}/?debug`);
    await blocked;
    const words = await page.evaluate(() => document.getElementById('status')?.textContent);
    await page.evaluate(() => {
      const audio = document.querySelector('audio');
      if (audio !== null) audio.volume = 0;
    });
    await (await page.waitForSelector('#listen:not([disabled])'))?.click();
    await page.waitForSelector('body[data-status="playing"]');
    await own.close();
    expect(words).toBe(fr.status.blocked);
  });

  test('goes on after a pause, and is live again at a press', async () => {
    const listening = await open();
    await listening.click();
    await listening.until('the title', ({ title }) => title === TITLE);
    await listening.click();
    await listening.until('the pause', ({ status }) => status === 'paused');
    await listening.until('sound kept by the pause', (state) => state.bufferedEnd - state.position > 4.5);
    await listening.click();
    await listening.page.waitForSelector('#back-to-live:not([hidden])');
    await listening.page.click('#back-to-live');
    await listening.until(
      'live sound again',
      ({ status, figures }) => status === 'playing' && (figures?.latenciesMs.at(-1) ?? Infinity) < 3000,
    );
    await listening.page.close();
    expect(listening.complaints).toEqual([]);
  });

  test('says in human words that the station is silent, and that it cannot be reached', async () => {
    const own = await startPageServer({ folder, feeds: { mp3: silentFeed() } });
    const listening = await open('?debug', own.address);
    await listening.click();
    await listening.until('the silence', ({ status }) => status === 'silent');
    await own.close();
    await listening.until('the lost network', ({ status }) => status === 'unreachable');
    const words = await listening.page.evaluate(() => document.getElementById('status')?.textContent);
    await listening.page.close();
    expect(words).toBe(fr.status.unreachable);
  });
});

describe('the page in chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser('chromium', { languages: 'fr-FR,fr' });
  });
  afterAll(() => browser.close());

  const open = (query = '?debug') => openListeningPage(browser, 'chromium', `${server.address}/${query}`);

  test('names everything for a screen reader, in the language of the browser', async () => {
    const listening = await open();
    const nodes = async (): Promise<readonly string[]> => {
      const root = await listening.page.accessibility.snapshot();
      return root === null ? [] : namesOf(root);
    };
    const before = await nodes();
    await listening.click();
    await listening.until('sound', ({ status }) => status === 'playing');
    const after = await nodes();
    const live = await listening.page.$$eval('[aria-live="polite"], [role="status"]', (all) =>
      all.map(({ id }) => id).filter((id) => id !== ''),
    );
    const language = await listening.page.evaluate(() => document.documentElement.lang);
    await listening.page.close();
    expect(before).toEqual(
      expect.arrayContaining([
        'heading: Radio Essaim',
        'button: Écouter et relayer',
        'button: Écouter seulement',
        'slider: Volume',
      ]),
    );
    expect(after).toEqual(expect.arrayContaining(['button: Pause', 'switch: Relayer le son']));
    expect(live).toEqual(['status', 'title', 'artist']);
    expect(language).toBe('fr');
  });

  test('works the system’s player: what is on, and its keys', async () => {
    const page = await browser.newPage();
    await page.evaluateOnNewDocument(() => {
      const keys: Record<string, unknown> = {};
      Reflect.set(globalThis, 'mediaKeys', keys);
      navigator.mediaSession.setActionHandler = (action, handler) =>
        Object.assign(keys, { [action]: handler });
    });
    await page.goto(`${server.address}/?debug`);
    const press = (key: string): Promise<void> =>
      page.evaluate((action) => {
        const keys: unknown = Reflect.get(globalThis, 'mediaKeys');
        if (typeof keys !== 'object' || keys === null)
          throw new Error('Cannot press a key that was not bound');
        Reflect.apply(Reflect.get(keys, action), undefined, [{ action }]);
      }, key);
    const statusIs = (status: string) => page.waitForSelector(`body[data-status="${status}"]`);
    await (await page.waitForSelector('#listen:not([disabled])'))?.click();
    await statusIs('playing');
    await page.waitForFunction((title) => navigator.mediaSession.metadata?.title === title, {}, TITLE);
    const album = await page.evaluate(() => navigator.mediaSession.metadata?.album);
    await press('pause');
    await statusIs('paused');
    await press('play');
    await statusIs('playing');
    await page.close();
    expect(album).toBe('Radio Essaim');
  });

  test('plays the plain stream where there is no MediaSource, and says nothing of it', async () => {
    const page = await browser.newPage();
    await page.evaluateOnNewDocument(() => {
      Reflect.deleteProperty(globalThis, 'MediaSource');
      Reflect.deleteProperty(globalThis, 'ManagedMediaSource');
    });
    await page.goto(`${server.address}/?debug`);
    await (await page.waitForSelector('#listen:not([disabled])'))?.click();
    await page.waitForSelector('body[data-status="playing"]');
    await page.waitForFunction(() => (document.querySelector('audio')?.currentTime ?? 0) > 0.5);
    const seen = await page.evaluate(() => ({
      from: document.querySelector('audio')?.src,
      words: document.getElementById('status')?.textContent,
    }));
    await page.close();
    expect(seen).toEqual({ from: `${server.address}/live.mp3`, words: fr.status.playing });
  });

  test('fills its sheets at the first press, and changes their language at a choice', async () => {
    const listening = await open();
    const { page } = listening;
    await page.click('#history');
    await page.waitForFunction(
      (empty) => document.querySelector('dialog[open] p')?.textContent === empty,
      {},
      fr.extras.historyEmpty,
    );
    await page.keyboard.press('Escape');
    await page.click('#settings');
    await page.waitForSelector('dialog[open] #language');
    const offered = await page.$eval('#upload-cap', (all) => all.textContent);
    await page.select('#language', 'en');
    await page.waitForFunction(
      (title) => document.querySelector('dialog[open] h2')?.textContent === title,
      {},
      en.settings.title,
    );
    await page.evaluate(() => localStorage.clear());
    await page.close();
    expect(offered).toContain(fr.settings.uploadCapOf(500));
    expect(listening.complaints).toEqual([]);
  });

  test('says so where what is in a sheet cannot be loaded, and the sound goes on', async () => {
    const listening = await open();
    const { page } = listening;
    await page.setRequestInterception(true);
    page.on('request', (request) => {
      void (request.url().includes('sheet-contents') ? request.abort() : request.continue());
    });
    await page.click('#settings');
    await page.waitForFunction(
      (words) => document.querySelector('dialog[open] [role="alert"]')?.textContent === words,
      {},
      fr.page.broken,
    );
    await page.keyboard.press('Escape');
    await listening.click();
    await listening.until('sound', ({ status, position }) => status === 'playing' && position > 1);
    await page.close();
    expect(listening.complaints).toEqual([]);
  });

  test('moves nothing for who wants no motion', async () => {
    const listening = await open();
    await listening.page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
    await listening.click();
    await listening.until('sound', ({ status }) => status === 'playing');
    const running = await listening.page.evaluate(() => document.getAnimations().length);
    await listening.page.close();
    expect(running).toBe(0);
  });
});

const namesOf = ({ role, name, children = [] }: SerializedAXNode): readonly string[] => [
  `${role}: ${name ?? ''}`,
  ...children.flatMap(namesOf),
];
