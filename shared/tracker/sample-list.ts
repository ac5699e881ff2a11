import type { RandomSource } from '../units.ts';

/** Where an item stands in the list, kept by its owner: -1 when it is not in it. */
export interface Position<Item> {
  get(item: Item): number;
  set(item: Item, index: number): void;
}

/** Draws made per item wanted before a large list is given up on. */
const DRAWS_PER_ITEM = 4;

/**
 * A set from which random members are drawn without looking at all of them. Adding and removing take constant time:
 * the last item takes the removed one's place.
 */
export class SampleList<Item> {
  readonly #items: Item[] = [];
  readonly #position: Position<Item>;

  constructor(position: Position<Item>) {
    this.#position = position;
  }

  get size(): number {
    return this.#items.length;
  }

  get all(): readonly Item[] {
    return this.#items;
  }

  add(item: Item): void {
    if (this.#position.get(item) >= 0) return;
    this.#position.set(item, this.#items.length);
    this.#items.push(item);
  }

  remove(item: Item): void {
    const index = this.#position.get(item);
    if (index < 0) return;
    const last = this.#items.pop();
    this.#position.set(item, -1);
    if (last === undefined || last === item) return;
    this.#items[index] = last;
    this.#position.set(last, index);
  }

  /** Up to `count` different items that `accept` takes, in random order. */
  sample(count: number, random: RandomSource, accept: (item: Item) => boolean): Item[] {
    return this.#items.length <= count * DRAWS_PER_ITEM
      ? this.#sampleAll(count, random, accept)
      : this.#draw(count, random, accept);
  }

  #sampleAll(count: number, random: RandomSource, accept: (item: Item) => boolean): Item[] {
    const taken = this.#items.filter(accept);
    for (let index = 0; index < Math.min(count, taken.length); index += 1) {
      const other = index + Math.floor(random() * (taken.length - index));
      const [left, right] = [taken[index], taken[other]];
      if (left === undefined || right === undefined) break;
      taken[index] = right;
      taken[other] = left;
    }
    return taken.slice(0, count);
  }

  #draw(count: number, random: RandomSource, accept: (item: Item) => boolean): Item[] {
    const taken: Item[] = [];
    for (let draw = 0; draw < count * DRAWS_PER_ITEM && taken.length < count; draw += 1) {
      const item = this.#items[Math.floor(random() * this.#items.length)];
      if (item !== undefined && !taken.includes(item) && accept(item)) taken.push(item);
    }
    return taken;
  }
}
