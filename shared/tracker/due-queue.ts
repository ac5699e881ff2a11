import type { Millis } from '../units.ts';

interface Entry<Item> {
  readonly at: Millis;
  readonly item: Item;
}

/** Items that all wait equally long, so that the first in is the first due. */
export class DueQueue<Item> {
  #entries: Entry<Item>[] = [];
  #head = 0;

  get size(): number {
    return this.#entries.length - this.#head;
  }

  /** When the first is due; null when nothing waits. */
  get next(): Millis | null {
    return this.#entries[this.#head]?.at ?? null;
  }

  /** `at` must not be before the last item's. */
  push(at: Millis, item: Item): void {
    this.#entries.push({ at, item });
  }

  /** Takes out and returns all that are due. */
  takeDue(now: Millis): readonly Item[] {
    const due: Item[] = [];
    for (let entry = this.#entries[this.#head]; entry !== undefined && entry.at <= now;) {
      due.push(entry.item);
      this.#head += 1;
      entry = this.#entries[this.#head];
    }
    if (this.#head > this.#entries.length / 2) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return due;
  }
}
