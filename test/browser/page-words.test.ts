import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { scriptChunks } from '../support/chunk-script.ts';
import { encodeTone } from '../support/encoded-sound.ts';
import { openListeningPage } from '../support/listening-page.ts';
import { buildPage, SCRIPTED_LISTENER } from '../support/page-build.ts';
import { startPageServer } from '../support/page-server.ts';
import type { PageServer } from '../support/page-server.ts';

/**
 * The page in a language whose every text is marked: what is not marked and can be read is hard-coded. The station's
 * own words, and what the language's name is, are nobody's to translate.
 */
const [OPEN, CLOSE] = ['⟦', '⟧'];
const TITLE = 'Un titre';
const OWN_WORDS = new Set([
  'Radio Essaim',
  'Une petite radio portée par celles et ceux qui l’écoutent.',
  TITLE,
  // The artist.
  'Essaim',
  'English',
  'Français',
]);

const MARKED = `
  import { fr as real } from './fr.ts?unmarked';
  const marked = (value) =>
    typeof value === 'string' ? '${OPEN}' + value + '${CLOSE}'
    : typeof value === 'function' ? (...all) => '${OPEN}' + value(...all) + '${CLOSE}'
    : Object.fromEntries(Object.entries(value).map(([name, each]) => [name, marked(each)]));
  export const fr = { ...marked(real), language: 'fr' };
`;

let browser: Browser;
let server: PageServer;
beforeAll(async () => {
  const folder = await buildPage([
    SCRIPTED_LISTENER,
    {
      name: 'marked-words',
      enforce: 'pre',
      load: (id) => (id.endsWith('/client/strings/fr.ts') ? MARKED : null),
    },
  ]);
  const sound = encodeTone('mp3', 60, 440);
  const script = scriptChunks([{ sound, titles: { 8: TITLE } }]);
  server = await startPageServer({ folder, feeds: { mp3: { config: sound.config, script, burstMs: 3500 } } });
  browser = await launchBrowser('chromium', { languages: 'fr-FR,fr' });
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

/** Everything that can be read or is read out, a piece each. */
const words = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const found: string[] = [document.title];
    for (const element of document.querySelectorAll('body *:not(script, noscript, noscript *)')) {
      for (const name of ['aria-label', 'title', 'alt', 'placeholder', 'aria-description'])
        found.push(element.getAttribute(name) ?? '');
      for (const node of element.childNodes)
        if (node.nodeType === Node.TEXT_NODE) found.push(node.textContent ?? '');
    }
    return found.map((each) => each.trim()).filter((each) => /\p{L}/u.test(each));
  });

const unmarked = (all: readonly string[]): readonly string[] =>
  all.filter(
    (each) =>
      !(each.startsWith(OPEN) && each.endsWith(CLOSE)) &&
      !each.split(' · ').every((part) => OWN_WORDS.has(part)),
  );

describe('no word of the page is hard-coded', () => {
  test('before the sound, while it plays, when it is held, and in every sheet', async () => {
    const listening = await openListeningPage(browser, 'chromium', `${server.address}/?debug`);
    const { page } = listening;
    const before = await words(page);
    expect(unmarked(before)).toEqual([]);
    expect(before.length).toBeGreaterThan(8);
    await listening.click();
    await listening.until('the title', ({ title, source }) => title === TITLE && source !== '');
    expect(unmarked(await words(page))).toEqual([]);
    for (const sheet of ['#history', '#sleep-timer', '#settings']) {
      await page.click(sheet);
      await page.waitForFunction(
        () => (document.querySelector('dialog[open]')?.textContent ?? '').length > 30,
      );
      expect(unmarked(await words(page)), sheet).toEqual([]);
      await page.keyboard.press('Escape');
    }
    await listening.click();
    await listening.until('the pause', ({ status }) => status === 'paused');
    const paused = await words(page);
    expect(unmarked(paused)).toEqual([]);
    expect(paused.length).toBeGreaterThan(before.length);
  });
});
