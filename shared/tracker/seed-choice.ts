import { STRIPES, millis } from '../units.ts';
import type { Millis, RandomSource, Stripe } from '../units.ts';
import { linksMaxOf } from './introduction.ts';
import { SEED_ON_TIME_MIN, SEED_SAMPLE, SEED_SLOTS_MIN } from './limits.ts';
import { bitOf, countStripes, hasStripe } from '../stripe-mask.ts';
import type { StripeMask } from '../stripe-mask.ts';
import { isDedicated, passesOn } from './swarm-view.ts';
import type { MemberView, SwarmView } from './swarm-view.ts';

/**
 * Seeds per stripe: doubles when the swarm grows tenfold, so that the edge's share of the traffic falls. 1 up to 38
 * listeners, 2 at 100, 4 at 1,000, 8 at 10,000.
 */
export function seedTarget(listeners: number): number {
  return listeners < 1 ? 0 : Math.max(1, Math.round(2 ** (Math.log10(listeners) - 1)));
}

/** The stripes a member is a seed of and will remain so. */
export const keptStripes = (member: MemberView): StripeMask => member.seedMask & ~member.releaseMask;

/** May it be (or remain) a seed: it passes chunks on, has room, hears well and has not just failed as one. */
export function fitAsSeed(member: MemberView, now: Millis): boolean {
  return (
    passesOn(member) &&
    member.slots >= SEED_SLOTS_MIN &&
    member.playedOnTime >= SEED_ON_TIME_MIN &&
    member.noSeedBefore <= now
  );
}

/** The best of a few members to be one more seed of a stripe, or undefined if none is fit. */
export function chooseSeed<Member extends MemberView>(
  view: SwarmView<Member>,
  stripe: Stripe,
  now: Millis,
  random: RandomSource,
): Member | undefined {
  const fit = (member: Member): boolean =>
    fitAsSeed(member, now) && !hasStripe(member.seedMask, stripe) && hasStripesToSpare(member);
  const preferred = view.sampleInner(stripe, SEED_SAMPLE, random, fit);
  const others = STRIPES.filter((other) => other !== stripe).flatMap((other) =>
    view.sampleInner(other, Math.ceil(SEED_SAMPLE / STRIPES.length), random, fit),
  );
  const relays = view.sampleDedicated(SEED_SAMPLE, random, fit);
  return best([...preferred, ...others, ...relays], (member) => seedScore(member, stripe, now));
}

/** Of a seed's stripes, which to hand to a member that has fewer: what it prefers, and the other does not. */
export function stripeToHandOver(from: MemberView, to: MemberView): Stripe | undefined {
  const movable = STRIPES.filter(
    (stripe) => hasStripe(keptStripes(from), stripe) && !hasStripe(to.seedMask, stripe),
  );
  return best(
    movable,
    (stripe) => Number(stripe === to.primaryStripe) * 2 - Number(stripe === from.primaryStripe),
  );
}

/**
 * Greater is better. A community relay comes before all listeners; then one stripe per seed comes before all else: one
 * peer's leaving shall cost one stripe.
 */
export function seedScore(member: MemberView, stripe: Stripe, now: Millis): number {
  const others = countStripes(keptStripes(member) & ~bitOf(stripe));
  const age = Math.min(1, (now - member.joinedAt) / AGE_TRUSTED);
  const room = Math.min(1, member.slots / SLOTS_AMPLE);
  const links = Math.max(0, Math.min(1, (linksMaxOf(member) - member.links) / LINKS_AMPLE));
  const prefers = Number(member.primaryStripe === stripe);
  return (
    DEDICATED_SCORE * Number(isDedicated(member)) -
    4 * others +
    2 * prefers +
    age +
    room +
    2 * links +
    member.playedOnTime
  );
}

/** More than all the rest of a score. */
const DEDICATED_SCORE = 32;
/** A listener that has stayed this long will probably stay longer; more age tells nothing more. */
const AGE_TRUSTED: Millis = millis(600_000);
const SLOTS_AMPLE = 16;
/** A seed feeds those that it can open links with: one whose links are all taken is of no use. */
const LINKS_AMPLE = 10;

/** Each stripe that a seed receives must find room at its children's side. */
const hasStripesToSpare = (member: MemberView): boolean =>
  member.slots >= SEED_SLOTS_MIN * (countStripes(keptStripes(member)) + 1) || keptStripes(member) === 0;

export function best<Item>(items: readonly Item[], score: (item: Item) => number): Item | undefined {
  let found: Item | undefined;
  let foundScore = Number.NEGATIVE_INFINITY;
  for (const item of items) {
    const itemScore = score(item);
    if (itemScore <= foundScore) continue;
    found = item;
    foundScore = itemScore;
  }
  return found;
}
