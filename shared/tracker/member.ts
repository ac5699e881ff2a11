import { STRIPE_COUNT, millis } from '../units.ts';
import type { Millis, PeerId, Stripe } from '../units.ts';
import { AVOIDED_MAX, DEDICATED_KNOWN_MAX, DISTRUST_ADDRESSES, KNOWN_MAX } from './limits.ts';
import type { Participation, Report, SeedTransport } from './messages.ts';
import { RelayConduct } from './relay-conduct.ts';
import { NO_STRIPES } from '../stripe-mask.ts';
import type { StripeMask } from '../stripe-mask.ts';
import type { MemberView } from './swarm-view.ts';
import { TokenBucket } from '../token-bucket.ts';

/** What a member was last told of its seeding. */
export interface SeedOrder {
  readonly stripes: StripeMask;
  readonly transport: SeedTransport;
  readonly solo: boolean;
}

export interface MemberIdentity {
  readonly id: PeerId;
  readonly secret: string;
  readonly joinedAt: Millis;
  readonly primaryStripe: Stripe;
}

/** One listener of one swarm. Plain numbers and short lists: thousands of them must fit. */
export class Member implements MemberView {
  readonly id: PeerId;
  readonly secret: string;
  readonly joinedAt: Millis;
  readonly primaryStripe: Stripe;
  /** The connection it speaks on; null while its connection is lost. */
  connection: number | null = null;
  address = '';
  participation: Participation = 'leaf';
  /** Children it could feed in all, as its upload cap allows. */
  slots = 0;
  slotsFree = 0;
  /** Peers it was introduced to so far, and with how many of them no link could be opened. */
  met = 0;
  unreachable = 0;
  introducedAt: Millis = millis(Number.NEGATIVE_INFINITY);
  links = 0;
  /** Stripes that others have from it, as last reported. */
  children = 0;
  depths: readonly number[] = UNKNOWN_DEPTHS;
  playedOnTime = 1;
  bytesFromPeers = 0;
  bytesFromEdges = 0;
  seedMask: StripeMask = NO_STRIPES;
  releaseMask: StripeMask = NO_STRIPES;
  noSeedBefore: Millis;
  webrtcNotBefore: Millis;
  webrtcFailures = 0;
  /** It is on its way from HTTP back to WebRTC. */
  returning = false;
  toldSeed: SeedOrder | null = null;
  /** When its connection was lost last. */
  lostAt: Millis = millis(Number.NEGATIVE_INFINITY);
  /** When it is given up, while its connection is lost. */
  expiresAt: Millis = NEVER;
  /** When it said that it is about to leave. */
  retiredAt: Millis | null = null;
  /** Until then it rests, as sound came late from it; null: it does not. */
  restsUntil: Millis | null = null;
  rosterIndex = -1;
  innerIndex = -1;
  dedicatedIndex = -1;
  readonly needBucket: TokenBucket;
  readonly signalBucket: TokenBucket;
  /** Made with the first complaint about an edge: most members never have one. */
  edgeComplaintBucket: TokenBucket | null = null;
  /** Made with the first word of a child that let it go. */
  #conduct: RelayConduct | null = null;
  #known: PeerId[] = [];
  #avoided: PeerId[] = NOBODY;
  #complainants: string[] = NOBODY_AT_ALL;

  constructor(identity: MemberIdentity) {
    this.id = identity.id;
    this.secret = identity.secret;
    this.joinedAt = identity.joinedAt;
    this.primaryStripe = identity.primaryStripe;
    this.noSeedBefore = identity.joinedAt;
    this.webrtcNotBefore = identity.joinedAt;
    this.needBucket = new TokenBucket(identity.joinedAt);
    this.signalBucket = new TokenBucket(identity.joinedAt);
  }

  get present(): boolean {
    return this.connection !== null;
  }

  get distrusted(): boolean {
    return this.#complainants.length >= DISTRUST_ADDRESSES;
  }

  get known(): readonly PeerId[] {
    return this.#known;
  }

  knows(id: PeerId): boolean {
    return this.#known.includes(id);
  }

  avoids(id: PeerId): boolean {
    return this.#avoided.includes(id);
  }

  /** Returns the peer that had to be forgotten for it, if any. */
  learn(id: PeerId): PeerId | undefined {
    if (this.knows(id)) return undefined;
    this.#known.push(id);
    this.links += 1;
    this.met += 1;
    const knownMax = this.participation === 'dedicated' ? DEDICATED_KNOWN_MAX : KNOWN_MAX;
    return this.#known.length > knownMax ? this.#known.shift() : undefined;
  }

  forget(id: PeerId): void {
    const index = this.#known.indexOf(id);
    if (index < 0) return;
    this.#known.splice(index, 1);
    this.links = Math.max(0, this.links - 1);
  }

  avoid(id: PeerId): void {
    if (this.avoids(id)) return;
    this.#avoided = [...this.#avoided, id].slice(-AVOIDED_MAX);
  }

  /** Somebody at this address complained. */
  complainedAbout(address: string): void {
    if (this.distrusted || this.#complainants.includes(address)) return;
    this.#complainants = [...this.#complainants, address];
  }

  /** A child at this address let it go for late chunks. True if so many did that it is to rest. */
  wasLateFor(address: string, now: Millis): boolean {
    this.#conduct ??= new RelayConduct();
    return this.#conduct.late(address, now, Math.min(this.children, this.links));
  }

  /** Room for children, from an upload cap; a leaf has none. */
  setUploadCap(uploadCapKbps: number, slotKbps: number): void {
    const slots = this.participation === 'leaf' ? 0 : Math.floor(uploadCapKbps / slotKbps);
    this.slotsFree = Math.min(slots, Math.max(0, this.slotsFree + slots - this.slots));
    this.slots = slots;
  }

  /** Takes over a report; totals never fall, so that a lying peer cannot make a swarm's totals fall. */
  apply(report: Report, slotKbps: number): void {
    this.setUploadCap(report.uploadCapKbps, slotKbps);
    this.slotsFree = Math.min(report.childSlotsFree, this.slots);
    this.depths = UNKNOWN_DEPTHS.map((unknown, index) => report.depths[index] ?? unknown);
    this.links = report.neighbourCount;
    this.children = report.childCount;
    this.playedOnTime = report.playedOnTime;
    this.bytesFromPeers = Math.max(this.bytesFromPeers, report.bytesFromPeers);
    this.bytesFromEdges = Math.max(this.bytesFromEdges, report.bytesFromEdges);
  }

  setDepth(stripe: Stripe, depth: number): void {
    this.depths = this.depths.map((old, index) => (index === stripe ? depth : old));
  }
}

export const NEVER: Millis = millis(Number.POSITIVE_INFINITY);
const UNKNOWN_DEPTHS: readonly number[] = Array.from({ length: STRIPE_COUNT }, () => -1);
const NOBODY: PeerId[] = [];
const NOBODY_AT_ALL: string[] = [];
