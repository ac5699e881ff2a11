/** Counts of non-negative numbers in bins of one width: percentiles exact to a bin, in constant memory. */
export class Histogram {
  readonly #width: number;
  readonly #counts: Uint32Array;
  #total = 0;
  #max = 0;

  /** Values of `max` and more are counted in the last bin. */
  constructor(width: number, max: number) {
    this.#width = width;
    this.#counts = new Uint32Array(Math.ceil(max / width) + 1);
  }

  add(value: number): void {
    const bin = Math.min(this.#counts.length - 1, Math.max(0, Math.floor(value / this.#width)));
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
    this.#total += 1;
    if (value > this.#max) this.#max = value;
  }

  get total(): number {
    return this.#total;
  }

  get max(): number {
    return this.#max;
  }

  /** The value that this share of all lies at or below (the bin's lower bound); null if there are none. */
  percentile(share: number): number | null {
    if (this.#total === 0) return null;
    let left = Math.ceil(share * this.#total);
    for (let bin = 0; bin < this.#counts.length; bin += 1) {
      left -= this.#counts[bin] ?? 0;
      if (left <= 0) return bin * this.#width;
    }
    return this.#max;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
    this.#max = 0;
  }
}
