import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { launchBrowser } from '../support/browser.ts';
import { openListeningPage } from '../support/listening-page.ts';
import type { ListeningPage } from '../support/listening-page.ts';
import { openPageStage } from '../support/page-stage.ts';
import type { PageStage } from '../support/page-stage.ts';

/** Seconds of sound: eight chunks that each would be seen on its way. */
const SOUND_WATCHED_S = 2;
const PICTURES_PER_SECOND_MAX = 15;

let stage: PageStage;
let browser: Browser;
beforeAll(async () => {
  stage = await openPageStage();
  browser = await launchBrowser('chromium', { manyTabs: true });
});
afterAll(async () => {
  await browser.close();
  await stage.close();
});

test('the drawing moves with the sound, at no more than 15 pictures a second', async () => {
  const listening = await play();
  const drawn = await picturesDuringSound(listening);
  await listening.page.close();
  expect(drawn.count).toBeGreaterThan(SOUND_WATCHED_S * 5);
  expect(drawn.count).toBeLessThanOrEqual((drawn.forMs / 1000) * PICTURES_PER_SECOND_MAX + 1);
});

test('the drawing rests while its tab is hidden, the sound goes on, and it moves again when it is seen', async () => {
  const listening = await play();
  const { page } = listening;
  const other = await browser.newPage();
  await other.bringToFront();
  await page.waitForFunction(() => document.hidden, { polling: 50 });
  const whileHidden = await picturesDuringSound(listening);
  await page.bringToFront();
  await page.waitForFunction(() => !document.hidden, { polling: 50 });
  const afterwards = await picturesDuringSound(listening);
  await other.close();
  await page.close();
  expect(whileHidden.count).toBe(0);
  expect(afterwards.count).toBeGreaterThan(0);
});

test('the drawing rests while it is scrolled out of sight', async () => {
  const listening = await play();
  const { page } = listening;
  await page.setViewport({ width: 320, height: 300 });
  await page.$eval('#tools', (tools) => tools.scrollIntoView());
  await page.waitForFunction(
    () => (document.querySelector('canvas')?.getBoundingClientRect().bottom ?? 0) < 0,
  );
  // The browser tells of it with its next picture.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0))));
  const drawn = await picturesDuringSound(listening);
  await page.close();
  expect(drawn.count).toBe(0);
});

test('nothing moves for who wants no motion, and who is there is shown all the same', async () => {
  const listening = await play([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
  const { page } = listening;
  await listening.until('the source', ({ source }) => source !== '');
  const before = await page.evaluate(coloursInDrawing);
  const drawn = await picturesDuringSound(listening);
  const running = await page.evaluate(() => document.getAnimations().length);
  await page.close();
  expect(drawn.count).toBe(0);
  expect(running).toBe(0);
  expect(before).toBeGreaterThan(1);
});

async function play(features: Parameters<Page['emulateMediaFeatures']>[0] = []): Promise<ListeningPage> {
  const listening = await openListeningPage(
    browser,
    'chromium',
    `${stage.address('mp3')}/?debug`,
    async (page) => {
      await page.emulateMediaFeatures(features);
      await page.evaluateOnNewDocument(countPictures);
    },
  );
  await listening.page.bringToFront();
  await listening.click();
  await listening.until('the source', ({ status, source }) => status === 'playing' && source !== '');
  return listening;
}

/** Each picture begins by wiping the last one away. */
function countPictures(): void {
  const { prototype } = CanvasRenderingContext2D;
  const wipe = Object.getOwnPropertyDescriptor(prototype, 'clearRect');
  let count = 0;
  prototype.clearRect = function (...area) {
    count += 1;
    Reflect.set(globalThis, 'pictureCount', count);
    Reflect.apply(wipe?.value, this, area);
  };
}

interface Drawn {
  readonly count: number;
  readonly forMs: number;
}

async function picturesDuringSound(listening: ListeningPage): Promise<Drawn> {
  const now = async (): Promise<Drawn> =>
    drawnSchema.parse(
      await listening.page.evaluate(() => ({
        count: Reflect.get(globalThis, 'pictureCount'),
        forMs: performance.now(),
      })),
    );
  const before = await now();
  const { position } = await listening.state();
  await listening.until('more sound', (state) => state.position > position + SOUND_WATCHED_S);
  const after = await now();
  return { count: after.count - before.count, forMs: after.forMs - before.forMs };
}

const drawnSchema = z.object({ count: z.number(), forMs: z.number() });

/** 1 or 0: there is nothing in it. */
function coloursInDrawing(): number {
  const canvas = document.querySelector('canvas');
  const data = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
  return new Set(new Uint32Array(data?.buffer ?? new ArrayBuffer(0))).size;
}
