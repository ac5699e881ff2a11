import { boundedBytes } from '../bounded-bytes.ts';
import { errorText } from '../error.ts';
import type { Log } from '../log.ts';

export interface Picture {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
}

const TIMEOUT_MS = 8_000;
const LENGTH_MAX = 2_097_152;
/** Of the present titles and a few before them. */
const KEPT_MAX = 16;
/** Pictures that cannot hold a script. */
const TYPES = /^image\/(?:png|jpeg|webp|gif|avif)$/;

/**
 * Artwork that the station's software names, fetched once for everybody: a listener asks nobody but the station, so
 * nobody else learns who listens. What may be fetched is for the caller to say.
 */
export class Artwork {
  readonly #fetch: typeof globalThis.fetch;
  readonly #log: Log;
  /** By address, the oldest first. */
  readonly #pictures = new Map<string, Promise<Picture | null>>();

  constructor(log: Log, fetcher: typeof globalThis.fetch = globalThis.fetch) {
    this.#log = log;
    this.#fetch = fetcher;
  }

  /** Null: it cannot be had, or is no picture. */
  get(url: string): Promise<Picture | null> {
    const known = this.#pictures.get(url);
    if (known !== undefined) return known;
    const coming = this.#load(url);
    this.#pictures.set(url, coming);
    for (const old of [...this.#pictures.keys()].slice(0, -KEPT_MAX)) this.#pictures.delete(old);
    return coming;
  }

  async #load(url: string): Promise<Picture | null> {
    try {
      const response = await this.#fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      const contentType = response.headers.get('content-type')?.split(';')[0]?.trim() ?? '';
      if (!response.ok || !TYPES.test(contentType)) {
        await response.body?.cancel();
        throw new Error(`status ${response.status}, ${contentType}`);
      }
      return { body: await boundedBytes(response, LENGTH_MAX), contentType };
    } catch (error) {
      this.#log.debug({ url, error: errorText(error) }, 'no artwork from there');
      // It may be there for the next who asks.
      this.#pictures.delete(url);
      return null;
    }
  }
}
