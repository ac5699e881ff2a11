import { STRIPES, STRIPE_COUNT, stripe } from '../units.ts';
import type { MountId, RandomSource, Stripe } from '../units.ts';
import type { Member } from './member.ts';
import type { Report } from './messages.ts';
import { SampleList } from './sample-list.ts';
import type { Position } from './sample-list.ts';
import { hasStripe } from '../stripe-mask.ts';
import { isDedicated, passesOn } from './swarm-view.ts';
import type { SwarmView } from './swarm-view.ts';

/** What the listeners of a swarm have reported, in bytes, those that left included. */
export interface SwarmTotals {
  readonly bytesFromPeers: number;
  readonly bytesFromEdges: number;
}

/** The members of one mount's swarm and the indexes that its decisions draw from. Nothing here is decided. */
export class Swarm implements SwarmView<Member> {
  readonly mountId: MountId;
  readonly slotKbps: number;
  readonly members: Map<string, Member> = new Map();
  /** Members that are a seed of any stripe: a few dozen at most. */
  readonly seeds: Set<Member> = new Set();
  readonly #roster = new SampleList<Member>(rosterPosition);
  readonly #inner = STRIPES.map(() => new SampleList<Member>(innerPosition));
  readonly #dedicated = new SampleList<Member>(dedicatedPosition);
  /** Children that the inner nodes of each stripe could feed. */
  readonly #capacity: number[] = STRIPES.map(() => 0);
  #bytesFromPeers = 0;
  #bytesFromEdges = 0;

  constructor(mountId: MountId, bitrateKbps: number) {
    this.mountId = mountId;
    this.slotKbps = bitrateKbps / STRIPE_COUNT;
  }

  get size(): number {
    return this.#roster.size;
  }

  get present(): readonly Member[] {
    return this.#roster.all;
  }

  get totals(): SwarmTotals {
    return { bytesFromPeers: this.#bytesFromPeers, bytesFromEdges: this.#bytesFromEdges };
  }

  sample(count: number, random: RandomSource, accept: (member: Member) => boolean): Member[] {
    return this.#roster.sample(count, random, accept);
  }

  sampleInner(
    stripe: Stripe,
    count: number,
    random: RandomSource,
    accept: (member: Member) => boolean,
  ): Member[] {
    return this.#inner[stripe]?.sample(count, random, accept) ?? [];
  }

  sampleDedicated(count: number, random: RandomSource, accept: (member: Member) => boolean): Member[] {
    return this.#dedicated.sample(count, random, accept);
  }

  /** Community relays that are connected, whatever they have room for. */
  get dedicatedCount(): number {
    let count = 0;
    for (const member of this.#roster.all) if (isDedicated(member)) count += 1;
    return count;
  }

  seedsOf(stripe: Stripe): readonly Member[] {
    return [...this.seeds].filter((member) => hasStripe(member.seedMask, stripe));
  }

  /** The stripe with the least capacity: so each stripe has inner nodes of its own, and enough of them. */
  leastCapableStripe(random: RandomSource): Stripe {
    const least = Math.min(...this.#capacity);
    const candidates = STRIPES.filter((each) => this.#capacity[each] === least);
    return candidates[Math.floor(random() * candidates.length)] ?? STRIPE_ZERO;
  }

  add(member: Member): void {
    this.members.set(member.id, member);
    this.index(member);
  }

  /** To be called when whether a member is present, trusted or passes chunks on may have changed. */
  index(member: Member): void {
    if (member.present) this.#roster.add(member);
    else this.#roster.remove(member);
    const inner = this.#inner[member.primaryStripe];
    const wasInner = member.innerIndex >= 0;
    const isInner = passesOn(member);
    if (isInner) inner?.add(member);
    else inner?.remove(member);
    if (isInner && isDedicated(member)) this.#dedicated.add(member);
    else this.#dedicated.remove(member);
    if (wasInner !== isInner) this.#addCapacity(member.primaryStripe, isInner ? member.slots : -member.slots);
  }

  remove(member: Member): void {
    this.members.delete(member.id);
    this.seeds.delete(member);
    member.connection = null;
    this.index(member);
  }

  /** Takes over what a member says of itself. */
  report(member: Member, report: Report): void {
    const before = { peers: member.bytesFromPeers, edges: member.bytesFromEdges, slots: member.slots };
    const wasInner = member.innerIndex >= 0;
    member.apply(report, this.slotKbps);
    if (wasInner) this.#addCapacity(member.primaryStripe, member.slots - before.slots);
    this.index(member);
    this.#bytesFromPeers += member.bytesFromPeers - before.peers;
    this.#bytesFromEdges += member.bytesFromEdges - before.edges;
  }

  #addCapacity(stripe: Stripe, slots: number): void {
    this.#capacity[stripe] = (this.#capacity[stripe] ?? 0) + slots;
  }
}

const STRIPE_ZERO: Stripe = stripe(0);

const rosterPosition: Position<Member> = {
  get: (member) => member.rosterIndex,
  set: (member, index) => {
    member.rosterIndex = index;
  },
};
const innerPosition: Position<Member> = {
  get: (member) => member.innerIndex,
  set: (member, index) => {
    member.innerIndex = index;
  },
};
const dedicatedPosition: Position<Member> = {
  get: (member) => member.dedicatedIndex,
  set: (member, index) => {
    member.dedicatedIndex = index;
  },
};
