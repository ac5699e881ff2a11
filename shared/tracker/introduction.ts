import type { RandomSource } from '../units.ts';
import {
  DEDICATED_LINKS_MAX,
  DEDICATED_RANDOM_LINKS_MAX,
  HARD_FAILURES_MIN,
  LINKS_MAX,
  RANDOM_LINKS_MAX,
  REACHABLE_MEETINGS_MIN,
} from './limits.ts';
import { NO_STRIPES } from '../stripe-mask.ts';
import { isDedicated, passesOn } from './swarm-view.ts';
import type { MemberView, SwarmView } from './swarm-view.ts';

/**
 * Up to `count` members to introduce to a peer besides `chosen` (the parents proposed to it): random ones, so that the
 * mesh holds together, half of them such as pass chunks on where there are any. Seeds and those with many links come
 * last: what room they have is for those that are to be their children, whenever these join.
 */
export function chooseNeighbours<Member extends MemberView>(
  view: SwarmView<Member>,
  peer: MemberView,
  count: number,
  chosen: ReadonlySet<Member>,
  random: RandomSource,
): Member[] {
  const taken = new Set<Member>();
  const take = (wanted: number, acceptAlso: (member: Member) => boolean): void => {
    const accept = (member: Member): boolean =>
      mayMeet(peer, member) && !chosen.has(member) && !taken.has(member) && acceptAlso(member);
    if (wanted > 0) for (const member of view.sample(wanted, random, accept)) taken.add(member);
  };
  const isGoodMatch = (member: Member): boolean => hasSpareLinks(member) && canProbablyLink(peer, member);
  take(Math.ceil(count / 2), (member) => passesOn(member) && isGoodMatch(member));
  take(count - taken.size, isGoodMatch);
  take(count - taken.size, hasSpareLinks);
  take(count - taken.size, () => true);
  return [...taken];
}

const hasSpareLinks = (member: MemberView): boolean =>
  isDedicated(member)
    ? member.links < DEDICATED_RANDOM_LINKS_MAX
    : member.seedMask === NO_STRIPES && member.links < RANDOM_LINKS_MAX;

/** A member with this many links is introduced to nobody. */
export const linksMaxOf = (member: MemberView): number =>
  isDedicated(member) ? DEDICATED_LINKS_MAX : LINKS_MAX;

/**
 * A listener whose links often fail sits behind a router that only the reachable get through: those with whom it nearly
 * always works. Which router that is nobody needs to know.
 */
export const canProbablyLink = (one: MemberView, other: MemberView): boolean =>
  (!isHardToReach(one) || isReachable(other)) && (!isHardToReach(other) || isReachable(one));

const isHardToReach = ({ met, unreachable }: MemberView): boolean =>
  unreachable >= HARD_FAILURES_MIN && unreachable * 4 >= met;
const isReachable = ({ met, unreachable }: MemberView): boolean =>
  met >= REACHABLE_MEETINGS_MIN && unreachable * 8 <= met;

/** Never itself, one it has already, or one with which it did not work. */
export const mayMeet = (peer: MemberView, other: MemberView): boolean =>
  other.present &&
  !other.distrusted &&
  other.id !== peer.id &&
  !peer.knows(other.id) &&
  other.retiredAt === null &&
  other.links < linksMaxOf(other) &&
  !peer.avoids(other.id) &&
  !other.avoids(peer.id);
