import { hasStripe } from '../stripe-mask.ts';
import { millis, STRIPES } from '../units.ts';
import type { Millis, RandomSource, Stripe } from '../units.ts';
import { chooseNeighbours, mayMeet } from './introduction.ts';
import {
  CUT_OFF_MEMBERS_MIN,
  INTRODUCTION_SETTLE,
  NEED_RATE,
  PROPOSED_NEW_MAX,
  RELAY_REST,
  SIGNAL_RATE,
  WELCOME_NEIGHBOURS,
} from './limits.ts';
import type { Member } from './member.ts';
import { INTRODUCTION_MAX, LATE_REASON, UNREACHABLE_REASON } from './messages.ts';
import type { ListenerMessage, Neighbour, ParentProposal, Report, TrackerMessage } from './messages.ts';
import { depthOf, proposeParents } from './parent-proposal.ts';
import { SeedKeeper } from './seed-keeper.ts';
import type { Swarm } from './swarm.ts';
import { isDedicated } from './swarm-view.ts';
import type { SwarmSnapshot, Verdict } from './tracker-io.ts';

type Need = Extract<ListenerMessage, { type: 'need' }>;
type Complaint = Extract<ListenerMessage, { type: 'complaint' }>;

/** Who a message goes to: the one way out of a swarm, so that a peer may one day be at another tracker. */
export interface Post {
  /** Hands a message to a peer's connection; one that has none just now misses it. */
  send(to: Member, message: TrackerMessage): void;
}

/** One swarm's tracker: what members say of themselves and each other, and what they are told. */
export class SwarmDesk {
  readonly swarm: Swarm;
  readonly seeds: SeedKeeper;
  readonly #post: Post;
  readonly #random: RandomSource;
  readonly #resting = new Set<Member>();

  constructor(swarm: Swarm, smallSwarmSize: number, post: Post, random: RandomSource) {
    this.swarm = swarm;
    this.seeds = new SeedKeeper(swarm, smallSwarmSize, random);
    this.#post = post;
    this.#random = random;
  }

  /** A new or returning member, already in the swarm, is welcomed; then those that were served alone until now meet. */
  joined(member: Member, now: Millis, welcome: (introduction: Introduction) => void): void {
    const grown = this.seeds.joined(member, now);
    const missing = Math.max(0, WELCOME_NEIGHBOURS - member.known.length);
    welcome(this.#introduce(member, missing, STRIPES, now));
    if (grown) this.#introduceAll(member, now);
  }

  /** More members have lost their connection than have one. */
  get isCutOff(): boolean {
    const { members, size } = this.swarm;
    return members.size >= CUT_OFF_MEMBERS_MIN && members.size > 2 * size;
  }

  /** A member is gone for good: those who knew it are told. */
  left(member: Member, now: Millis): void {
    this.swarm.remove(member);
    this.#resting.delete(member);
    for (const id of member.known) {
      const other = this.swarm.members.get(id);
      if (other === undefined) continue;
      other.forget(member.id);
      this.#post.send(other, { type: 'peerLeft', peerId: member.id });
    }
    this.seeds.left(member, now);
  }

  /** A member's connection was lost: it may come back, and its links with others may stand. */
  lost(member: Member, now: Millis): void {
    member.connection = null;
    this.swarm.index(member);
    this.seeds.lost(member, now);
  }

  /** A member is about to leave: those that may hang on it learn of others before it is gone. */
  retire(member: Member, now: Millis): void {
    if (member.retiredAt !== null) return;
    member.retiredAt = now;
    this.swarm.index(member);
    this.seeds.retired(member, now);
    if (this.seeds.mode === 'solo') return;
    for (const id of member.known) {
      const other = this.swarm.members.get(id);
      if (other?.present === true && other.retiredAt === null)
        this.#sendIntroduction(other, this.#introduce(other, 0, STRIPES, now));
    }
  }

  report(member: Member, report: Report): void {
    this.swarm.report(member, report);
  }

  need(member: Member, need: Need, now: Millis): void {
    if (this.seeds.mode === 'solo' || now - member.introducedAt < INTRODUCTION_SETTLE) return;
    if (!member.needBucket.take(NEED_RATE, now)) return;
    const stripes = STRIPES.filter((stripe) => need.parentsFor.includes(stripe));
    this.#sendIntroduction(member, this.#introduce(member, need.neighbours, stripes, now));
  }

  /** Signals go only between peers that were introduced: nobody can call a listener out of the blue. */
  signal(from: Member, to: string, data: string, now: Millis): void {
    if (this.seeds.mode === 'solo' || !from.signalBucket.take(SIGNAL_RATE, now)) return;
    const target = this.swarm.members.get(to);
    if (target === undefined) this.#post.send(from, { type: 'peerLeft', peerId: to });
    else if (from.knows(target.id)) this.#post.send(target, { type: 'signal', from: from.id, data });
  }

  /** A hint: many from different addresses count against the peer. Returns what has just come of it. */
  complaint(member: Member, complaint: Complaint, now: Millis): Judged | null {
    const target = this.swarm.members.get(complaint.peerId);
    if (target === undefined || !member.knows(target.id)) return null;
    return complaint.reason === LATE_REASON
      ? this.#late(member, target, complaint.stripe ?? 0, now)
      : this.#misdeed(member, target, complaint.reason, now);
  }

  /** They stay neighbours. It can be the fault only of who is fed the stripe by an edge, and only relays are leant on so. */
  #late(member: Member, target: Member, number: number, now: Millis): Judged | null {
    const isSeed = STRIPES.some((stripe) => stripe === number && hasStripe(target.seedMask, stripe));
    if (!isDedicated(target) || !isSeed || !target.wasLateFor(member.address, now)) return null;
    target.restsUntil = millis(now + RELAY_REST);
    this.#resting.add(target);
    this.swarm.index(target);
    this.seeds.barred(target, now);
    return { member: target, verdict: 'resting' };
  }

  /** They part. */
  #misdeed(member: Member, target: Member, reason: string, now: Millis): Judged | null {
    member.avoid(target.id);
    this.#part(member, target);
    if (reason === UNREACHABLE_REASON) {
      member.unreachable += 1;
      target.unreachable += 1;
      return null;
    }
    const wasDistrusted = target.distrusted;
    target.complainedAbout(member.address);
    if (!target.distrusted) return null;
    this.swarm.index(target);
    this.seeds.barred(target, now);
    return wasDistrusted ? null : { member: target, verdict: 'distrusted' };
  }

  #endRests(now: Millis): void {
    for (const member of this.#resting) {
      if (member.restsUntil !== null && now < member.restsUntil) continue;
      member.restsUntil = null;
      this.#resting.delete(member);
      this.swarm.index(member);
      this.seeds.rested(member, now);
    }
  }

  tick(now: Millis): void {
    this.#endRests(now);
    const { released, meetings } = this.seeds.tick(now);
    for (const { member, stripes } of released)
      this.#sendIntroduction(member, this.#introduce(member, 0, stripes, now));
    for (const { member, successor } of meetings) this.#introducePair(successor, member);
  }

  /** What a member that joins or comes back says it has links with is the truth about it. */
  setNeighbours(member: Member, ids: readonly string[]): void {
    for (const id of member.known.filter((known) => !ids.includes(known))) {
      const other = this.swarm.members.get(id);
      if (other !== undefined) this.#part(member, other);
    }
    for (const id of ids) {
      const other = this.swarm.members.get(id);
      if (other !== undefined && other !== member) this.#acquaint(member, other);
    }
  }

  snapshot(): SwarmSnapshot {
    return {
      mountId: this.swarm.mountId,
      mode: this.seeds.mode,
      seedPathUp: this.seeds.pathUp,
      listeners: this.swarm.size - this.swarm.dedicatedCount,
      relays: this.swarm.dedicatedCount,
      members: this.swarm.members.size,
      seeds: STRIPES.map((stripe) => ({
        stripe,
        peerIds: this.swarm.seedsOf(stripe).map((seed) => seed.id),
      })),
      ...this.swarm.totals,
    };
  }

  /** The member and the other have a link, or are about to. */
  #acquaint(member: Member, other: Member): void {
    for (const [one, two] of [
      [member, other],
      [other, member],
    ] as const) {
      const forgotten = one.learn(two.id);
      if (forgotten !== undefined) this.swarm.members.get(forgotten)?.forget(one.id);
    }
  }

  /** Whatever links they have: these two need one. */
  #introducePair(initiator: Member, other: Member): void {
    if (initiator.knows(other.id) || initiator.avoids(other.id) || other.avoids(initiator.id)) return;
    this.#acquaint(initiator, other);
    const neighbours = [{ peerId: other.id, primaryStripe: other.primaryStripe }];
    this.#sendIntroduction(initiator, { neighbours, proposals: [] });
  }

  #part(member: Member, other: Member): void {
    member.forget(other.id);
    other.forget(member.id);
  }

  /** The members that were served alone until now meet each other; the newcomer's welcome names them all. */
  #introduceAll(newcomer: Member, now: Millis): void {
    for (const member of this.swarm.present)
      if (member !== newcomer)
        this.#sendIntroduction(member, this.#introduce(member, WELCOME_NEIGHBOURS, STRIPES, now));
  }

  #sendIntroduction(member: Member, introduction: Introduction): void {
    if (introduction.neighbours.length === 0 && introduction.proposals.length === 0) return;
    this.#post.send(member, { type: 'introduce', ...introduction });
  }

  /** Parents for the stripes, and as many neighbours in all as wanted: every proposed parent is or becomes one. */
  #introduce(member: Member, neighbours: number, stripes: readonly Stripe[], now: Millis): Introduction {
    if (this.seeds.mode === 'solo') return NOBODY_TO_MEET;
    const proposed = stripes.map((stripe) => ({
      stripe,
      parents: proposeParents(this.swarm, member, stripe, now, this.#random),
    }));
    const parents = newParents(member, proposed);
    const wanted = Math.min(neighbours, INTRODUCTION_MAX) - parents.size;
    const others = chooseNeighbours(this.swarm, member, wanted, parents, this.#random);
    const met = [...parents, ...others];
    for (const other of met) this.#acquaint(member, other);
    if (met.length > 0) member.introducedAt = now;
    const proposals = proposed
      .map(({ stripe, parents }) => ({
        stripe,
        parents: parents.filter((parent) => member.knows(parent.id)),
      }))
      .filter(({ parents }) => parents.length > 0);
    for (const { stripe, parents } of proposals) expectAdoption(member, stripe, parents);
    return {
      neighbours: met.map(({ id, primaryStripe }) => ({ peerId: id, primaryStripe })),
      proposals: proposals.map(({ stripe, parents }) => ({ stripe, peerIds: parents.map(({ id }) => id) })),
    };
  }
}

export interface Judged {
  readonly member: Member;
  readonly verdict: Verdict;
}

export interface Introduction {
  readonly neighbours: readonly Neighbour[];
  readonly proposals: readonly ParentProposal[];
}

const NOBODY_TO_MEET: Introduction = { neighbours: [], proposals: [] };

interface Proposed {
  readonly stripe: Stripe;
  readonly parents: readonly Member[];
}

/** The proposed parents that the member has no link with yet: every stripe's first, then every stripe's second … */
function newParents(member: Member, proposed: readonly Proposed[]): ReadonlySet<Member> {
  const chosen = new Set<Member>();
  const ranks = Math.max(0, ...proposed.map(({ parents }) => parents.length));
  for (let rank = 0; rank < ranks; rank += 1)
    for (const { parents } of proposed) {
      const parent = parents[rank];
      if (chosen.size >= PROPOSED_NEW_MAX) return chosen;
      if (parent !== undefined && mayMeet(member, parent)) chosen.add(parent);
    }
  return chosen;
}

/** Until reports say otherwise, the first proposed is taken to have adopted the member. */
function expectAdoption(member: Member, stripe: Stripe, parents: readonly Member[]): void {
  const [parent] = parents;
  if (parent === undefined) return;
  parent.slotsFree = Math.max(0, parent.slotsFree - 1);
  if ((member.depths[stripe] ?? -1) < 0) member.setDepth(stripe, depthOf(parent, stripe) + 1);
}
