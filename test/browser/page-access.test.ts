import type { Browser, Page, SerializedAXNode } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fr } from '../../client/strings/fr.ts';
import { BROWSER_NAMES, launchBrowser } from '../support/browser.ts';
import { openListeningPage } from '../support/listening-page.ts';
import type { ListeningPage } from '../support/listening-page.ts';
import { openPageStage } from '../support/page-stage.ts';
import type { PageStage } from '../support/page-stage.ts';

/** More than there are controls in the page, or in any sheet. */
const PRESSES_MAX = 20;
const SHEETS = ['history', 'sleep-timer', 'settings'] as const;

let stage: PageStage;
beforeAll(async () => {
  stage = await openPageStage();
});
afterAll(() => stage.close());

describe.each(BROWSER_NAMES)('the page by keyboard alone, in %s', (name) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser(name, { languages: 'fr-FR,fr' });
  });
  afterAll(() => browser.close());

  const open = async (): Promise<ListeningPage> => {
    const listening = await openListeningPage(browser, name, `${stage.address('mp3')}/?debug`);
    await listening.page.bringToFront();
    return listening;
  };

  test('reaches every control in the order of reading, and shows where it is', async () => {
    const listening = await open();
    const { page } = listening;
    for (const isPlaying of [false, true]) {
      await page.evaluate(beginAtTop);
      if (isPlaying) {
        await tabTo(page, 'listen');
        await page.keyboard.press('Enter');
        await listening.until('sound', ({ status }) => status === 'playing');
      }
      await page.evaluate(beginAtTop);
      const controls = await page.evaluate(controlsInOrder);
      const reached: Focus[] = [];
      for (let count = 0; count < controls.length; count++) {
        await page.keyboard.press('Tab');
        reached.push(await page.evaluate(focusNow));
      }
      expect(reached.map(({ id }) => id)).toEqual(controls);
      expect(reached.filter(({ isSeen }) => !isSeen)).toEqual([]);
      expect(controls).toContain(isPlaying ? 'relay' : 'just-listen');
    }
    await close(listening);
  });

  test.each(SHEETS)(
    'opens the sheet of #%s, stays in it, and is back where it was after Escape',
    async (id) => {
      const listening = await open();
      const { page } = listening;
      const isOpen = (): Promise<boolean> =>
        page.evaluate(() => document.querySelector('dialog[open]') !== null);
      for (const wayOut of ['Escape', 'Enter'] as const) {
        await tabTo(page, id);
        await page.keyboard.press('Enter');
        await page.waitForSelector('dialog[open] .es-sheet-content > *');
        expect(await page.evaluate(focusNow)).toEqual({ id: fr.settings.close, isSeen: true });
        // Firefox gives what is typed to the page even while its own controls have the focus, and so never leaves them.
        const length = name === 'firefox' ? 0 : 8;
        const steps = ['Tab', 'Shift+Tab'].flatMap((key) => Array.from({ length }, () => key));
        for (const key of steps) {
          if (key === 'Tab') await page.keyboard.press('Tab');
          else await pressBackwards(page);
          expect(await page.evaluate(isInSheet), key).toBe(true);
        }
        await tabTo(page, fr.settings.close);
        await page.keyboard.press(wayOut);
        expect(await isOpen()).toBe(false);
        expect(await page.evaluate(focusNow)).toEqual({ id, isSeen: true });
      }
      await close(listening);
    },
  );

  test('listens, pauses, stops relaying and changes the volume, which is remembered', async () => {
    const listening = await open();
    const { page } = listening;
    await tabTo(page, 'listen');
    await page.keyboard.press('Enter');
    await listening.until('sound', ({ status }) => status === 'playing');
    await page.keyboard.press(' ');
    await listening.until('the pause', ({ status }) => status === 'paused');

    await tabTo(page, 'relay');
    await page.keyboard.press(' ');
    await tabTo(page, 'volume');
    await page.keyboard.press('End');
    for (let presses = 0; presses < 5; presses++) await page.keyboard.press('ArrowLeft');
    await page.reload();
    await page.waitForSelector('#listen:not([disabled])');
    const remembered = await page.evaluate(() => ({
      volume: document.querySelector('audio')?.volume,
      relay: document.querySelector<HTMLInputElement>('#relay')?.checked,
      hint: document.querySelector('#relay-hint')?.textContent,
    }));
    await close(listening);
    expect(remembered).toEqual({ volume: 0.9, relay: false, hint: fr.relaying.justListening });
  });

  test('goes on from the answer to the button that took its place', async () => {
    const listening = await open();
    const { page } = listening;
    await tabTo(page, 'just-listen');
    await page.keyboard.press('Enter');
    await listening.until('sound', ({ status }) => status === 'playing');
    const focus = await page.evaluate(focusNow);
    await close(listening);
    expect(focus).toEqual({ id: 'listen', isSeen: true });
  });
});

test('a screen reader is told everything, in the language of the browser', async () => {
  const browser = await launchBrowser('chromium', { languages: 'fr-FR,fr' });
  const listening = await openListeningPage(browser, 'chromium', `${stage.address('mp3')}/?debug`);
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
  await browser.close();
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

const namesOf = ({ role, name, children = [] }: SerializedAXNode): readonly string[] => [
  `${role}: ${name ?? ''}`,
  ...children.flatMap(namesOf),
];

interface Focus {
  /** Or its name, where it has none. */
  readonly id: string;
  readonly isSeen: boolean;
}

/** Forgets what was chosen. */
async function close({ page }: ListeningPage): Promise<void> {
  await page.evaluate(() => localStorage.clear());
  await page.close();
}

async function tabTo(page: Page, id: string): Promise<void> {
  for (let presses = 0; presses < PRESSES_MAX; presses++) {
    if ((await page.evaluate(focusNow)).id === id) return;
    await page.keyboard.press('Tab');
  }
  expect((await page.evaluate(focusNow)).id).toBe(id);
}

async function pressBackwards(page: Page): Promise<void> {
  await page.keyboard.down('Shift');
  await page.keyboard.press('Tab');
  await page.keyboard.up('Shift');
}

/** As they stand in the page, which is how they are read. */
function controlsInOrder(): readonly string[] {
  return Array.from(document.querySelectorAll<HTMLElement>('a[href], button, input, select'))
    .filter((each) => each.checkVisibility() && each.closest('dialog:not([open])') === null)
    .map((each) => each.id || (each.ariaLabel ?? each.textContent ?? ''));
}

/** A switch is seen by the track that follows its input. Past the last control, the focus is the browser's own. */
function focusNow(): Focus {
  const focused = document.hasFocus() ? document.activeElement : null;
  if (!(focused instanceof HTMLElement) || focused === document.body) return { id: '', isSeen: false };
  const shown = focused.getAttribute('role') === 'switch' ? focused.nextElementSibling : focused;
  const { outlineStyle, outlineWidth } = getComputedStyle(shown ?? focused);
  return {
    id: focused.id || (focused.ariaLabel ?? focused.textContent ?? ''),
    isSeen: outlineStyle === 'solid' && Number.parseFloat(outlineWidth) >= 3,
  };
}

/** In it, or in the browser's own controls. */
function isInSheet(): boolean {
  const { activeElement, body } = document;
  return activeElement === body || activeElement?.closest('dialog[open]') !== null;
}

/** The next Tab begins at the top. */
function beginAtTop(): void {
  const heading = document.getElementById('name');
  if (heading === null) return;
  heading.tabIndex = -1;
  heading.focus();
}
