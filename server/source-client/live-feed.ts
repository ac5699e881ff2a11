import type { Clock } from '../ingest/clock.ts';
import type { TitleEvent } from '../ingest/events.ts';
import { IcySplitter } from '../ingest/icy.ts';
import { SoundIntake } from '../ingest/sound-intake.ts';
import type { LiveInput } from '../ingest/takeover.ts';
import { Pacer } from './pacer.ts';

export interface LiveFeedOptions {
  readonly input: LiveInput;
  readonly clock: Clock;
  /** Without a frame for so long, the pulled source plays instead, until the client sends again. */
  readonly stallMs: number;
  /** Bytes of sound between ICY titles in the body; null: there are none. */
  readonly icyIntervalBytes: number | null;
  /** At most once: what comes is not sound, or nothing comes. */
  readonly onFault: (reason: string) => void;
}

/** One source client's body on its way to the mount: bytes, frames, real time. */
export class LiveFeed {
  readonly #options: LiveFeedOptions;
  readonly #intake: SoundIntake;
  readonly #pacer: Pacer;
  readonly #splitter: IcySplitter | null;
  #soundAt: number;
  #cancelStall: (() => void) | null = null;

  constructor(options: LiveFeedOptions) {
    const { input, clock, icyIntervalBytes, onFault } = options;
    this.#options = options;
    this.#soundAt = clock.now();
    this.#splitter = icyIntervalBytes === null ? null : new IcySplitter(icyIntervalBytes);
    this.#pacer = new Pacer(clock, (event) => {
      if (event.type === 'frame') this.#noteSound();
      input.take(event);
    });
    this.#intake = new SoundIntake(
      { onSound: (event) => this.#pacer.push(event), onDiscarded: () => undefined },
      clock,
      (reason) => {
        const beginning = this.#intake.hasSound ? null : this.#intake.beginning;
        onFault(beginning === null ? reason : `${reason}; it began ${beginning}`);
      },
    );
  }

  /** It is connected, but has sent no sound for a while: whoever comes to the same mount takes its place. */
  get isStalled(): boolean {
    return this.#options.clock.now() - this.#soundAt > this.#options.stallMs;
  }

  /** Resolves when more may be pushed. */
  async push(bytes: Uint8Array): Promise<void> {
    for (const part of this.#splitter?.push(bytes) ?? [{ type: 'sound' as const, bytes }]) {
      if (part.type === 'title') this.#pacer.push(part);
      else this.#intake.push(part.bytes);
    }
    await this.#pacer.room();
  }

  /** From the sound that comes next on, this is what plays. */
  setTitle(title: TitleEvent): void {
    this.#pacer.push(title);
  }

  /** The client has left. */
  end(reason: string): void {
    this.#intake.end();
    this.#intake.stop();
    this.#pacer.stop();
    this.#cancelStall?.();
    this.#options.input.end(reason);
  }

  #noteSound(): void {
    this.#soundAt = this.#options.clock.now();
    this.#cancelStall ??= this.#options.clock.after(this.#options.stallMs, () => this.#look());
  }

  /** One timer, armed again only when it fires. */
  #look(): void {
    const { clock, stallMs, input } = this.#options;
    const left = this.#soundAt + stallMs - clock.now();
    if (left > 0) {
      this.#cancelStall = clock.after(left, () => this.#look());
      return;
    }
    this.#cancelStall = null;
    input.stall();
  }
}
