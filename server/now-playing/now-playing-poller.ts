import { errorText } from '../error.ts';
import type { Clock } from '../ingest/clock.ts';
import type { Log } from '../log.ts';
import { readAzuraCast } from './now-playing.ts';
import type { NowPlaying } from './now-playing.ts';

/** How often it is asked while it answers; a title changes every few minutes. */
export const POLL_MS = 5000;
/** After failures the wait doubles, up to this. */
export const POLL_MS_MAX = 60_000;
const TIMEOUT_MS = 4000;
/** An answer is some 10 kB. */
export const ANSWER_BYTES_MAX = 1_048_576;

export interface PollerOptions {
  readonly url: string;
  readonly onNowPlaying: (nowPlaying: NowPlaying) => void;
  readonly log: Log;
  readonly clock: Clock;
}

/** Asks the station's software what plays, for as long as it runs. Its failures are logged once, and cost no sound. */
export class NowPlayingPoller {
  readonly #options: PollerOptions;
  readonly #abort = new AbortController();
  #cancel: () => void = () => undefined;
  #failures = 0;
  #etag: string | null = null;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#cancel = options.clock.after(0, () => void this.#poll());
  }

  stop(): void {
    this.#abort.abort();
    this.#cancel();
  }

  async #poll(): Promise<void> {
    const { clock, log, url } = this.#options;
    try {
      await this.#ask();
      if (this.#failures > 0) log.info({ url: shown(url) }, 'now-playing is there again');
      this.#failures = 0;
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#failures += 1;
      const level = this.#failures === 1 ? 'warn' : 'debug';
      log[level]({ url: shown(url), error: errorText(error) }, 'cannot read now-playing');
    }
    if (this.#abort.signal.aborted) return;
    const delay = Math.min(POLL_MS_MAX, POLL_MS * 2 ** Math.min(this.#failures, 10));
    this.#cancel = clock.after(this.#failures === 0 ? POLL_MS : delay, () => void this.#poll());
  }

  async #ask(): Promise<void> {
    const { url, onNowPlaying } = this.#options;
    const response = await fetch(url, {
      headers: {
        Accept: 'application/json',
        'User-Agent': 'Essaim/0.1',
        ...(this.#etag === null ? {} : { 'If-None-Match': this.#etag }),
      },
      signal: AbortSignal.any([this.#abort.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (response.status === 304) {
      await response.body?.cancel();
      return;
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`the answer was ${response.status}`);
    }
    const nowPlaying = readAzuraCast(JSON.parse(await textOf(response)), url);
    if (nowPlaying === null) throw new Error('the answer is not AzuraCast’s now-playing of one station');
    this.#etag = response.headers.get('etag');
    onNowPlaying(nowPlaying);
  }
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let byteCount = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const part = await reader?.read();
    if (part?.value === undefined) return Buffer.concat(parts).toString('utf8');
    byteCount += part.value.length;
    if (byteCount > ANSWER_BYTES_MAX) {
      await reader?.cancel();
      throw new Error(`the answer is longer than ${ANSWER_BYTES_MAX} bytes`);
    }
    parts.push(part.value);
  }
}

/** An address may hold a key. */
function shown(text: string): string {
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname}`;
}
