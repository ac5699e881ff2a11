import type { Clock } from './clock.ts';
import { anyDemuxer } from './demux/any-demuxer.ts';
import { copyBytes, joinBytes } from './demux/demuxer.ts';
import type { Demuxer, DemuxEvent } from './demux/demuxer.ts';
import type { FeedListener } from './feed.ts';
import { quoteBeginning } from './text.ts';

/** A source that gives no whole frame for this long, whatever else it sends, is lost. */
export const SILENCE_MS_MAX = 10_000;
/** So many bytes in a row without a frame are not sound; a tag with artwork is smaller. */
export const GARBAGE_BYTES_MAX = 2_097_152;

/**
 * From a source's bytes to its frames, for whoever reads them from somewhere: finds out the codec, and tells when the
 * source gives no sound.
 */
export class SoundIntake {
  readonly #listener: Pick<FeedListener, 'onSound' | 'onDiscarded'>;
  readonly #clock: Clock;
  readonly #onFault: (reason: string) => void;
  readonly #demuxer: Demuxer = anyDemuxer();
  #isOver = false;
  #beginning: Uint8Array = new Uint8Array(0);
  #hasSound = false;
  #bytesSinceFrame = 0;
  #frameAt: number;
  #cancelWatch: () => void = () => undefined;

  /** @param onFault at most once: the source is not, or no longer, one of sound; nothing comes after it. */
  constructor(
    listener: Pick<FeedListener, 'onSound' | 'onDiscarded'>,
    clock: Clock,
    onFault: (reason: string) => void,
  ) {
    this.#listener = listener;
    this.#clock = clock;
    this.#onFault = onFault;
    this.#frameAt = clock.now();
    this.#watch();
  }

  get hasSound(): boolean {
    return this.#hasSound;
  }

  /** For messages: how what was sent begins, quoted; null: nothing was sent. */
  get beginning(): string | null {
    return this.#beginning.length === 0 ? null : quoteBeginning(this.#beginning);
  }

  push(bytes: Uint8Array): void {
    if (this.#isOver) return;
    if (this.#beginning.length < BEGINNING_BYTES)
      this.#beginning = copyBytes(joinBytes(this.#beginning, bytes).subarray(0, BEGINNING_BYTES));
    this.#bytesSinceFrame += bytes.length;
    this.#pass(this.#demuxer.push(bytes));
    if (this.#bytesSinceFrame > GARBAGE_BYTES_MAX)
      this.#fail(`${GARBAGE_BYTES_MAX} bytes came without one frame of sound`);
  }

  /** The source ended: what is whole comes out. */
  end(): void {
    if (!this.#isOver) this.#pass(this.#demuxer.end());
    this.stop();
  }

  /** Nothing comes after this. */
  stop(): void {
    this.#isOver = true;
    this.#cancelWatch();
  }

  #pass(events: readonly DemuxEvent[]): void {
    for (const event of events) {
      if (this.#isOver) return;
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
      this.#fail(`${what} came for ${SILENCE_MS_MAX / 1000} s`);
    } else this.#cancelWatch = this.#clock.after(left, () => this.#watch());
  }

  #fail(reason: string): void {
    if (this.#isOver) return;
    this.stop();
    this.#onFault(reason);
  }
}

const BEGINNING_BYTES = 256;
