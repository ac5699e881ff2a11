import { STRIPES, millis } from '../units.ts';
import type { Millis, RandomSource, Stripe } from '../units.ts';
import {
  CUT_OFF_MAX,
  LOST_SETTLE,
  RETIRE_MAX,
  SEED_DEMOTION,
  SEED_RETURN_STEP,
  SEED_REVIEW,
  SEED_TRIM_MARGIN,
  SEED_WEBRTC_RETRY,
  SMALL_AGAIN_AFTER,
} from './limits.ts';
import type { Member, SeedOrder } from './member.ts';
import type { SeedTransport } from './messages.ts';
import {
  best,
  chooseSeed,
  fitAsSeed,
  keptStripes,
  seedScore,
  seedTarget,
  stripeToHandOver,
} from './seed-choice.ts';
import { ALL_STRIPES, NO_STRIPES, bitOf, countStripes, hasStripe, stripesIn } from '../stripe-mask.ts';
import type { Swarm } from './swarm.ts';
import { isDedicated, passesOn } from './swarm-view.ts';
import type { SwarmMode } from './tracker-io.ts';

export interface ChangedOrder {
  readonly member: Member;
  readonly order: SeedOrder;
}

export interface SeedReview {
  /** Stripes taken from seeds, which now need parents for them. */
  readonly released: readonly { readonly member: Member; readonly stripes: readonly Stripe[] }[];
  /** Seeds that shall give a stripe up, once they have a link with the one that has it now. */
  readonly meetings: readonly { readonly member: Member; readonly successor: Member }[];
}

const NOTHING_REVIEWED: SeedReview = { released: [], meetings: [] };

/**
 * Keeps a swarm's seeds. It only notes who should be one; `takeOrders` then tells what has to be said to whom, so that
 * several changes of one step become one message. A stripe moves by being given first and taken at the next review.
 */
export class SeedKeeper {
  #mode: SwarmMode = 'solo';
  #path: 'up' | 'down' = 'down';
  #reviewAt: Millis | null = null;
  #returnAt: Millis | null = null;
  #fillAt: Millis | null = null;
  #lostAt: Millis = millis(Number.NEGATIVE_INFINITY);
  #cutOffAt: Millis | null = null;
  #smallSince: Millis | null = null;
  readonly #touched = new Set<Member>();
  readonly #swarm: Swarm;
  readonly #smallSwarmSize: number;
  readonly #random: RandomSource;

  constructor(swarm: Swarm, smallSwarmSize: number, random: RandomSource) {
    this.#swarm = swarm;
    this.#smallSwarmSize = smallSwarmSize;
    this.#random = random;
  }

  get mode(): SwarmMode {
    return this.#mode;
  }

  get pathUp(): boolean {
    return this.#path === 'up';
  }

  get deadline(): Millis | null {
    const times = [this.#reviewAt, this.#returnAt, this.#fillAt].filter((at) => at !== null);
    return times.length === 0 ? null : millis(Math.min(...times));
  }

  /** A member joined, or came back. Returns true if the swarm has just stopped being small. */
  joined(member: Member, now: Millis): boolean {
    this.#touched.add(member);
    this.#reviewAt ??= millis(now + SEED_REVIEW);
    const grown = this.#mode === 'solo' && this.#swarm.members.size >= this.#smallSwarmSize;
    if (grown) this.#leaveSolo(now);
    if (this.#mode === 'mesh') {
      this.#fill(now);
      this.#handOverTo(member, now);
    }
    return grown;
  }

  /** A member is gone: its stripes get another seed at once. */
  left(member: Member, now: Millis): void {
    this.#touched.delete(member);
    if (this.#swarm.members.size === 0) this.#reset();
    else if (this.#mode === 'mesh') this.#fill(now);
  }

  /** A member's connection is lost: its stripes get another seed very soon. */
  lost(member: Member, now: Millis): void {
    this.#touched.delete(member);
    this.#lostAt = now;
    this.#fillAt ??= millis(now + LOST_SETTLE);
  }

  setPath(up: boolean, now: Millis): void {
    this.#path = up ? 'up' : 'down';
    this.#returnAt = up ? now : null;
    if (!up) for (const seed of this.#swarm.seeds) this.#touched.add(seed);
  }

  /** Its buffer is full: what it gets it cannot pass on. */
  stalled(member: Member, now: Millis): void {
    member.noSeedBefore = millis(now + SEED_DEMOTION);
    this.#dismiss(member);
    if (this.#mode === 'mesh') this.#fill(now);
  }

  /** Its WebRTC transport is not to be had: the same stripes over HTTP, and a much later try each time. */
  webrtcLost(member: Member, now: Millis): void {
    if (member.toldSeed?.transport !== 'webrtc') return;
    member.webrtcFailures += 1;
    member.webrtcNotBefore = millis(now + SEED_WEBRTC_RETRY * 10 ** (member.webrtcFailures - 1));
    this.#touched.add(member);
  }

  /** It is about to leave: others are fed what it is, and it is fed until it has left. */
  retired(member: Member, now: Millis): void {
    member.releaseMask = member.seedMask;
    if (this.#mode === 'mesh') this.#fill(now);
  }

  /** It may no longer be a seed, whoever takes over. */
  barred(member: Member, now: Millis): void {
    if (member.seedMask === NO_STRIPES) return;
    this.#dismiss(member);
    if (this.#mode === 'mesh') this.#fill(now);
  }

  /** It may be a seed again. */
  rested(member: Member, now: Millis): void {
    if (this.#mode === 'mesh') this.#handOverTo(member, now);
  }

  tick(now: Millis): SeedReview {
    if (this.#returnAt !== null && this.#returnAt <= now) this.#returnOne(now);
    if (this.#fillAt !== null && this.#fillAt <= now) {
      this.#fillAt = null;
      if (this.#mode === 'mesh') this.#fill(now);
    }
    if (this.#reviewAt === null || this.#reviewAt > now) return NOTHING_REVIEWED;
    this.#reviewAt = millis(now + SEED_REVIEW);
    this.#considerSolo(now);
    if (this.#mode === 'solo') return NOTHING_REVIEWED;
    const review = this.#release();
    this.#replaceUnfit(now);
    this.#trim(now);
    this.#fill(now);
    this.#spread(now);
    if (this.#path === 'up') this.#returnAt ??= now;
    return review;
  }

  /** What has to be told to whom since the last call. */
  takeOrders(now: Millis): readonly ChangedOrder[] {
    const orders: ChangedOrder[] = [];
    for (const member of this.#touched) {
      const order = this.#orderFor(member, now);
      member.returning = false;
      if (!member.present || sameOrder(order, member.toldSeed)) continue;
      member.toldSeed = order;
      orders.push({ member, order });
    }
    this.#touched.clear();
    return orders;
  }

  #orderFor(member: Member, now: Millis): SeedOrder {
    if (this.#mode === 'solo') return { stripes: ALL_STRIPES, transport: 'http', solo: true };
    return { stripes: member.seedMask, transport: this.#transportFor(member, now), solo: false };
  }

  #transportFor(member: Member, now: Millis): SeedTransport {
    if (member.seedMask === NO_STRIPES || this.#path === 'down' || member.webrtcNotBefore > now)
      return 'http';
    return isFedByHttp(member) && !member.returning ? 'http' : 'webrtc';
  }

  /** Moves one seed from HTTP back to WebRTC: all at once would be a burst of hand-shakes. */
  #returnOne(now: Millis): void {
    this.#returnAt = null;
    const waiting = [...this.#swarm.seeds].filter(
      (seed) => seed.present && isFedByHttp(seed) && seed.webrtcNotBefore <= now && !seed.returning,
    );
    const [next] = waiting;
    if (next === undefined || this.#mode === 'solo') return;
    next.returning = true;
    this.#touched.add(next);
    if (waiting.length > 1) this.#returnAt = millis(now + SEED_RETURN_STEP);
  }

  #leaveSolo(now: Millis): void {
    this.#mode = 'mesh';
    this.#smallSince = null;
    const members = this.#swarm.present.filter((member) => fitAsSeed(member, now));
    for (const member of this.#swarm.present) this.#touched.add(member);
    // Those served alone until now go on receiving all stripes until the next review: they need no parent at once.
    for (const member of members) {
      if (member.toldSeed?.solo !== true) continue;
      member.releaseMask = ALL_STRIPES;
      member.seedMask = ALL_STRIPES;
      this.#swarm.seeds.add(member);
    }
    for (const stripe of STRIPES) {
      const keeper = best(members, (member) => seedScore(member, stripe, now));
      if (keeper !== undefined) this.#give(keeper, stripe);
    }
  }

  #considerSolo(now: Millis): void {
    const small = this.#swarm.members.size < this.#smallSwarmSize;
    this.#smallSince = small ? (this.#smallSince ?? now) : null;
    if (this.#mode === 'solo' || this.#smallSince === null || now - this.#smallSince < SMALL_AGAIN_AFTER)
      return;
    this.#mode = 'solo';
    for (const member of this.#swarm.members.values()) this.#dismiss(member);
  }

  #reset(): void {
    this.#mode = 'solo';
    this.#reviewAt = null;
    this.#returnAt = null;
    this.#fillAt = null;
    this.#cutOffAt = null;
    this.#smallSince = null;
    this.#touched.clear();
  }

  #give(member: Member, stripe: Stripe): void {
    member.seedMask |= bitOf(stripe);
    member.releaseMask &= ~bitOf(stripe);
    this.#swarm.seeds.add(member);
    this.#touched.add(member);
  }

  #dismiss(member: Member): void {
    member.seedMask = NO_STRIPES;
    member.releaseMask = NO_STRIPES;
    member.returning = false;
    this.#swarm.seeds.delete(member);
    this.#touched.add(member);
  }

  #kept(stripe: Stripe): readonly Member[] {
    return [...this.#swarm.seeds].filter((seed) => seed.present && hasStripe(keptStripes(seed), stripe));
  }

  /** Most connections were lost at once: so it was the tracker that was away, and its members will be back. */
  #isCutOff(now: Millis): boolean {
    const absent = this.#swarm.members.size - this.#swarm.size;
    if (this.#cutOffAt === null && absent > this.#swarm.size && now - this.#lostAt < CUT_OFF_MAX)
      this.#cutOffAt = this.#lostAt;
    if (this.#cutOffAt !== null && (absent === 0 || now - this.#cutOffAt >= CUT_OFF_MAX))
      this.#cutOffAt = null;
    return this.#cutOffAt !== null;
  }

  #fill(now: Millis): void {
    if (this.#isCutOff(now)) return;
    const target = seedTarget(this.#swarm.size);
    for (const stripe of STRIPES) {
      for (let missing = target - this.#kept(stripe).length; missing > 0; missing -= 1) {
        const seed = this.#leaving(stripe, now) ?? chooseSeed(this.#swarm, stripe, now, this.#random);
        if (seed === undefined) break;
        this.#give(seed, stripe);
      }
    }
  }

  /** A seed that was about to give the stripe up may as well keep it. */
  #leaving(stripe: Stripe, now: Millis): Member | undefined {
    return [...this.#swarm.seeds].find((seed) => hasStripe(seed.releaseMask, stripe) && fitAsSeed(seed, now));
  }

  /** A newcomer relieves seeds of several stripes: they have those only while the swarm is small. */
  #handOverTo(member: Member, now: Millis): void {
    if (!fitAsSeed(member, now) || this.#isCutOff(now)) return;
    for (let handed = 0; handed < STRIPES.length; handed += 1) {
      const busiest = best(
        [...this.#swarm.seeds].filter((seed) => seed !== member && mayRelieve(member, seed)),
        (seed) =>
          countStripes(keptStripes(seed)) * 2 + Number(hasStripe(keptStripes(seed), member.primaryStripe)),
      );
      if (busiest === undefined) return;
      if (!this.#handOver(busiest, member)) return;
    }
  }

  #handOver(from: Member, to: Member): boolean {
    const stripe = stripeToHandOver(from, to);
    if (stripe === undefined) return false;
    this.#give(to, stripe);
    from.releaseMask |= bitOf(stripe);
    return true;
  }

  /**
   * Takes the stripes that were given to others away from a seed, as soon as it has a link with one of those: all that
   * hangs on it would otherwise be cut off with it.
   */
  #release(): SeedReview {
    const released: SeedReview['released'][number][] = [];
    const meetings: SeedReview['meetings'][number][] = [];
    for (const member of this.#swarm.seeds) {
      if (member.retiredAt !== null) continue;
      const before = member.seedMask;
      for (const stripe of stripesIn(member.releaseMask)) {
        const successors = this.#kept(stripe);
        const [successor] = successors;
        if (successor === undefined) member.releaseMask &= ~bitOf(stripe);
        else if (!member.present || successors.some(({ id }) => member.knows(id))) {
          member.releaseMask &= ~bitOf(stripe);
          member.seedMask &= ~bitOf(stripe);
        } else meetings.push({ member, successor });
      }
      if (member.seedMask === before) continue;
      this.#touched.add(member);
      if (member.seedMask === NO_STRIPES) this.#dismiss(member);
      if (member.present) released.push({ member, stripes: stripesIn(before & ~member.seedMask) });
    }
    return { released, meetings };
  }

  #replaceUnfit(now: Millis): void {
    for (const seed of this.#swarm.seeds) {
      if (!seed.present || fitAsSeed(seed, now)) continue;
      if (seed.retiredAt !== null && now - seed.retiredAt < RETIRE_MAX) continue;
      if (!passesOn(seed)) {
        this.#dismiss(seed);
        continue;
      }
      for (const stripe of stripesIn(keptStripes(seed))) {
        const successor = chooseSeed(this.#swarm, stripe, now, this.#random);
        if (successor === undefined) continue;
        this.#give(successor, stripe);
        seed.releaseMask |= bitOf(stripe);
      }
    }
  }

  #trim(now: Millis): void {
    const enough = seedTarget(this.#swarm.size * SEED_TRIM_MARGIN);
    for (const stripe of STRIPES) {
      const ranked = this.#kept(stripe).toSorted(
        (left, right) => seedScore(right, stripe, now) - seedScore(left, stripe, now),
      );
      for (const seed of ranked.slice(enough)) seed.releaseMask |= bitOf(stripe);
    }
  }

  /** One stripe per review moves from a seed with several to a member with none. */
  #spread(now: Millis): void {
    for (const seed of this.#swarm.seeds) {
      const stripe = stripesIn(keptStripes(seed)).find((each) => each !== seed.primaryStripe);
      if (stripe === undefined || countStripes(keptStripes(seed)) < 2) continue;
      const successor = chooseSeed(this.#swarm, stripe, now, this.#random);
      if (successor === undefined || keptStripes(successor) !== NO_STRIPES) continue;
      if (isDedicated(seed) && !isDedicated(successor)) continue;
      this.#give(successor, stripe);
      seed.releaseMask |= bitOf(stripe);
      return;
    }
  }
}

/** A community relay takes any listener's place, and gives its own to other relays only. */
function mayRelieve(newcomer: Member, seed: Member): boolean {
  if (isDedicated(newcomer) !== isDedicated(seed)) return isDedicated(newcomer);
  return countStripes(keptStripes(seed)) >= countStripes(keptStripes(newcomer)) + 2;
}

const isFedByHttp = (member: Member): boolean =>
  member.toldSeed !== null &&
  member.toldSeed.transport === 'http' &&
  member.toldSeed.stripes !== NO_STRIPES &&
  !member.toldSeed.solo;

function sameOrder(left: SeedOrder, right: SeedOrder | null): boolean {
  if (right === null) return left.stripes === NO_STRIPES;
  if (left.stripes === NO_STRIPES && right.stripes === NO_STRIPES) return true;
  return left.stripes === right.stripes && left.transport === right.transport && left.solo === right.solo;
}
