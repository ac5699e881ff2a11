import type { Page } from 'puppeteer-core';
import { z } from 'zod';

/** Notes everything that becomes of the sound, in order, from the page's first moment. */
export function recordStatuses(page: Page): Promise<unknown> {
  return page.evaluateOnNewDocument(() => {
    const statuses: (string | undefined)[] = [];
    Reflect.set(globalThis, 'statuses', statuses);
    addEventListener('DOMContentLoaded', () => {
      new MutationObserver(() => statuses.push(document.body.dataset['status'])).observe(document.body, {
        attributeFilter: ['data-status'],
      });
    });
  });
}

/** Without repetitions. */
export async function statusesOf(page: Page): Promise<readonly string[]> {
  const all = z.array(z.string()).parse(await page.evaluate(() => Reflect.get(globalThis, 'statuses')));
  return all.filter((status, index) => status !== all[index - 1]);
}
