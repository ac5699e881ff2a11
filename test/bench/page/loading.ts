import type { Browser, Page } from 'puppeteer-core';
import { z } from 'zod';
import { median, row } from './row.ts';
import type { Row } from './row.ts';

/** From the address to the sound, by people who have never been here: each visit has an empty cache. */
export async function measureLoading(
  browser: Browser,
  address: string,
  visits: number,
): Promise<readonly Row[]> {
  // The server compresses a file when it is first asked for: that is not the page's own time.
  await visit(browser, address);
  const all: Visit[] = [];
  for (let count = 0; count < visits; count++) all.push(await visit(browser, address));
  const of = (pick: (one: Visit) => number): number => median(all.map(pick));
  return [
    row(
      'address to button',
      of(({ button }) => button),
      'ms',
    ),
    row(
      'click to sound',
      of(({ sound, click }) => sound - click),
      'ms',
    ),
    row(
      'address to sound',
      of(({ sound }) => sound),
      'ms',
    ),
    row(
      'largest contentful paint',
      of(({ paint }) => paint),
      'ms',
    ),
    row(
      'layout shift before the click',
      of(({ shift }) => shift),
      '',
      4,
    ),
    row(
      'layout shift afterwards',
      of(({ shiftLater }) => shiftLater),
      '',
      4,
    ),
    row(
      'long tasks',
      of(({ longTasks }) => longTasks),
      'ms',
    ),
    row(
      'script before the click',
      of(({ script }) => script),
      'bytes',
    ),
    row(
      'all before the click',
      of(({ bytes }) => bytes),
      'bytes',
    ),
  ];
}

const visitSchema = z.object({
  /** Milliseconds since the address was asked for. */
  button: z.number(),
  click: z.number(),
  sound: z.number(),
  paint: z.number(),
  shift: z.number(),
  shiftLater: z.number(),
  /** Milliseconds beyond the first 50 of each. */
  longTasks: z.number(),
  script: z.number(),
  bytes: z.number(),
});
type Visit = z.infer<typeof visitSchema>;

/** Sound is given so long to move what it would. */
const SOUND_WATCHED_S = 2;

async function visit(browser: Browser, address: string): Promise<Visit> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setViewport({ width: 1280, height: 800 });
  await page.evaluateOnNewDocument(watchVisit);
  await Promise.all([page.goto(address), clickAtOnce(page)]);
  await page.waitForFunction(
    (seconds) => (document.querySelector('audio')?.currentTime ?? 0) > seconds,
    {},
    SOUND_WATCHED_S,
  );
  const seen = visitSchema.parse(await page.evaluate(() => Reflect.get(globalThis, 'visit')));
  await context.close();
  return seen;
}

async function clickAtOnce(page: Page): Promise<void> {
  const button = await page.waitForSelector('#listen:not([disabled])');
  await button?.click();
}

/** In the page, from its first moment. */
function watchVisit(): void {
  const visit = {
    button: 0,
    click: 0,
    sound: 0,
    paint: 0,
    shift: 0,
    shiftLater: 0,
    longTasks: 0,
    script: 0,
    bytes: 0,
  };
  Reflect.set(globalThis, 'visit', visit);
  const takes: Readonly<Record<string, (entry: PerformanceEntry) => void>> = {
    'largest-contentful-paint': ({ startTime }) => {
      visit.paint = startTime;
    },
    longtask: ({ duration }) => {
      visit.longTasks += duration - 50;
    },
    'layout-shift': (entry) => {
      if (Reflect.get(entry, 'hadRecentInput') === true) return;
      const value = Number(Reflect.get(entry, 'value'));
      if (visit.click === 0) visit.shift += value;
      else visit.shiftLater += value;
    },
  };
  for (const [type, take] of Object.entries(takes))
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) take(entry);
    }).observe({ type, buffered: true });
  new MutationObserver((_, observer) => {
    if (document.getElementById('listen') === null) return;
    visit.button = performance.now();
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true });
  addEventListener(
    'click',
    ({ timeStamp }) => {
      visit.click = timeStamp;
      for (const entry of performance.getEntries()) {
        if (!(entry instanceof PerformanceResourceTiming)) continue;
        visit.bytes += entry.transferSize;
        if (new URL(entry.name).pathname.endsWith('.js')) visit.script += entry.transferSize;
      }
    },
    { capture: true, once: true },
  );
  // The element's events come late: its clock is looked at.
  const timer = setInterval(() => {
    if ((document.querySelector('audio')?.currentTime ?? 0) === 0) return;
    visit.sound = performance.now();
    clearInterval(timer);
  }, 5);
}
