import type { Clock } from '../clock.ts';
import { anyDemuxer } from '../demux/any-demuxer.ts';
import { copyBytes, joinBytes } from '../demux/demuxer.ts';
import type { Demuxer, DemuxEvent } from '../demux/demuxer.ts';
import type { Feed, FeedListener } from '../feed.ts';
import { IcySplitter } from '../icy.ts';
import { redactUrl } from '../source-error.ts';
import { quoteBeginning } from '../text.ts';
import { openSource, refusal } from './open-source.ts';
import type { OpenSource } from './open-source.ts';

/** A source that gives no whole frame for this long, whatever else it sends, is lost. */
export const SILENCE_MS_MAX = 10_000;
/** So many bytes in a row without a frame are not sound; a tag with artwork is smaller. */
export const GARBAGE_BYTES_MAX = 2_097_152;

/** Pulls a stream over HTTP. All failures end in `listener.onEnd`. */
export function startHttpFeed(address: string, listener: FeedListener, clock: Clock): Feed {
  const feed = new HttpFeed(address, listener, clock);
  void feed.run();
  return feed;
}

class HttpFeed implements Feed {
  readonly #address: string;
  readonly #listener: FeedListener;
  readonly #clock: Clock;
  readonly #demuxer: Demuxer = anyDemuxer();
  readonly #abort = new AbortController();
  #phase: 'opening' | 'reading' | 'over' = 'opening';
  #contentType = '';
  #beginning: Uint8Array = new Uint8Array(0);
  #hasSound = false;
  #bytesSinceFrame = 0;
  #frameAt: number;
  #cancelWatch: () => void = () => undefined;

  constructor(address: string, listener: FeedListener, clock: Clock) {
    this.#address = address;
    this.#listener = listener;
    this.#clock = clock;
    this.#frameAt = clock.now();
  }

  async run(): Promise<void> {
    try {
      this.#read(await openSource(this.#address, this.#abort.signal));
    } catch (error) {
      this.#finish(error instanceof Error ? error.message : String(error));
    }
  }

  stop(): void {
    this.#phase = 'over';
    this.#cancelWatch();
    this.#abort.abort();
  }

  #read({ body, contentType, icyIntervalBytes }: OpenSource): void {
    body.on('error', (error) => this.#close(`the connection broke: ${error.message}`));
    if (this.#phase === 'over') {
      body.destroy();
      return;
    }
    this.#phase = 'reading';
    this.#contentType = contentType === '' ? 'something without a content type' : contentType;
    this.#frameAt = this.#clock.now();
    this.#watch();
    const splitter = icyIntervalBytes === null ? null : new IcySplitter(icyIntervalBytes);
    body.on('end', () => this.#close('the source ended the stream'));
    body.on('close', () => this.#close('the connection was closed'));
    body.on('data', (bytes: Buffer) => {
      if (this.#phase !== 'reading') return;
      this.#listener.onReceived(bytes.length);
      for (const part of splitter?.push(bytes) ?? [{ type: 'sound' as const, bytes }]) {
        if (this.#phase !== 'reading') return;
        if (part.type === 'title') this.#listener.onSound(part);
        else this.#demux(part.bytes);
      }
    });
  }

  #demux(bytes: Uint8Array): void {
    if (this.#beginning.length < BEGINNING_BYTES)
      this.#beginning = copyBytes(joinBytes(this.#beginning, bytes).subarray(0, BEGINNING_BYTES));
    this.#bytesSinceFrame += bytes.length;
    this.#pass(this.#demuxer.push(bytes));
    if (this.#bytesSinceFrame > GARBAGE_BYTES_MAX)
      this.#finish(this.#refusal(`${GARBAGE_BYTES_MAX} bytes came without one frame of sound`));
  }

  #pass(events: readonly DemuxEvent[]): void {
    for (const event of events) {
      if (this.#phase === 'over') return;
      if (event.type === 'discarded') {
        this.#listener.onDiscarded(event.byteCount);
        continue;
      }
      if (event.type === 'frame') {
        this.#hasSound = true;
        this.#bytesSinceFrame = 0;
        this.#frameAt = this.#clock.now();
      }
      this.#listener.onSound(event);
    }
  }

  /** One timer, re-armed only when it fires: frames come 40 times a second. */
  #watch(): void {
    const left = this.#frameAt + SILENCE_MS_MAX - this.#clock.now();
    if (left <= 0) {
      const what = this.#bytesSinceFrame > 0 ? 'no whole frame of sound' : 'nothing';
      this.#finish(this.#refusal(`${what} came for ${SILENCE_MS_MAX / 1000} s`));
    } else this.#cancelWatch = this.#clock.after(left, () => this.#watch());
  }

  #close(reason: string): void {
    if (this.#phase !== 'reading') return;
    this.#pass(this.#demuxer.end());
    this.#finish(this.#refusal(reason));
  }

  #finish(message: string): void {
    if (this.#phase === 'over') return;
    this.stop();
    this.#listener.onEnd(new Error(message));
  }

  /** A source that never gave sound is described by what it sent instead. */
  #refusal(reason: string): string {
    if (this.#hasSound) return `Lost ${redactUrl(this.#address)}: ${reason}`;
    if (this.#beginning.length === 0) return refusal(this.#address, reason).message;
    const what = `the source sent ${this.#contentType}, beginning ${quoteBeginning(this.#beginning)}; ${reason}`;
    return refusal(this.#address, what).message;
  }
}

const BEGINNING_BYTES = 256;
