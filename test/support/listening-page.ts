import type { Browser, BrowserContext, Page } from 'puppeteer-core';
import type { PlaybackFigures } from '../../client/playback/figures.ts';
import type { PlayedChunk } from '../../client/page/debug.ts';
import { recordAppends } from './append-recorder.ts';
import type { BrowserName } from './browser.ts';

/** The page, open with `?debug`, and what a test may ask of it. */
export interface ListeningPage {
  readonly page: Page;
  /** Errors that the page threw or the browser complained of. */
  readonly complaints: readonly string[];
  /** A real click on the button. */
  click(): Promise<void>;
  state(): Promise<ListeningState>;
  /** Polls until `condition` holds. @throws Error naming `what`, with the state, if it does not in time. */
  until(
    what: string,
    condition: (state: ListeningState) => boolean,
    timeoutMs?: number,
  ): Promise<ListeningState>;
}

export interface ListeningState {
  readonly status: string;
  readonly title: string;
  readonly source: string;
  /** Element seconds. */
  readonly position: number;
  readonly bufferedEnd: number;
  readonly rate: number;
  readonly figures: PlaybackFigures | null;
  readonly played: readonly PlayedChunk[];
}

/**
 * @param browser a context of its own forgets what listeners chose elsewhere.
 * @param prepare what is to be done before the page is asked for.
 */
export async function openListeningPage(
  browser: Browser | BrowserContext,
  name: BrowserName,
  address: string,
  prepare?: (page: Page) => Promise<unknown>,
): Promise<ListeningPage> {
  const page = await browser.newPage();
  await prepare?.(page);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  await recordAppends(page);
  if (name === 'firefox') await openSilently(page, address);
  await page.goto(address);
  await page.waitForSelector('#listen:not([disabled])');
  const state = (): Promise<ListeningState> => page.evaluate(readState);
  return {
    page,
    complaints,
    state,
    click: () => page.click('#listen'),
    async until(what, condition, timeoutMs = 20_000) {
      const end = Date.now() + timeoutMs;
      for (;;) {
        const now = await state();
        if (condition(now)) return now;
        if (Date.now() > end)
          throw new Error(
            `Cannot see ${what} within ${timeoutMs} ms: current value is ${JSON.stringify(now)}`,
          );
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
  };
}

/** Firefox without a sound device stops at the first sample unless the volume is 0: the page remembers such a one. */
async function openSilently(page: Page, address: string): Promise<void> {
  await page.goto(address);
  // Leaving a page that is still loading its modules is an error to Firefox.
  if (address.includes('?debug')) await page.waitForFunction(() => 'essaimDebug' in globalThis);
  await page.evaluate(() => localStorage.setItem('essaim.volume', '0'));
}

function readState(): ListeningState {
  const audio = document.querySelector('audio');
  const debug: unknown = Reflect.get(globalThis, 'essaimDebug');
  const ask = (name: string): never => {
    if (typeof debug !== 'object' || debug === null)
      throw new Error('Cannot ask a page that is not open with ?debug');
    return Reflect.apply(Reflect.get(debug, name), debug, []);
  };
  const ranges = audio?.buffered.length ?? 0;
  return {
    status: document.body.dataset['status'] ?? '',
    title: document.getElementById('title')?.textContent ?? '',
    source: document.getElementById('source')?.textContent ?? '',
    position: audio?.currentTime ?? 0,
    bufferedEnd: ranges === 0 ? 0 : (audio?.buffered.end(ranges - 1) ?? 0),
    rate: audio?.playbackRate ?? 1,
    figures: ask('figures'),
    played: ask('playedChunks'),
  };
}
