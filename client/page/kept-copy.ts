import type { KeepRequest } from '../service-worker/kept-pages.ts';

/** What was being loaded while the worker came. */
const LATER_MS = 20_000;
/** Relays come and go while a page is open: the kept one is to know those of now. */
const REFRESH_EVERY_MS = 3_600_000;

/**
 * Has a copy of this page kept for when the station's server is away. Once it is kept the page can also be installed.
 * Call it where there are service workers only: they take https, or this machine.
 */
export async function keepCopy(): Promise<void> {
  const { serviceWorker } = navigator;
  await serviceWorker.register('./service-worker.js', { updateViaCache: 'none' });
  const registration = await serviceWorker.ready;
  const keep = (refresh: boolean): void => {
    const request: KeepRequest = {
      type: 'keep',
      page: new URL(location.pathname, location.href).href,
      refresh,
      files: performance.getEntriesByType('resource').map(({ name }) => name),
    };
    registration.active?.postMessage(request);
  };
  keep(false);
  setTimeout(() => keep(false), LATER_MS);
  setInterval(() => keep(true), REFRESH_EVERY_MS);
}
