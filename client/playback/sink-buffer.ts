import { isQuotaExceeded } from './dom-errors.ts';
import { settled } from './media-source.ts';
import type { SinkFormat } from './formats.ts';

/** Sound behind the playhead that is kept, in seconds, and how much more may gather before it is removed. */
export const KEEP_BEHIND_S = 10;
export const REMOVE_SLACK_S = 10;

/**
 * One SourceBuffer as a tape: bytes are appended at its end, one operation at a time, and its beginning is cut off
 * behind the playhead. The timeline has no holes, whatever the format.
 */
export class SinkBuffer {
  readonly #audio: HTMLAudioElement;
  readonly #source: MediaSource;
  readonly #buffer: SourceBuffer;
  #format: SinkFormat;

  /** @param source open, without buffers, attached to `audio`. */
  constructor(audio: HTMLAudioElement, source: MediaSource, format: SinkFormat) {
    this.#audio = audio;
    this.#source = source;
    this.#buffer = source.addSourceBuffer(format.mimeType);
    source.duration = Infinity;
    this.#format = format;
    this.#applyMode();
  }

  get format(): SinkFormat {
    return this.#format;
  }

  /** Where the sound ends, in element seconds; 0 when there is none. */
  get end(): number {
    if (!this.isOpen) return 0;
    const { buffered } = this.#buffer;
    return buffered.length === 0 ? 0 : buffered.end(buffered.length - 1);
  }

  get isOpen(): boolean {
    return this.#source.readyState === 'open';
  }

  /** Sound of another format follows; what was appended plays on. */
  changeFormat(format: SinkFormat): void {
    if (format.mimeType !== this.#format.mimeType) this.#buffer.changeType(format.mimeType);
    this.#format = format;
    this.#applyMode();
  }

  /** @throws Error if the browser cannot read the bytes. */
  async append(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    for (;;) {
      try {
        this.#buffer.appendBuffer(bytes);
        await settled(this.#buffer);
        return;
      } catch (error) {
        if (!isQuotaExceeded(error)) throw error;
        await this.#makeRoom();
      }
    }
  }

  /** Cuts off what was heard long ago. */
  async trim(): Promise<void> {
    const { buffered } = this.#buffer;
    const heard = this.#audio.currentTime - KEEP_BEHIND_S;
    if (buffered.length === 0 || heard - buffered.start(0) < REMOVE_SLACK_S) return;
    await this.#remove(heard);
  }

  async #makeRoom(): Promise<void> {
    const { buffered } = this.#buffer;
    const heard = this.#audio.currentTime - 1;
    if (buffered.length > 0 && heard > buffered.start(0)) return this.#remove(heard);
    // All of it is still to be heard: room comes only with time.
    await new Promise((resolve) => this.#audio.addEventListener('timeupdate', resolve, { once: true }));
  }

  async #remove(before: number): Promise<void> {
    this.#buffer.remove(0, before);
    await settled(this.#buffer);
  }

  /**
   * Raw frames carry no time: the browser lays them end to end itself (`sequence`), from where the tape ends. MPEG
   * frames lean on bytes of the frames before them, so being laid end to end is also what their decoder wants.
   * Containers carry our own time, which continues the tape.
   */
  #applyMode(): void {
    if (this.#format.packing === 'raw') {
      this.#buffer.mode = 'sequence';
      return;
    }
    this.#buffer.mode = 'segments';
    this.#buffer.timestampOffset = 0;
  }
}
