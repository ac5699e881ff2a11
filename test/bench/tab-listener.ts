import type { Browser } from 'puppeteer-core';
import { openListeningPage } from '../support/listening-page.ts';
import type { ListenerFigures, MeasuredListener } from './measured-listener.ts';

/** Opens the page in a tab of its own, clicks, and waits for sound: a tab hidden before it has played never does. */
export async function openTabListener(browser: Browser, url: string): Promise<MeasuredListener> {
  const tab = await openListeningPage(browser, 'chromium', `${url}/?debug`);
  await tab.click();
  await tab.until('sound', ({ position }) => position > 0);
  return { figures: () => tab.page.evaluate(readFigures), stop: () => tab.page.close() };
}

function readFigures(): ListenerFigures {
  const debug: unknown = Reflect.get(globalThis, 'essaimDebug');
  const ask = (name: string): never => {
    if (typeof debug !== 'object' || debug === null) throw new Error('Cannot ask a page without ?debug');
    return Reflect.apply(Reflect.get(debug, name), debug, []);
  };
  const { counters }: Pick<ListenerFigures, 'counters'> = ask('snapshot');
  const { startupMs, latenciesMs }: Omit<ListenerFigures, 'counters'> = ask('figures');
  return { counters, startupMs, latenciesMs };
}
