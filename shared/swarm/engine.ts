import type { TrackerMessage } from '../tracker/messages.ts';
import { millis, peerId as toPeerId, sequence, stripe as toStripe, STRIPES } from '../units.ts';
import type { Millis, PeerId, RandomSource, Stripe } from '../units.ts';
import { ALL_STRIPES, NO_STRIPES } from '../stripe-mask.ts';
import { TokenBucket } from '../token-bucket.ts';
import { chunkStripe } from '../chunk/chunk.ts';
import { shrinkToCap, shrinkToListeners, tellChildrenToLeave } from './children.ts';
import type { EngineParts } from './collections.ts';
import { createCore, NOTHING_TO_DO, parentOf, setParent, tellTracker } from './core.ts';
import type { Core } from './core.ts';
import { EdgeFeed } from './edge-feed.ts';
import type { EngineInput, EngineOptions, EngineOutput, EngineSnapshot } from './engine-io.ts';
import { settleVerification, takeIn } from './intake.ts';
import { Introductions } from './introductions.ts';
import {
  HOUSEKEEPING_HURRIED_MS,
  HOUSEKEEPING_INTERVAL_MS,
  PARENT_REVIEW_INTERVAL_MS,
  REPORT_INTERVAL_MS,
} from './limits.ts';
import { connectTo, disconnect, LinkKeeper, onLinkClosed, onLinkOpen } from './links.ts';
import { Membership } from './membership.ts';
import { expireAsking, Proposals, reviewParent, seekParent } from './parents.ts';
import { Playout } from './playout.ts';
import { Repairs } from './repair.ts';
import { Reporter } from './reporter.ts';
import { snapshotOf } from './snapshot.ts';
import { announceLate, Summaries } from './summaries.ts';
import { onWireMessage } from './wire-inbox.ts';

type Phase = 'idle' | 'running' | 'stopped';

/**
 * A listener's part in the swarm, without I/O, clock or randomness of its own: see `engine-io.ts` for what goes in
 * and what comes out. `now` never goes back.
 */
export class ListenerEngine {
  private readonly core: Core;
  readonly #playout = new Playout();
  readonly #repairs = new Repairs();
  readonly #edgeFeed = new EdgeFeed();
  readonly #proposals = new Proposals();
  readonly #keeper = new LinkKeeper();
  readonly #introductions = new Introductions();
  readonly #reporter = new Reporter();
  readonly #membership = new Membership();
  readonly #summaries = new Summaries();
  #phase: Phase = 'idle';
  #housekeepingAt = 0;
  /** When time alone changes something, repairs apart. */
  #settleAt = 0;
  readonly #reviewAt: number[] = STRIPES.map(() => 0);
  #orphanMaskBefore = ALL_STRIPES;

  constructor(options: EngineOptions, random: RandomSource) {
    this.core = createCore(options, random);
  }

  /** Takes one input and returns what is to be done, in order. */
  handle(now: Millis, input: EngineInput): readonly EngineOutput[] {
    if (this.#phase !== 'stopped') {
      const settled = input.type === 'linkMessage' && this.#onLinkMessage(now, input.peerId, input.data);
      if (!settled) this.#take(now, input);
      if (this.#phase === 'running' && (!settled || now >= this.#settleAt)) this.#settle(now);
    }
    const { outputs } = this.core;
    // Whoever performs them has them now: kept until the next input, they would only be in memory.
    if (outputs !== NOTHING_TO_DO) this.core.outputs = NOTHING_TO_DO;
    return outputs;
  }

  /** When `tick` is to be given next; null when nothing but an input can change anything. */
  deadline(): Millis | null {
    if (this.#phase !== 'running') return null;
    return millis(Math.min(this.#settleAt, this.#repairs.deadline()));
  }

  snapshot(now: Millis): EngineSnapshot {
    const phase =
      this.#phase === 'running' ? (this.#playout.cursor === null ? 'joining' : 'playing') : this.#phase;
    return snapshotOf(this.core, now, phase, this.#playout);
  }

  /** To be looked at by `collectionsOf`. */
  parts(): EngineParts {
    const { core } = this;
    return { core, playout: this.#playout, repairs: this.#repairs, introductions: this.#introductions };
  }

  #take(now: Millis, input: EngineInput): void {
    const { core } = this;
    switch (input.type) {
      case 'start':
        this.#start(now);
        return;
      case 'trackerOpen':
        this.#membership.onOpen();
        this.#join();
        return;
      case 'tracker':
        this.#onTracker(now, input.message);
        return;
      case 'trackerClosed':
        this.#membership.onClosed(core);
        return;
      case 'linkOpen':
        onLinkOpen(core, now, input.peerId);
        return;
      case 'linkMessage':
      case 'tick':
        return;
      case 'linkWritable': {
        const neighbour = core.neighbours.get(input.peerId);
        if (neighbour !== undefined) neighbour.writable = input.writable;
        return;
      }
      case 'signal':
        this.#introductions.send(core, now, input.to, input.data);
        return;
      case 'linkClosed':
        if (input.end === 'unreachable') this.#introductions.onUnreachable(core, now, input.peerId);
        onLinkClosed(core, now, input.peerId);
        this.#repairs.forgetPeer(input.peerId);
        this.#maintainParents(now);
        return;
      case 'edgeChunk':
        takeIn(core, now, input.data, { from: 'edge', cause: input.cause }, null);
        return;
      case 'burstDone':
        this.#edgeFeed.onBurstDone(core, now, input.ok, this.#playout.cursor !== null);
        return;
      case 'fetchFailed':
        this.#repairs.onFetchFailed(now, input.epoch, input.sequence, input.gone);
        return;
      case 'streamClosed':
        this.#edgeFeed.onStreamClosed(core, now);
        return;
      case 'seedLink':
        this.#edgeFeed.onSeedLink(core, now, input.state, input.reason ?? 'closed');
        return;
      case 'verified':
        this.#onVerified(now, input.ticket, input.genuine);
        return;
      case 'playhead':
        this.#playout.followSink(now, input.epoch, input.mediaTime);
        return;
      case 'setUploadCap':
        core.uploadCapKbps = input.uploadCapKbps;
        core.uploadTokens = new TokenBucket(now);
        shrinkToCap(core);
        return;
      case 'setPeersAllowed':
        this.#setPeersAllowed(now, input.allowed);
        return;
      case 'setListenersMax':
        core.listenersMax = input.listenersMax;
        shrinkToListeners(core);
        return;
      case 'retire':
        this.#retire(now);
        return;
      case 'stop':
        this.#stop(now);
        return;
    }
  }

  /** Does whatever is due, after every input. */
  #settle(now: Millis): void {
    const { core } = this;
    if (now >= this.#housekeepingAt) this.#keepHouse(now);
    this.#playout.advance(core, now, this.#edgeFeed.burstPending);
    if (now >= this.#repairs.deadline()) this.#repairs.tick(core, now, this.#playout);
    this.#edgeFeed.tick(core, now, this.#playout, this.#repairs.isTold(core, this.#playout));
    this.#summaries.tick(core, now);
    this.#reporter.tick(core, now, this.#playout);
    this.#noteParents(now);
    this.#settleAt = this.#nextSettling();
  }

  #nextSettling(): number {
    const earliest = Math.min(this.#housekeepingAt, this.#summaries.nextAt, this.#reporter.nextAt);
    return Math.min(earliest, this.#playout.deadline(this.core), this.#edgeFeed.deadline());
  }

  #keepHouse(now: Millis): void {
    const { core } = this;
    this.#housekeepingAt = now + HOUSEKEEPING_INTERVAL_MS;
    if (this.#playout.restartIfFarBehind(core, now))
      this.#edgeFeed.askBurst(core, core.options.playoutDelayMs);
    expireAsking(core, now);
    this.#keeper.tick(core, now);
    this.#maintainParents(now);
    if (core.peersAllowed && !this.#edgeFeed.solo) this.#edgeFeed.noteStarving(core, now);
    this.#keeper.askTracker(core, now, []);
    this.#repairs.tick(core, now, this.#playout);
  }

  #start(now: Millis): void {
    if (this.#phase !== 'idle') return;
    this.#phase = 'running';
    // From now on a stripe without a parent counts as waiting for one.
    for (const stripe of STRIPES) setParent(this.core, stripe, { kind: 'none', since: now, asking: null });
    this.#summaries.nextAt = now;
    this.#reporter.nextAt = millis(now + REPORT_INTERVAL_MS);
    this.#edgeFeed.askBurst(this.core, this.core.options.playoutDelayMs);
    this.#edgeFeed.refresh(this.core, now);
  }

  #join(): void {
    if (this.#phase === 'running') this.#membership.join(this.core);
  }

  #onTracker(now: Millis, message: TrackerMessage): void {
    const { core } = this;
    switch (message.type) {
      case 'welcome':
        this.#membership.onWelcome(core, message);
        this.#reporter.intervalMs = message.reportIntervalMs;
        this.#onIntroduction(now, message);
        return;
      case 'introduce':
        this.#onIntroduction(now, message);
        return;
      case 'seed':
        this.#edgeFeed.onSeed(core, now, message);
        return;
      case 'peerLeft': {
        const peerId = toPeerId(message.peerId);
        if (core.neighbours.get(peerId)?.phase === 'connecting') disconnect(core, now, peerId, 'left');
        return;
      }
      case 'signal':
        this.#introductions.takeFromTracker(core, toPeerId(message.from), message.data);
        return;
      case 'edges':
        // Which edge is asked is the driver's affair.
        return;
    }
  }

  #onIntroduction(now: Millis, message: Extract<TrackerMessage, { type: 'welcome' | 'introduce' }>): void {
    for (const proposal of message.proposals) {
      if (proposal.stripe < STRIPES.length) {
        this.#proposals.set(toStripe(proposal.stripe), proposal.peerIds.map(toPeerId));
      }
    }
    for (const neighbour of message.neighbours) {
      const peerId = toPeerId(neighbour.peerId);
      this.#introductions.metByTracker(peerId);
      connectTo(this.core, now, peerId);
    }
    this.#maintainParents(now);
  }

  /** From time to time, right after a chunk of the stripe: the next one is far off, so none comes twice. */
  #review(now: Millis, stripe: Stripe): void {
    if (now < (this.#reviewAt[stripe] ?? 0)) return;
    this.#reviewAt[stripe] = now + PARENT_REVIEW_INTERVAL_MS * (0.75 + this.core.random() / 2);
    reviewParent(this.core, now, this.#proposals, stripe);
  }

  /** Returns whether the message is dealt with: then nothing but repairs can have changed. */
  #onLinkMessage(now: Millis, peerId: PeerId, data: Uint8Array): boolean {
    const { core } = this;
    const neighbour = core.neighbours.get(peerId);
    if (neighbour === undefined || neighbour.phase === 'connecting') return true;
    const type = onWireMessage(core, now, neighbour, data, this.#repairs, this.#introductions);
    switch (type) {
      case 'have':
      case 'haveOne':
      case 'lack':
        this.#repairs.onNews(core, now, neighbour, this.#playout);
        if (!this.#wantsParent()) return true;
        break;
      case null:
        this.#repairs.forgetPeer(peerId);
        this.#repairs.tick(core, now, this.#playout);
        break;
      case 'hello':
      case 'path':
      case 'refuse':
        break;
      case 'chunk':
      case 'want':
      case 'adopt':
      case 'release':
      case 'ping':
      case 'pong':
      case 'seek':
      case 'introduce':
      case 'signal':
      case 'carried':
        return true;
    }
    this.#maintainParents(now);
    return false;
  }

  /** A stripe has no parent, or an edge in a peer's place. */
  #wantsParent(): boolean {
    return this.core.orphanMask !== NO_STRIPES || this.#edgeFeed.starves;
  }

  #onVerified(now: Millis, ticket: number, genuine: boolean): void {
    const { core } = this;
    const forged = genuine ? undefined : core.pending.find((each) => each.ticket === ticket);
    const settled = settleVerification(core, now, ticket, genuine);
    if (settled === null) {
      if (forged?.origin.from === 'edge') {
        // The driver leaves that edge: another one is asked at once.
        this.#repairs.onForged(forged.chunk.header.epoch, forged.chunk.header.sequence);
        this.#repairs.tick(core, now, this.#playout);
      }
      if (!genuine) this.#maintainParents(now);
      return;
    }
    const { chunk, origin } = settled;
    const { epoch, sequence: number } = chunk.header;
    const wasLate = this.#repairs.onArrived(core, chunk.header, origin);
    if (origin.from === 'edge' && origin.cause === 'repair') {
      // Nobody near us had it: others may be about to ask an edge as well.
      if (wasLate) announceLate(core, epoch, number);
      // An edge has it although no neighbour told of it: others may exist as well, up to the live edge.
      this.#repairs.prove(epoch, core.timeline.liveSequence(now, epoch) ?? sequence(number));
    }
    if (origin.from === 'peer') this.#review(now, chunkStripe(chunk));
    if (origin.from === 'edge' && origin.cause === 'seed')
      this.#edgeFeed.onSeedChunk(core, now, chunkStripe(chunk));
    else if (wasLate) this.#edgeFeed.noteRepaired(core, now, chunkStripe(chunk));
    this.#edgeFeed.noteChunk(core, now, origin.from === 'edge');
    this.#repairs.tick(core, now, this.#playout);
  }

  /** Every stripe without a parent, or with an edge in a peer's place, looks for one. */
  #maintainParents(now: Millis): void {
    const { core } = this;
    if (!core.peersAllowed || this.#edgeFeed.solo || this.#phase !== 'running') return;
    const without: Stripe[] = [];
    for (const stripe of STRIPES) {
      const parent = parentOf(core, stripe);
      const isLeft = parent.kind === 'none' || (parent.kind === 'peer' && parent.leaving);
      const wanting = isLeft || this.#edgeFeed.isStarving(stripe);
      if (wanting && !seekParent(core, now, this.#proposals, stripe)) without.push(stripe);
    }
    this.#edgeFeed.notePeerParents(core, now);
    if (core.neighbours.readyCount > 0) this.#keeper.askTracker(core, now, without);
    this.#introductions.seek(core, now, without);
  }

  /** A stripe that has just got its parent can take children: neighbours should know soon. One without is in a hurry. */
  #noteParents(now: Millis): void {
    const { orphanMask } = this.core;
    if ((this.#orphanMaskBefore & ~orphanMask) !== 0) {
      this.#summaries.nextAt = millis(Math.min(this.#summaries.nextAt, now + SUMMARY_SOON_MS));
    }
    if (orphanMask !== NO_STRIPES)
      this.#housekeepingAt = Math.min(this.#housekeepingAt, now + HOUSEKEEPING_HURRIED_MS);
    this.#orphanMaskBefore = orphanMask;
  }

  #setPeersAllowed(now: Millis, allowed: boolean): void {
    const { core } = this;
    if (allowed === core.peersAllowed) return;
    core.peersAllowed = allowed;
    if (allowed) {
      this.#join();
    } else {
      this.#leaveSwarm(now);
      this.#edgeFeed.forgetSeed();
    }
    this.#edgeFeed.refresh(core, now);
  }

  #retire(now: Millis): void {
    const { core } = this;
    if (core.retiring || this.#phase !== 'running') return;
    core.retiring = true;
    tellTracker(core, { type: 'retire' });
    tellChildrenToLeave(core);
    this.#summaries.nextAt = now;
  }

  #stop(now: Millis): void {
    this.#leaveSwarm(now);
    this.#edgeFeed.stop(this.core);
    this.#phase = 'stopped';
  }

  #leaveSwarm(now: Millis): void {
    const { core } = this;
    this.#membership.leave(core);
    for (const neighbour of core.neighbours.all()) disconnect(core, now, neighbour.peerId, 'leaving');
  }
}

const SUMMARY_SOON_MS = 50;
