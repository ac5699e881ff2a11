import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { en } from '../../client/strings/en.ts';
import { fr } from '../../client/strings/fr.ts';
import { BROWSER_NAMES, launchBrowser } from '../support/browser.ts';
import { openListeningPage } from '../support/listening-page.ts';
import { openPageStage, TITLE } from '../support/page-stage.ts';
import type { PageStage } from '../support/page-stage.ts';

let stage: PageStage;
let address: string;

beforeAll(async () => {
  stage = await openPageStage();
  address = `${stage.address('mp3')}/?debug`;
});
afterAll(() => stage.close());

describe.each(BROWSER_NAMES)('the page in %s', (name) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser(name, { languages: 'fr-FR,fr' });
  });
  afterAll(() => browser.close());

  const open = () => openListeningPage(browser, name, address);

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
});

describe('the page in chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser('chromium', { languages: 'fr-FR,fr' });
  });
  afterAll(() => browser.close());

  const open = () => openListeningPage(browser, 'chromium', address);

  test('works the system’s player: what is on, and its keys', async () => {
    const page = await browser.newPage();
    await page.evaluateOnNewDocument(() => {
      const keys: Record<string, unknown> = {};
      Reflect.set(globalThis, 'mediaKeys', keys);
      navigator.mediaSession.setActionHandler = (action, handler) =>
        Object.assign(keys, { [action]: handler });
    });
    await page.goto(address);
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
});
