/** Long enough that a burst of answers to pulls, which the cap allows for two seconds, is not taken for excess. */
const WINDOW_MS = 10_000;

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
  #windowFrom = 0;
  #windowBytes = 0;
  #busiestKbps = 0;

  constructor(capKbps: number) {
    this.capKbps = capKbps;
  }

  sent(now: number, bytes: number): void {
    if (now - this.#windowFrom >= WINDOW_MS) {
      this.#closeWindow();
      this.#windowFrom = now;
    }
    this.#total += bytes;
    this.#windowBytes += bytes;
  }

  get totalBytes(): number {
    return this.#total;
  }

  /** The most in any ten seconds, kbit/s. */
  get busiestKbps(): number {
    this.#closeWindow();
    return this.#busiestKbps;
  }

  #closeWindow(): void {
    this.#busiestKbps = Math.max(this.#busiestKbps, (this.#windowBytes * 8) / WINDOW_MS);
    this.#windowBytes = 0;
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
