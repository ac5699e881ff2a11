import { describe, expect, it } from 'vitest';
import { KEPT_MAX, kindOf, KeptPages } from '../../../client/service-worker/kept-pages.ts';
import type { Store } from '../../../client/service-worker/kept-pages.ts';

const SCOPE = 'https://radio.example/';
const PAGE = `${SCOPE}south`;
const ASSET = `${SCOPE}assets/index-a1B2c3D4.js`;

const urlOf = (request: RequestInfo | URL): string =>
  request instanceof Request ? request.url : request.toString();

/** A cache in memory, in order of putting, as browsers' are. */
function memory(): Store & { readonly urls: () => readonly string[] } {
  const kept = new Map<string, Response>();
  return {
    match: async (request) => kept.get(urlOf(request))?.clone(),
    put: async (request, response) => void kept.set(urlOf(request), response),
    keys: async () => [...kept.keys()].map((url) => new Request(url)),
    delete: async (request) => kept.delete(urlOf(request)),
    urls: () => [...kept.keys()],
  };
}

const html = (words: string, status = 200): Response =>
  new Response(`<script id="essaim-station">${words}</script>`, {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
  });

interface Bench {
  readonly kept: KeptPages;
  readonly store: ReturnType<typeof memory>;
  readonly asked: string[];
  /** What the network answers from now on; null: nothing comes of it. */
  answer: (url: string) => Promise<Response>;
  /** The time that a visitor waits for the network is over. */
  isPatienceOver: boolean;
}

function bench(): Bench {
  const store = memory();
  const asked: string[] = [];
  const bench: Bench = {
    store,
    asked,
    answer: () => Promise.reject(new Error('no network')),
    isPatienceOver: false,
    kept: new KeptPages(
      store,
      (input) => {
        const url = urlOf(input);
        asked.push(url);
        return bench.answer(url);
      },
      () => (bench.isPatienceOver ? Promise.resolve() : new Promise(() => undefined)),
    ),
  };
  return bench;
}

/** What is kept is put away after the answer has been given. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
const away = (): Promise<Response> => Promise.reject(new Error('no network'));

describe('what is kept of a page', () => {
  it.each([
    ['', 'navigate', 'page'],
    ['south', 'navigate', 'page'],
    ['south?debug', 'navigate', 'page'],
    ['embed/south', 'navigate', 'other'],
    ['south', 'cors', 'other'],
    ['assets/index-a1B2c3D4.js', 'cors', 'file'],
    ['stations/south/look-0123456789abcdef.css', 'no-cors', 'file'],
    ['stations/south/app.webmanifest', 'cors', 'other'],
    ['api/stations', 'cors', 'other'],
    ['api/statistics', 'cors', 'other'],
    ['api/mounts/0123456789abcdef/stream', 'cors', 'other'],
    ['live.mp3', 'no-cors', 'other'],
    ['widget.js', 'cors', 'other'],
  ] as const)('%s, asked for to %s, is: %s', (path, mode, kind) => {
    expect(kindOf({ url: SCOPE + path, method: 'GET', mode }, SCOPE)).toBe(kind);
    expect(kindOf({ url: SCOPE + path, method: 'POST', mode }, SCOPE)).toBe('other');
  });

  it('is nothing of another server', () => {
    const url = 'https://relay.example/assets/index-a1B2c3D4.js';
    expect(kindOf({ url, method: 'GET', mode: 'cors' }, SCOPE)).toBe('other');
  });
});

describe('a page', () => {
  it('comes from the network, and is kept as it came last', async () => {
    const { kept, store } = bench();
    await kept.page(`${PAGE}?debug`, Promise.resolve(html('first')));
    await settled();
    const second = await kept.page(PAGE, Promise.resolve(html('second')));
    await settled();
    expect(await second.text()).toContain('second');
    expect(await (await kept.page(PAGE, away())).text()).toContain('second');
    expect(store.urls()).toEqual([PAGE]);
  });

  it.each([
    ['the network is away', away],
    ['a proxy answers for the server', () => Promise.resolve(html('Bad gateway', 502))],
  ])('is the kept one where %s', async (_, answer) => {
    const { kept } = bench();
    await kept.page(PAGE, Promise.resolve(html('kept')));
    await settled();
    expect(await (await kept.page(PAGE, answer())).text()).toContain('kept');
  });

  it('is the kept one where the network takes too long, and what comes late is kept for the next visit', async () => {
    const own = bench();
    await own.kept.page(PAGE, Promise.resolve(html('kept')));
    await settled();
    own.isPatienceOver = true;
    const late = Promise.withResolvers<Response>();
    const shown = await own.kept.page(PAGE, late.promise);
    expect(await shown.text()).toContain('kept');
    late.resolve(html('late'));
    await settled();
    expect(await (await own.kept.page(PAGE, away())).text()).toContain('late');
  });

  it('that was never kept fails as it would without us', async () => {
    const { kept } = bench();
    await expect(kept.page(PAGE, away())).rejects.toThrow('no network');
    expect((await kept.page(PAGE, Promise.resolve(html('', 502)))).status).toBe(502);
  });

  it.each([
    ['another page at such an address', new Response('<p>', { headers: { 'content-type': 'text/html' } })],
    ['sound', new Response('id="essaim-station"', { headers: { 'content-type': 'audio/mpeg' } })],
    ['a refusal', html('', 404)],
  ])('is not kept if it is %s', async (_, response) => {
    const { kept, store } = bench();
    await kept.page(PAGE, Promise.resolve(response));
    await settled();
    expect(store.urls()).toEqual([]);
  });
});

const file = (number: number): string => `${SCOPE}assets/f-${String(number).padStart(8, '0')}.js`;

describe('a file of the build', () => {
  it('is asked for once', async () => {
    const own = bench();
    own.answer = async (url) => new Response(url);
    for (const _ of [1, 2]) expect(await (await own.kept.file(new Request(ASSET))).text()).toBe(ASSET);
    expect(own.asked).toEqual([ASSET]);
  });

  it('that is not there is not kept', async () => {
    const own = bench();
    own.answer = async () => new Response('', { status: 404 });
    await own.kept.file(new Request(ASSET));
    expect(own.store.urls()).toEqual([]);
  });

  it('and its page are kept when a page asks that was there before', async () => {
    const own = bench();
    own.answer = async (url) => (url === PAGE ? html('kept') : new Response(url));
    await own.kept.keep({ type: 'keep', page: PAGE, refresh: false, files: [ASSET] });
    await settled();
    await own.kept.keep({ type: 'keep', page: PAGE, refresh: false, files: [ASSET] });
    expect(own.asked).toEqual([PAGE, ASSET]);
    await own.kept.keep({ type: 'keep', page: PAGE, refresh: true, files: [ASSET] });
    expect(own.asked).toEqual([PAGE, ASSET, PAGE]);
  });

  it('of old builds goes when there are many, and the page stays', async () => {
    const own = bench();
    own.answer = async (url) => new Response(url);
    for (let number = 0; number < KEPT_MAX; number++) await own.kept.file(new Request(file(number)));
    await own.kept.page(PAGE, Promise.resolve(html('kept')));
    await settled();
    expect(own.store.urls()).toHaveLength(KEPT_MAX);
    expect(own.store.urls()).not.toContain(file(0));
    expect(own.store.urls().at(-1)).toBe(PAGE);
  });
});
