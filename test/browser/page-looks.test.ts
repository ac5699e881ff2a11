import { mkdir } from 'node:fs/promises';
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { violations } from '../support/accessibility.ts';
import { launchBrowser } from '../support/browser.ts';
import { openPageStage } from '../support/page-stage.ts';
import type { PageStage } from '../support/page-stage.ts';
import { openPageState, openUnscripted, PAGE_STATES } from '../support/page-states.ts';

/** Pictures of every state, light and dark, on a phone and on a desk: for people to look at. */
const ARTEFACTS = new URL('../artefacts/page/', import.meta.url).pathname;
const SIZES = [
  [390, 844],
  [1440, 900],
] as const;
/** Nothing has to be scrolled for from this height on; a smaller phone scrolls. */
const HEIGHT_WHOLE = 844;
/** CSS pixels: what a finger hits. */
const TOUCH_MIN = 44;

let stage: PageStage;
let browser: Browser;

beforeAll(async () => {
  await mkdir(ARTEFACTS, { recursive: true });
  stage = await openPageStage();
  browser = await launchBrowser('chromium', { languages: 'fr-FR,fr' });
});
afterAll(async () => {
  await browser.close();
  await stage.close();
});

describe.each(PAGE_STATES)('the page, $name', (state) => {
  test('can be used by everyone, as far as axe-core tells, light and dark, on phone and desk', async () => {
    const page = await openPageState(browser, stage, state);
    const checked =
      state.hasScripts === false ? await openUnscripted(browser, stage.address(state.feed)) : page;
    for (const [width, height] of SIZES)
      for (const scheme of ['light', 'dark']) {
        for (const each of new Set([page, checked])) {
          await each.setViewport({ width, height, deviceScaleFactor: 2 });
          await each.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
        }
        await page.screenshot({ path: `${ARTEFACTS}${state.name}-${width}-${scheme}.png` });
        expect(await violations(checked), `${width} ${scheme}`).toEqual([]);
        const needed = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(needed, 'width').toBeLessThanOrEqual(width);
      }
    for (const each of new Set([page, checked])) await each.browserContext().close();
  });
});

test.each([
  [320, 640],
  [390, 844],
  [820, 1180],
  [1440, 900],
])('the page fits %d × %d, and all of it can be hit by a finger', async (width, height) => {
  for (const state of PAGE_STATES.filter(({ name }) => SHOWN.includes(name))) {
    const page = await openPageState(browser, stage, state);
    await page.setViewport({ width, height });
    const needed = await page.evaluate(() => {
      const { scrollWidth, scrollHeight } = document.documentElement;
      return { width: scrollWidth, height: scrollHeight };
    });
    const small = await page.$$eval(
      'button, input, select',
      (all, min) =>
        all
          .filter((each) => each.checkVisibility() && each.closest('dialog:not([open])') === null)
          .filter((each) => Math.min(each.clientHeight, each.clientWidth) < min)
          .map(({ id, clientWidth, clientHeight }) => `${id} ${clientWidth} × ${clientHeight}`),
      TOUCH_MIN,
    );
    await page.browserContext().close();
    expect(needed.width, state.name).toBeLessThanOrEqual(width);
    if (height >= HEIGHT_WHOLE) expect(needed.height, state.name).toBeLessThanOrEqual(height);
    expect(small, state.name).toEqual([]);
  }
});

/** The fullest of the usual ones. */
const SHOWN = ['asking', 'playing', 'behind-live'];
