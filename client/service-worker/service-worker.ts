import { kindOf, KeptPages } from './kept-pages.ts';
import type { KeepRequest } from './kept-pages.ts';

/**
 * Keeps the station's page, so that it opens and joins through the relays that it knows while the station's own server
 * is away. A new one takes over at once: there is nothing in it that an old page could miss.
 */
declare const self: ServiceWorkerGlobalScope;

const NAME = 'essaim-page';
const opened = (): Promise<KeptPages> =>
  caches.open(NAME).then(
    (store) =>
      new KeptPages(
        store,
        (input, init) => fetch(input, init),
        (ms) => wait(ms),
      ),
  );
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

self.addEventListener('install', () => void self.skipWaiting());

self.addEventListener('activate', (event) => {
  // The request for a page sets out while this worker starts.
  const ready = Promise.all([self.clients.claim(), self.registration.navigationPreload?.enable()]);
  event.waitUntil(ready.then(() => undefined));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  switch (kindOf(request, self.registration.scope)) {
    case 'page':
      event.respondWith(opened().then((kept) => kept.page(request.url, network(event))));
      break;
    case 'file':
      event.respondWith(opened().then((kept) => kept.file(request)));
      break;
    case 'other':
      break;
  }
});

self.addEventListener('message', (event) => {
  const message: unknown = event.data;
  if (isKeepRequest(message)) event.waitUntil(opened().then((kept) => kept.keep(ours(message))));
});

async function network(event: FetchEvent): Promise<Response> {
  const preloaded: unknown = await event.preloadResponse;
  return preloaded instanceof Response ? preloaded : fetch(event.request);
}

/** Only what would be kept if it were loaded now. */
function ours({ page, files, ...others }: KeepRequest): KeepRequest {
  const { scope } = self.registration;
  const isFile = (url: string): boolean => kindOf({ url, method: 'GET', mode: 'no-cors' }, scope) === 'file';
  return { ...others, page, files: files.filter(isFile) };
}

const isKeepRequest = (message: unknown): message is KeepRequest =>
  typeof message === 'object' &&
  message !== null &&
  Reflect.get(message, 'type') === 'keep' &&
  typeof Reflect.get(message, 'page') === 'string' &&
  Array.isArray(Reflect.get(message, 'files'));
