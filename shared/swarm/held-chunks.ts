import type { Epoch, Sequence } from '../units.ts';

/** Chunks that are remembered of one peer, counted back from the newest: as many as a summary can name. */
export const HELD_SPAN = 128;
const WORDS = HELD_SPAN / 32;

/** Which of one epoch's newest chunks a peer says it holds: a ring of bits, as thousands of these exist. */
export class HeldChunks {
  epoch: Epoch | null = null;
  /** -1 before the first. */
  newest = -1;
  readonly #bits: number[] = Array.from({ length: WORDS }, () => 0);

  has(epoch: Epoch, number: number): boolean {
    if (epoch !== this.epoch || number > this.newest || number <= this.newest - HELD_SPAN) return false;
    return ((this.#bits[(number >>> 5) % WORDS] ?? 0) & (1 << (number & 31))) !== 0;
  }

  /** Of an epoch before the one that is remembered: forgotten at once. */
  add(epoch: Epoch, number: Sequence): void {
    if (epoch !== this.epoch) {
      if (this.epoch !== null && this.epoch > epoch) return;
      this.#begin(epoch);
    }
    if (number > this.newest) this.#advanceTo(number);
    if (number > this.newest - HELD_SPAN) this.#set(number, true);
  }

  remove(epoch: Epoch, number: number): void {
    if (this.has(epoch, number)) this.#set(number, false);
  }

  /** Takes over a summary: bit i, most significant first, stands for `base` + i; what it does not name is not held. */
  replace(epoch: Epoch, base: number, bitmap: Uint8Array): void {
    this.#begin(epoch);
    for (let index = bitmap.length - 1; index >= 0; index -= 1) {
      const byte = bitmap[index] ?? 0;
      if (byte === 0) continue;
      for (let bit = 7; bit >= 0; bit -= 1) {
        if ((byte & (0x80 >> bit)) === 0) continue;
        const number = base + index * 8 + bit;
        if (this.newest < 0) this.newest = number;
        if (number > this.newest - HELD_SPAN) this.#set(number, true);
      }
    }
  }

  #begin(epoch: Epoch): void {
    if (epoch !== this.epoch) this.epoch = epoch;
    this.newest = -1;
    this.#bits.fill(0);
  }

  #advanceTo(number: number): void {
    if (this.newest < 0 || number - this.newest >= HELD_SPAN) this.#bits.fill(0);
    else for (let passed = this.newest + 1; passed <= number; passed += 1) this.#set(passed, false);
    this.newest = number;
  }

  #set(number: number, held: boolean): void {
    const word = (number >>> 5) % WORDS;
    const mask = 1 << (number & 31);
    const bits = this.#bits[word] ?? 0;
    this.#bits[word] = held ? bits | mask : bits & ~mask;
  }
}
