import type { RandomSource } from '../units.ts';
import { LINKS_ENOUGH, LINKS_MAX } from './limits.ts';
import { NO_STRIPES } from './stripe-mask.ts';
import { passesOn } from './swarm-view.ts';
import type { MemberView, SwarmView } from './swarm-view.ts';

/**
 * Up to `count` members to introduce to a peer besides `chosen` (the parents proposed to it): random ones, so that the
 * mesh holds together, of two drawn the one with fewer links; at least half of them pass chunks on where there are any.
 * Seeds come last: their links are for those that are to be their children.
 */
export function chooseNeighbours<Member extends MemberView>(
  view: SwarmView<Member>,
  peer: MemberView,
  count: number,
  chosen: ReadonlySet<Member>,
  random: RandomSource,
): Member[] {
  const taken = new Set<Member>();
  const accept = (member: Member): boolean =>
    mayMeet(peer, member) && !chosen.has(member) && !taken.has(member);
  const take = (wanted: number, acceptAlso: (member: Member) => boolean): void => {
    if (wanted <= 0) return;
    const drawn = view.sample(wanted * 2, random, (member) => accept(member) && acceptAlso(member));
    for (const member of drawn.toSorted(byLinks).slice(0, wanted)) taken.add(member);
  };
  take(
    Math.ceil(count / 2),
    (member) => passesOn(member) && member.seedMask === NO_STRIPES && member.links < LINKS_ENOUGH,
  );
  take(count - taken.size, (member) => member.seedMask === NO_STRIPES && member.links < LINKS_ENOUGH);
  take(count - taken.size, () => true);
  return [...taken];
}

/** Never itself, one it has already, or one with which it did not work. */
export const mayMeet = (peer: MemberView, other: MemberView): boolean =>
  other.present &&
  !other.distrusted &&
  other.id !== peer.id &&
  !peer.knows(other.id) &&
  other.links < LINKS_MAX &&
  !peer.avoids(other.id) &&
  !other.avoids(peer.id);

const byLinks = (left: MemberView, right: MemberView): number => left.links - right.links;
