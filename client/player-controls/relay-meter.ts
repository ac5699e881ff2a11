/** Where the count is kept: the browser's store, or a test's. */
export interface TextStore {
  read(key: string): string | null;
  write(key: string, text: string): void;
}

const KEY = 'essaim.relayed';

/**
 * What this device has passed on in the current month, kept over visits. Several tabs add to one count, each what it
 * has sent since it last did.
 */
export class RelayMeter {
  readonly #store: TextStore;
  readonly #today: () => Date;
  #countedBytes = 0;

  constructor(store: TextStore, today: () => Date = () => new Date()) {
    this.#store = store;
    this.#today = today;
  }

  /** Bytes of this month, by all tabs. */
  get monthBytes(): number {
    const [month, bytes] = (this.#store.read(KEY) ?? '').split(' ');
    const count = Number(bytes);
    return month === monthOf(this.#today()) && Number.isFinite(count) && count > 0 ? count : 0;
  }

  /** @param totalBytes sent since this run of the sound began; a smaller total than before is a new run. */
  count(totalBytes: number): void {
    const added = totalBytes < this.#countedBytes ? totalBytes : totalBytes - this.#countedBytes;
    this.#countedBytes = totalBytes;
    if (added > 0) this.#store.write(KEY, `${monthOf(this.#today())} ${Math.round(this.monthBytes + added)}`);
  }
}

const monthOf = (date: Date): string =>
  `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}`;
