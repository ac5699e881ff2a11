import type { Browser, CDPSession, Page } from 'puppeteer-core';
import { openListeningPage } from '../../support/listening-page.ts';
import { median, row } from './row.ts';
import type { Row } from './row.ts';

/**
 * What the drawing takes while the page plays in a swarm: all of Chromium's processes together (without a graphics card
 * they paint, too), and the page's main thread alone. Each round measures with the drawing, without it, and hidden, one
 * after the other, so that whatever else the machine does falls on all of them alike.
 */
export async function measureDrawing(
  browser: Browser,
  address: string,
  rounds: number,
): Promise<readonly Row[]> {
  const listening = await openListeningPage(browser, 'chromium', `${address}/?debug`);
  const { page } = listening;
  await page.setViewport({ width: 1280, height: 800 });
  await listening.click();
  await listening.until(
    'sound from others',
    ({ status, source }) => status === 'playing' && /\d\s?%/.test(source),
    60_000,
  );
  const other = await browser.newPage();
  const measure = new Usage(await browser.target().createCDPSession(), await page.createCDPSession());
  const measured: { readonly drawn: Shares; readonly without: Shares; readonly hidden: Shares }[] = [];
  for (let round = 0; round < rounds; round++) {
    await page.bringToFront();
    await showDrawing(page, true);
    const drawn = await measure.shares();
    await showDrawing(page, false);
    const without = await measure.shares();
    await showDrawing(page, true);
    await other.bringToFront();
    const hidden = await measure.shares();
    measured.push({ drawn, without, hidden });
  }
  await other.close();
  await page.close();
  const of = (pick: (round: (typeof measured)[number]) => number): number => 100 * median(measured.map(pick));
  const unit = '% of a core';
  return [
    row(
      'browser, with the drawing',
      of(({ drawn }) => drawn.all),
      unit,
      2,
    ),
    row(
      'browser, without',
      of(({ without }) => without.all),
      unit,
      2,
    ),
    row(
      'browser, hidden',
      of(({ hidden }) => hidden.all),
      unit,
      2,
    ),
    row(
      'the drawing',
      of(({ drawn, without }) => drawn.all - without.all),
      unit,
      2,
    ),
    row(
      'main thread, with the drawing',
      of(({ drawn }) => drawn.mainThread),
      unit,
      2,
    ),
    row(
      'main thread, without',
      of(({ without }) => without.mainThread),
      unit,
      2,
    ),
    row(
      'the drawing, main thread',
      of(({ drawn, without }) => drawn.mainThread - without.mainThread),
      unit,
      2,
    ),
  ];
}

/** Shares of a core, 0 to 1 and more. */
interface Shares {
  readonly all: number;
  readonly mainThread: number;
}

const MEASURED_MS = 10_000;
const SETTLED_MS = 1500;

class Usage {
  readonly #browser: CDPSession;
  readonly #page: CDPSession;

  constructor(browser: CDPSession, page: CDPSession) {
    this.#browser = browser;
    this.#page = page;
  }

  async shares(): Promise<Shares> {
    await sleep(SETTLED_MS);
    // The thread's own time, without what others took from it.
    await this.#page.send('Performance.enable', { timeDomain: 'threadTicks' });
    const before = await this.#seconds();
    await sleep(MEASURED_MS);
    const after = await this.#seconds();
    const seconds = (after.at - before.at) / 1000;
    return {
      all: (after.all - before.all) / seconds,
      mainThread: (after.mainThread - before.mainThread) / seconds,
    };
  }

  async #seconds(): Promise<{ readonly at: number; readonly all: number; readonly mainThread: number }> {
    const { processInfo } = await this.#browser.send('SystemInfo.getProcessInfo');
    const { metrics } = await this.#page.send('Performance.getMetrics');
    return {
      at: performance.now(),
      all: processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0),
      mainThread: metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN,
    };
  }
}

async function showDrawing(page: Page, isShown: boolean): Promise<void> {
  await page.$eval(
    'canvas',
    (canvas, visibility) => (canvas.style.display = visibility),
    isShown ? '' : 'none',
  );
}

const sleep = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));
