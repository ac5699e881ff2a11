import type { RandomSource } from '../../../shared/units.ts';
import type { Range } from './presets.ts';

export const uniform = (random: RandomSource, [from, to]: Range): number => from + random() * (to - from);

/** Of mean `mean`; never infinite. */
export const exponential = (random: RandomSource, mean: number): number => -mean * Math.log(1 - random());

/** One of the items, each as probable as its share; shares add up to 1. */
export function weighted<Item>(
  random: RandomSource,
  items: readonly Item[],
  share: (item: Item) => number,
): Item {
  let left = random();
  for (const item of items) {
    left -= share(item);
    if (left < 0) return item;
  }
  const last = items.at(-1);
  if (last === undefined) throw new RangeError('Cannot draw as there must be items: current value is none');
  return last;
}
