import type { Micros } from '../../shared/units.ts';

/** Sound that the measure looks back on. */
const SPAN_US = 10_000_000;
/** Less sound than this tells nothing yet. */
const ENOUGH_US = 1_000_000;

/** The bit rate of what was packaged lately, in media time: how fast the source sends does not matter. */
export class BitrateMeter {
  readonly #samples: { readonly bytes: number; readonly duration: Micros }[] = [];
  #bytes = 0;
  #durationUs = 0;

  add(bytes: number, duration: Micros): void {
    this.#samples.push({ bytes, duration });
    this.#bytes += bytes;
    this.#durationUs += duration;
    for (;;) {
      const [oldest] = this.#samples;
      if (oldest === undefined || this.#durationUs - oldest.duration < SPAN_US) return;
      this.#samples.shift();
      this.#bytes -= oldest.bytes;
      this.#durationUs -= oldest.duration;
    }
  }

  /** Whole kbit/s, at least 1; null until there is a second of sound to measure. */
  kbps(): number | null {
    if (this.#durationUs < ENOUGH_US) return null;
    return Math.max(1, Math.round((this.#bytes * 8000) / this.#durationUs));
  }

  /** Forgets: another codec comes. */
  reset(): void {
    this.#samples.length = 0;
    this.#bytes = 0;
    this.#durationUs = 0;
  }
}
