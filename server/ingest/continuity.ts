import { sameConfig } from '../../shared/codec/codec.ts';
import type { CodecConfig } from '../../shared/codec/codec.ts';
import type { SoundEvent, TitleEvent } from './events.ts';

/**
 * Makes one stream of events out of what one source after the other gives: a set-up is repeated only if it differs, a
 * title only if it changed, and a gap is reported once, and only between frames.
 */
export class Continuity {
  readonly #emit: (event: SoundEvent) => void;
  #config: CodecConfig | null = null;
  #title: TitleEvent = NO_TITLE;
  #hasFrameSinceGap = false;
  #frameCount = 0;

  constructor(emit: (event: SoundEvent) => void) {
    this.#emit = emit;
  }

  get frameCount(): number {
    return this.#frameCount;
  }

  take(event: SoundEvent): void {
    switch (event.type) {
      case 'config':
        if (this.#config !== null && sameConfig(this.#config, event.config)) return;
        this.#config = event.config;
        break;
      case 'title':
        if (sameTitle(event, this.#title)) return;
        this.#title = event;
        break;
      case 'gap':
        if (!this.#hasFrameSinceGap) return;
        this.#hasFrameSinceGap = false;
        break;
      case 'frame':
        this.#hasFrameSinceGap = true;
        this.#frameCount += 1;
        break;
    }
    this.#emit(event);
  }

  /** The source was lost or is being changed. */
  breakOff(reason: string): void {
    this.take({ type: 'gap', reason });
  }

  /** Another source's title must not stay on. */
  forgetTitle(): void {
    this.take(NO_TITLE);
  }
}

const sameTitle = (left: TitleEvent, right: TitleEvent): boolean =>
  left.title === right.title &&
  left.artist === right.artist &&
  left.album === right.album &&
  left.artworkUrl === right.artworkUrl &&
  left.show === right.show;

const NO_TITLE: TitleEvent = { type: 'title', title: '' };
