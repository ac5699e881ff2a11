/** Long enough that a burst of answers to pulls, which the cap allows for two seconds, is not taken for excess. */
const WINDOW_MS = 10_000;

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

  /** Mean over the time given, kbit/s. */
  meanKbps(overMs: number): number {
    return overMs <= 0 ? 0 : (this.#total * 8) / overMs;
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
