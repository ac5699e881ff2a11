import type { Clock } from '../clock.ts';
import type { Feed, FeedListener } from '../feed.ts';
import { IcySplitter } from '../icy.ts';
import { SoundIntake } from '../sound-intake.ts';
import { redactUrl } from '../source-error.ts';
import { openSource, refusal } from './open-source.ts';
import type { OpenSource } from './open-source.ts';

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
  readonly #abort = new AbortController();
  #phase: 'opening' | 'reading' | 'over' = 'opening';
  #contentType = '';
  #intake: SoundIntake | null = null;

  constructor(address: string, listener: FeedListener, clock: Clock) {
    this.#address = address;
    this.#listener = listener;
    this.#clock = clock;
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
    this.#intake?.stop();
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
    const intake = new SoundIntake(this.#listener, this.#clock, (reason) =>
      this.#finish(this.#refusal(reason)),
    );
    this.#intake = intake;
    const splitter = icyIntervalBytes === null ? null : new IcySplitter(icyIntervalBytes);
    body.on('end', () => this.#close('the source ended the stream'));
    body.on('close', () => this.#close('the connection was closed'));
    body.on('data', (bytes: Buffer) => {
      if (this.#phase !== 'reading') return;
      this.#listener.onReceived(bytes.length);
      for (const part of splitter?.push(bytes) ?? [{ type: 'sound' as const, bytes }]) {
        if (this.#phase !== 'reading') return;
        if (part.type === 'title') this.#listener.onSound(part);
        else intake.push(part.bytes);
      }
    });
  }

  #close(reason: string): void {
    if (this.#phase !== 'reading') return;
    this.#intake?.end();
    this.#finish(this.#refusal(reason));
  }

  #finish(message: string): void {
    if (this.#phase === 'over') return;
    this.stop();
    this.#listener.onEnd(new Error(message));
  }

  /** A source that never gave sound is described by what it sent instead. */
  #refusal(reason: string): string {
    if (this.#intake?.hasSound === true) return `Lost ${redactUrl(this.#address)}: ${reason}`;
    const beginning = this.#intake?.beginning ?? null;
    if (beginning === null) return refusal(this.#address, reason).message;
    const what = `the source sent ${this.#contentType}, beginning ${beginning}; ${reason}`;
    return refusal(this.#address, what).message;
  }
}
