import { STRIPES, STRIPE_COUNT } from './units.ts';
import type { Stripe } from './units.ts';

/** A set of stripes as a number: bit i stands for stripe i. */
export type StripeMask = number;

export const NO_STRIPES: StripeMask = 0;
export const ALL_STRIPES: StripeMask = (1 << STRIPE_COUNT) - 1;

export const bitOf = (stripe: Stripe): StripeMask => 1 << stripe;
export const hasStripe = (mask: StripeMask, stripe: Stripe): boolean => (mask & bitOf(stripe)) !== 0;
export const stripesIn = (mask: StripeMask): readonly Stripe[] =>
  STRIPES.filter((stripe) => hasStripe(mask, stripe));

export function countStripes(mask: StripeMask): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
