import type { Millis, PeerId, RandomSource, Stripe } from '../units.ts';
import type { Participation } from './messages.ts';
import type { StripeMask } from '../stripe-mask.ts';

/**
 * What the tracker's decisions may look at. They are functions of this view alone, so that the members behind it may
 * one day be told by several trackers; nothing in it lets a decision walk through a whole swarm.
 */
export interface SwarmView<Member extends MemberView = MemberView> {
  /** Listeners connected now. */
  readonly size: number;
  /** Upload that one child of one stripe takes, kbit/s. */
  readonly slotKbps: number;
  /** Random members that are connected and trusted. */
  sample(count: number, random: RandomSource, accept: (member: Member) => boolean): Member[];
  /** Random ones among those that pass chunks on and prefer this stripe. */
  sampleInner(
    stripe: Stripe,
    count: number,
    random: RandomSource,
    accept: (member: Member) => boolean,
  ): Member[];
  /** Random community relays. */
  sampleDedicated(count: number, random: RandomSource, accept: (member: Member) => boolean): Member[];
  /** Seeds of a stripe, those that are about to give it up included. */
  seedsOf(stripe: Stripe): readonly Member[];
}

export interface MemberView {
  readonly id: PeerId;
  readonly participation: Participation;
  readonly joinedAt: Millis;
  readonly primaryStripe: Stripe;
  /** Children it could feed, of one stripe each, if it had none. */
  readonly slots: number;
  /** Estimate of the children it would still take. */
  readonly slotsFree: number;
  /** Hops to an edge per stripe, told or estimated; -1: unknown. */
  readonly depths: readonly number[];
  /** Share of chunks in time, as last reported; 1 before the first report. */
  readonly playedOnTime: number;
  /** Its connection stands. */
  readonly present: boolean;
  /** When it said that it is about to leave; null: it has not. */
  readonly retiredAt: Millis | null;
  /** Until when it rests, as sound came late from it; null: it does not. */
  readonly restsUntil: Millis | null;
  /** Too many complained about it. */
  readonly distrusted: boolean;
  /** Stripes it is a seed of, and those of them that it gives up at the next review. */
  readonly seedMask: StripeMask;
  readonly releaseMask: StripeMask;
  /** Not to be chosen as a seed before this. */
  readonly noSeedBefore: Millis;
  /** Its links, as last reported and introduced since. */
  readonly links: number;
  /** Peers it was introduced to so far, and with how many of them no link could be opened. */
  readonly met: number;
  readonly unreachable: number;
  knows(id: PeerId): boolean;
  avoids(id: PeerId): boolean;
}

/** It passes chunks on: leaves and those without upload never do. */
export const passesOn = (member: MemberView): boolean =>
  member.present &&
  !member.distrusted &&
  member.retiredAt === null &&
  member.restsUntil === null &&
  member.participation !== 'leaf' &&
  member.slots > 0;

/** A community relay: it stays, and has room. */
export const isDedicated = (member: MemberView): boolean => member.participation === 'dedicated';
