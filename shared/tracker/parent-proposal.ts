import { millis } from '../units.ts';
import type { Millis, RandomSource, Stripe } from '../units.ts';
import { canProbablyLink, linksMaxOf, mayMeet } from './introduction.ts';
import {
  DEPTH_UNKNOWN,
  PARENT_SAMPLE,
  PROPOSALS_MAX,
  SEED_LINKS_RESERVED,
  SEED_SLOTS_RESERVED,
} from './limits.ts';
import { NO_STRIPES, hasStripe } from '../stripe-mask.ts';
import { isDedicated, passesOn } from './swarm-view.ts';
import type { MemberView, SwarmView } from './swarm-view.ts';

/**
 * Peers that `child` should ask first to be its parent for a stripe, best first: seeds of the stripe and shallow
 * inner nodes of it with room, long-standing before new. Pure: who proposes also counts the slot as probably taken.
 */
export function proposeParents<Member extends MemberView>(
  view: SwarmView<Member>,
  child: MemberView,
  stripe: Stripe,
  now: Millis,
  random: RandomSource,
): Member[] {
  if (hasStripe(child.seedMask, stripe)) return [];
  const accept = (member: Member): boolean =>
    passesOn(member) && (child.knows(member.id) || mayMeet(child, member));
  const candidates = new Set(view.seedsOf(stripe).filter(accept));
  const withRoom = (member: Member): boolean => accept(member) && member.slotsFree > 0;
  for (const member of view.sampleDedicated(PARENT_SAMPLE, random, withRoom)) candidates.add(member);
  for (const member of view.sampleInner(stripe, PARENT_SAMPLE, random, withRoom)) candidates.add(member);
  if (candidates.size < PROPOSALS_MAX)
    for (const member of view.sample(PARENT_SAMPLE, random, withRoom)) candidates.add(member);
  return [...candidates]
    .map((member) => ({ member, cost: parentCost(member, child, stripe, now) }))
    .toSorted((left, right) => left.cost - right.cost)
    .slice(0, PROPOSALS_MAX)
    .map(({ member }) => member);
}

/** Hops from an edge to a member for a stripe: told, estimated, or the worst assumed. */
export function depthOf(member: MemberView, stripe: Stripe): number {
  if (hasStripe(member.seedMask, stripe)) return 0;
  const depth = member.depths[stripe] ?? -1;
  return depth < 0 ? DEPTH_UNKNOWN : depth;
}

/** Smaller is better; the unit is one hop. */
function parentCost(member: MemberView, child: MemberView, stripe: Stripe, now: Millis): number {
  const inner = child.primaryStripe === stripe;
  const age = Math.min(1, (now - member.joinedAt) / AGE_STEADY);
  const isHome = member.primaryStripe === stripe || hasStripe(member.seedMask, stripe) || isDedicated(member);
  const foreign = isHome ? 0 : FOREIGN_COST;
  const steady = isDedicated(member) ? DEDICATED_BONUS : age * AGE_BONUS;
  const unlikely = child.knows(member.id) || canProbablyLink(child, member) ? 0 : UNLIKELY_COST;
  return unlikely + depthOf(member, stripe) + crowding(member, child, inner) + foreign - steady;
}

/** A full parent would refuse. What room a seed has left at the end is for those that feed others. */
function crowding(member: MemberView, child: MemberView, forInner: boolean): number {
  const reserves = member.seedMask !== NO_STRIPES && !forInner && !isDedicated(member);
  const slots = member.slotsFree - (reserves ? SEED_SLOTS_RESERVED : 0);
  const links = child.knows(member.id)
    ? 1
    : linksMaxOf(member) - member.links - (reserves ? SEED_LINKS_RESERVED : 0);
  return slots > 0 && links > 0 ? 0 : FULL_COST;
}

const FULL_COST = 20;
/** A link with it would probably not open. */
const UNLIKELY_COST = 10;
/** Another stripe's inner node has slots to spare only when its own stripe does not need them. */
const FOREIGN_COST = 2;
const AGE_STEADY: Millis = millis(300_000);
const AGE_BONUS = 0.9;
/** It is there to stay from its first minute on. */
const DEDICATED_BONUS = 1.5;
