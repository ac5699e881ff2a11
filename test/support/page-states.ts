import type { Browser, HTTPRequest, Page } from 'puppeteer-core';
import { TITLE } from './page-stage.ts';
import type { PageStage, StageFeed } from './page-stage.ts';

/** Something that a person may see, and how to get there on the stage (see `page-stage.ts`). */
export interface PageState {
  readonly name: string;
  readonly feed: StageFeed;
  /** Runs in the page before its own scripts. */
  readonly before?: () => void;
  readonly hasScripts?: false;
  readonly reach: (page: Page) => Promise<void>;
}

/** Opens it for somebody who has never been here, and reads French. The caller closes the page's context. */
export async function openPageState(browser: Browser, stage: PageStage, state: PageState): Promise<Page> {
  const page = await (await browser.createBrowserContext()).newPage();
  await page.setViewport({ width: 1440, height: 900 });
  if (state.hasScripts === false) await page.setJavaScriptEnabled(false);
  if (state.before !== undefined) await page.evaluateOnNewDocument(state.before);
  await page.goto(`${stage.address(state.feed)}/`);
  await state.reach(page);
  return page;
}

/** What somebody without scripts is shown, in a page that has them, so that it can be checked there. */
export async function openUnscripted(browser: Browser, address: string): Promise<Page> {
  const page = await (await browser.createBrowserContext()).newPage();
  await page.setRequestInterception(true);
  page.on('request', (request) => void answerUnscripted(request));
  await page.goto(`${address}/`);
  return page;
}

async function answerUnscripted(request: HTTPRequest): Promise<void> {
  if (request.resourceType() === 'script') return request.abort();
  if (request.resourceType() !== 'document') return request.continue();
  const html = await (await fetch(request.url())).text();
  const body = html.replace(/<(\/?)noscript/g, '<$1div');
  return request.respond({ contentType: 'text/html; charset=utf-8', body });
}

const press = async (page: Page, selector = '#listen'): Promise<void> =>
  (await page.waitForSelector(`${selector}:not([hidden], [disabled])`))?.click();

const until = async (page: Page, status: string): Promise<void> => {
  await page.waitForSelector(`body[data-status="${status}"]`);
};

async function play(page: Page, title = TITLE): Promise<void> {
  await press(page);
  await page.waitForFunction(
    (words) =>
      document.getElementById('title')?.textContent === words &&
      document.getElementById('source')?.textContent !== '',
    {},
    title,
  );
}

async function pause(page: Page): Promise<void> {
  await play(page);
  await press(page);
  await until(page, 'paused');
}

/** @param control in the sheet: it is filled late */
const sheet =
  (button: string, control: string) =>
  async (page: Page): Promise<void> => {
    await play(page);
    await press(page, button);
    await page.waitForSelector(`dialog[open] ${control}`);
  };

const afterPress =
  (status: string) =>
  async (page: Page): Promise<void> => {
    await press(page);
    await until(page, status);
  };

/** All of them. */
export const PAGE_STATES: readonly PageState[] = [
  {
    name: 'asking',
    feed: 'mp3',
    reach: async (page) => void (await page.waitForSelector('#just-listen:not([hidden])')),
  },
  {
    name: 'chosen',
    feed: 'mp3',
    before: () => localStorage.setItem('essaim.relay', 'yes'),
    reach: async (page) => void (await page.waitForSelector('#just-listen[hidden]')),
  },
  { name: 'connecting', feed: 'never', reach: afterPress('connecting') },
  { name: 'playing', feed: 'mp3', reach: play },
  {
    name: 'just-listening',
    feed: 'mp3',
    reach: async (page) => {
      await press(page, '#just-listen');
      await page.waitForFunction(() => document.getElementById('source')?.textContent !== '');
    },
  },
  { name: 'long-texts', feed: 'long', reach: (page) => playLong(page) },
  { name: 'paused', feed: 'mp3', reach: pause },
  {
    name: 'behind-live',
    feed: 'mp3',
    reach: async (page) => {
      await pause(page);
      await page.waitForFunction(() => {
        const audio = document.querySelector('audio');
        return audio !== null && audio.buffered.end(0) - audio.currentTime > 5;
      });
      await press(page);
      await page.waitForSelector('#back-to-live:not([hidden])');
    },
  },
  { name: 'buffering', feed: 'outage', reach: afterPress('buffering') },
  { name: 'silent', feed: 'silent', reach: afterPress('silent') },
  { name: 'unreachable', feed: 'cut', reach: afterPress('unreachable') },
  {
    name: 'offline',
    feed: 'outage',
    reach: async (page) => {
      await afterPress('playing')(page);
      await page.setOfflineMode(true);
      await until(page, 'offline');
    },
  },
  {
    name: 'blocked',
    feed: 'mp3',
    before: () => {
      HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException('', 'NotAllowedError'));
    },
    reach: afterPress('blocked'),
  },
  {
    name: 'unsupported',
    feed: 'mp3',
    before: playNothing,
    reach: afterPress('unsupported'),
  },
  { name: 'history', feed: 'mp3', reach: sheet('#history', 'li') },
  { name: 'sleep', feed: 'mp3', reach: sheet('#sleep-timer', 'select') },
  { name: 'settings', feed: 'mp3', reach: sheet('#settings', 'select') },
  {
    name: 'without-script',
    feed: 'mp3',
    hasScripts: false,
    reach: async (page) => void (await page.waitForSelector('audio[controls]')),
  },
];

/** An old browser: no MediaSource, and no kind of sound in an audio element. */
export function playNothing(): void {
  Reflect.deleteProperty(globalThis, 'MediaSource');
  Reflect.deleteProperty(globalThis, 'ManagedMediaSource');
  HTMLMediaElement.prototype.canPlayType = () => '';
}

async function playLong(page: Page): Promise<void> {
  await press(page);
  await page.waitForFunction(() => (document.getElementById('title')?.textContent ?? '').length > 80);
  await page.waitForFunction(() => document.querySelector('img.es-now-artwork:not([hidden])') !== null);
}
