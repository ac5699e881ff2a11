/** Long enough that a burst of answers to pulls, which the cap allows for two seconds, is not taken for excess. */
const WINDOW_MS = 10_000;
const SECOND_MS = 1_000;

/** One listener's upload, for as long as it was there; ms of virtual time. */
export interface WatchedUpload {
  readonly joinedAt: number;
  readonly leftAt: number;
  readonly upload: UploadWatch;
}

/** What one listener uploads to peers, against its cap. */
export class UploadWatch {
  readonly capKbps: number;
  #total = 0;
  /** Bytes of the newest ten seconds, each at its number modulo ten, and their sum. */
  readonly #bytesBySecond = new Uint32Array(WINDOW_MS / SECOND_MS);
  #second = 0;
  #sum = 0;
  #busiest = 0;

  constructor(capKbps: number) {
    this.capKbps = capKbps;
  }

  sent(now: number, bytes: number): void {
    this.#slideTo(Math.floor(now / SECOND_MS));
    const at = this.#second % this.#bytesBySecond.length;
    this.#bytesBySecond[at] = (this.#bytesBySecond[at] ?? 0) + bytes;
    this.#total += bytes;
    this.#sum += bytes;
    this.#busiest = Math.max(this.#busiest, this.#sum);
  }

  get totalBytes(): number {
    return this.#total;
  }

  /** The most in any ten seconds that begin on a full second, kbit/s. */
  get busiestKbps(): number {
    return (this.#busiest * 8) / WINDOW_MS;
  }

  /** What falls out of the window is forgotten. */
  #slideTo(second: number): void {
    const { length } = this.#bytesBySecond;
    const steps = Math.min(second - this.#second, length);
    for (let step = 1; step <= steps; step += 1) {
      const at = (second - steps + step) % length;
      this.#sum -= this.#bytesBySecond[at] ?? 0;
      this.#bytesBySecond[at] = 0;
    }
    this.#second = second;
  }
}

/**
 * Mean of the time that a listener was there since measuring began, kbit/s; null if it had left before. A stay of less
 * than ten seconds counts as ten, as above: two messages in a blink are no rate.
 */
export function meanKbps({ joinedAt, leftAt, upload }: WatchedUpload, measuringSince: number): number | null {
  const stayedMs = leftAt - Math.max(joinedAt, measuringSince);
  return stayedMs <= 0 ? null : (upload.totalBytes * 8) / Math.max(stayedMs, WINDOW_MS);
}
