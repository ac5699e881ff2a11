/**
 * What is kept of a station's page for when its server is away: the page itself, with the station as it was last
 * described (its key, its relays and their trackers), and the files that it is made of. Never sound, the API, or
 * anything else.
 */

/** What the page asks of its service worker: to keep the files that had been loaded before it was there. */
export interface KeepRequest {
  readonly type: 'keep';
  /** The page's own address. */
  readonly page: string;
  /** Whether a page that is kept already is fetched anew. */
  readonly refresh: boolean;
  readonly files: readonly string[];
}

export type Kind = 'page' | 'file' | 'other';

/** Server's folders of files whose names hold a hash of what is in them: what is kept is never out of date. */
const FILE_PATTERN = /^(?:assets\/.+-[\w-]{8}\.\w+|stations\/[^/]+\/(?:look|logo|icon)-[0-9a-f]{16}\.\w+)$/;
/** A station's page is at the server's root, or at the station's id below it. */
const PAGE_PATTERN = /^(?:[a-z0-9][a-z0-9-]{0,62})?$/;
/** By which a page of ours is told from anything else that may be at such an address. */
const PAGE_MARK = 'id="essaim-station"';

/** @param scope the server's address, with a slash at the end. */
export function kindOf({ url, method, mode }: Pick<Request, 'url' | 'method' | 'mode'>, scope: string): Kind {
  if (method !== 'GET' || !url.startsWith(scope)) return 'other';
  const path = pathOf(url).slice(scope.length);
  if (FILE_PATTERN.test(path)) return 'file';
  return mode === 'navigate' && PAGE_PATTERN.test(path) ? 'page' : 'other';
}

/** The network gets so long before a kept page is shown instead: longer, and people leave. */
export const NETWORK_WAIT_MS = 4000;
/** Several builds of one page, or several stations' pages. The oldest goes first. */
export const KEPT_MAX = 150;

/** As much of the Cache API as is used. */
export type Store = Pick<Cache, 'match' | 'put' | 'keys' | 'delete'>;

export class KeptPages {
  readonly #store: Store;
  readonly #fetch: typeof fetch;
  readonly #wait: (ms: number) => Promise<void>;

  constructor(store: Store, fetcher: typeof fetch, wait: (ms: number) => Promise<void>) {
    this.#store = store;
    this.#fetch = fetcher;
    this.#wait = wait;
  }

  /**
   * The page from the network, unless that fails or takes too long and there is one that is kept: a new build, a new
   * address or a new key is never held back by an old page.
   * @param coming a request for it that is under way.
   */
  async page(url: string, coming: Promise<Response>): Promise<Response> {
    const fresh = this.#keepPage(url, coming);
    const inTime = await Promise.race([
      fresh.then((response) => (response.status < 500 ? response : null)).catch(() => null),
      this.#wait(NETWORK_WAIT_MS).then(() => null),
    ]);
    if (inTime !== null) return inTime;
    return (await this.#store.match(pathOf(url))) ?? fresh;
  }

  async file(request: Request): Promise<Response> {
    const kept = await this.#store.match(request.url);
    if (kept !== undefined) return kept;
    const response = await this.#fetch(request);
    if (response.status === 200) await this.#put(request.url, response.clone());
    return response;
  }

  async keep({ page, refresh, files }: KeepRequest): Promise<void> {
    if (refresh || (await this.#store.match(pathOf(page))) === undefined)
      await this.#keepPage(page, this.#fetch(page)).catch(() => undefined);
    // From the browser's own store: they have just been loaded.
    for (const url of files)
      if ((await this.#store.match(url)) === undefined)
        await this.#fetch(url)
          .then((response) => (response.status === 200 ? this.#put(url, response) : undefined))
          .catch(() => undefined);
  }

  async #keepPage(url: string, coming: Promise<Response>): Promise<Response> {
    const response = await coming;
    // One that was reached by being sent on would be refused as the answer to a visit.
    if (response.status !== 200 || response.redirected || !isHtml(response)) return response;
    const copy = response.clone();
    void copy
      .clone()
      .text()
      .then((text) => (text.includes(PAGE_MARK) ? this.#put(pathOf(url), copy) : undefined))
      .catch(() => undefined);
    return response;
  }

  async #put(url: string, response: Response): Promise<void> {
    // What is put again counts as new.
    await this.#store.delete(url);
    await this.#store.put(url, response);
    const keys = await this.#store.keys();
    for (const key of keys.slice(0, Math.max(0, keys.length - KEPT_MAX))) await this.#store.delete(key);
  }
}

const isHtml = ({ headers }: Response): boolean =>
  headers.get('content-type')?.startsWith('text/html') ?? false;

/** Without what comes after the path: `?debug` is the same page. */
const pathOf = (url: string): string => url.replace(/[?#].*$/, '');
