import type { Browser, BrowserContext, Page } from 'puppeteer-core';
import { z } from 'zod';
import type { PlaybackFigures } from '../../client/playback/figures.ts';
import type { BrowserName } from './browser.ts';
import { openListeningPage } from './listening-page.ts';
import type { ListeningPage } from './listening-page.ts';
import type { NodeState, SwarmSnapshot } from './swarm-node-messages.ts';
import { pollUntil } from './swarm-poll.ts';

/** A tab with the page open, listening to one mount. */
export interface SwarmTab {
  readonly name: string;
  readonly browserName: BrowserName;
  readonly listening: ListeningPage;
  state(): Promise<TabState>;
  /** @throws Error that says what the page and its audio element are at, if it takes too long. */
  waitForFirstSound(): Promise<void>;
  /** The longest time since the last asking that the playhead stood still, in ms. */
  longestStandstillMs(): Promise<number>;
  close(): Promise<void>;
}

export interface TabState {
  readonly status: string;
  /** Element seconds. */
  readonly position: number;
  readonly figures: PlaybackFigures | null;
  readonly snapshot: SwarmSnapshot | null;
  readonly played: NodeState['played'];
}

export interface SwarmTabOptions {
  /** What is clicked: *listen and relay* (`#listen`) or *just listen* (`#just-listen`). */
  readonly button?: '#listen' | '#just-listen';
  /** What is to be done before the page is asked for. */
  readonly prepare?: (page: Page) => Promise<unknown>;
}

/** Opens the page, chooses the mount and clicks. */
export async function openSwarmTab(
  browser: Browser | BrowserContext,
  browserName: BrowserName,
  name: string,
  address: string,
  mountPath: string,
  { button = '#listen', prepare }: SwarmTabOptions = {},
): Promise<SwarmTab> {
  const listening = await openListeningPage(browser, browserName, `${address}/?debug`, prepare);
  const { page } = listening;
  await page.click('#settings');
  await page.waitForSelector('#quality');
  await page.select('#quality', mountPath);
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog[open]', { hidden: true });
  await page.click(button);
  await page.evaluate(watchPlayhead, SAMPLE_EVERY_MS);
  return {
    name,
    browserName,
    listening,
    state: () => page.evaluate(readTab),
    waitForFirstSound: () =>
      pollUntil(
        `${name} plays ${mountPath}`,
        FIRST_SOUND_MS_MAX,
        async () => (await page.evaluate(readTab)).position > 0,
        async () => JSON.stringify([await page.evaluate(describeElement), listening.complaints]),
      ),
    longestStandstillMs: async () =>
      z.number().parse(
        await page.evaluate(() => {
          const take: unknown = Reflect.get(globalThis, 'takeLongestStandstill');
          return typeof take === 'function' ? Reflect.apply(take, null, []) : null;
        }),
      ),
    close: () => page.close(),
  };
}

const SAMPLE_EVERY_MS = 50;
const FIRST_SOUND_MS_MAX = 20_000;

/**
 * In the page, so that the test's own delays are not measured. A sample that comes late counts as one interval: a
 * busy main thread tells nothing of the sound, which another thread plays, and a standstill is seen by many samples.
 */
function watchPlayhead(everyMs: number): void {
  const audio = document.querySelector('audio');
  let position = -1;
  let sampledAt = performance.now();
  let stoodMs = 0;
  let longest = 0;
  setInterval(() => {
    const now = performance.now();
    const sinceSampleMs = Math.min(now - sampledAt, 2 * everyMs);
    sampledAt = now;
    const moved = audio !== null && audio.currentTime !== position;
    position = audio?.currentTime ?? position;
    stoodMs = moved ? 0 : stoodMs + sinceSampleMs;
    longest = Math.max(longest, stoodMs);
  }, everyMs);
  Reflect.set(globalThis, 'takeLongestStandstill', () => {
    const taken = longest;
    longest = 0;
    return taken;
  });
}

/** All that may say why there is no sound. */
function describeElement(): unknown {
  const audio = document.querySelector('audio');
  const appended: unknown = Reflect.get(globalThis, 'appendedPieces');
  return {
    status: document.body.dataset['status'],
    visibility: document.visibilityState,
    paused: audio?.paused,
    readyState: audio?.readyState,
    networkState: audio?.networkState,
    error: audio?.error?.message,
    source: audio?.src,
    appended: Array.isArray(appended) ? appended.map((pieces: unknown[]) => pieces.length) : null,
    fetched: performance
      .getEntriesByType('resource')
      .map(({ name, duration }) => `${name.replace(location.origin, '')} ${Math.round(duration)}`),
  };
}

function readTab(): TabState {
  const debug: unknown = Reflect.get(globalThis, 'essaimDebug');
  const ask = (name: string): never => {
    if (typeof debug !== 'object' || debug === null)
      throw new Error('Cannot ask a page that is not open with ?debug');
    return Reflect.apply(Reflect.get(debug, name), debug, []);
  };
  return {
    status: document.body.dataset['status'] ?? '',
    position: document.querySelector('audio')?.currentTime ?? 0,
    figures: ask('figures'),
    snapshot: ask('snapshot'),
    played: ask('playedChunks'),
  };
}
