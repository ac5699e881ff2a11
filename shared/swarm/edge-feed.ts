import type { SeedOffer, TrackerMessage } from '../tracker/messages.ts';
import { STRIPES } from '../units.ts';
import type { Epoch, Millis, Sequence, Stripe } from '../units.ts';
import { bitOf, hasStripe, NO_STRIPES, stripesIn } from '../stripe-mask.ts';
import type { StripeMask } from '../stripe-mask.ts';
import { emit, parentOf, tellTracker } from './core.ts';
import type { Core } from './core.ts';
import {
  BURST_RETRY_MAX_MS,
  BURST_RETRY_MS,
  EDGE_LEAD_MAX_MS,
  EDGE_LEAD_MIN_MS,
  ISOLATED_AFTER_MS,
  LATE_ORPHANED_MS,
  PROBE_AFTER_MS,
  PROBE_BURST_MS,
  PROBE_GAP_MAX_MS,
  SEED_MISSED_MAX,
  STARVING_AFTER_MS,
  STREAM_RETRY_MAX_MS,
  STREAM_RETRY_MS,
} from './limits.ts';
import { leaveEdge, takeFromEdge } from './parents.ts';
import type { Playout } from './playout.ts';

type SeedMessage = Extract<TrackerMessage, { type: 'seed' }>;

/** What comes straight from an edge: the burst, a seed's stripes, the stream when peers cannot serve, and probes. */
export class EdgeFeed {
  #burst: 'none' | 'under way' | 'wanted' = 'none';
  #burstAt: number = Number.POSITIVE_INFINITY;
  #burstFailures = 0;

  private seed: SeedMessage | null = null;
  #seedTransport: 'opening' | 'open' | 'failed' = 'opening';
  /** Chunks in a row that it did not bring, by stripe. */
  #seedMissed: number[] = [];
  #starving: StripeMask = NO_STRIPES;
  /** What the driver was last told to hold open. */
  #stream: readonly Stripe[] = [];
  #offer: SeedOffer | null = null;
  #streamRetryAt: number = Number.POSITIVE_INFINITY;
  #streamFailures = 0;

  /** Some chunk has come. */
  #hasHeard = false;
  #probeAt: number = Number.POSITIVE_INFINITY;
  /** Sooner, for an ear that would have nothing to hear by then. */
  #hurriedProbeAt: number = Number.POSITIVE_INFINITY;
  #probeLeadMs = EDGE_LEAD_MAX_MS;
  #probes = 0;

  get burstPending(): boolean {
    return this.#burst === 'under way';
  }

  /** True while the tracker says that the swarm is too small to show anybody an address. */
  get solo(): boolean {
    return this.seed?.solo ?? false;
  }

  /** Infinite when there is nothing to wait for. */
  deadline(): number {
    return Math.min(this.#burstAt, this.#streamRetryAt, this.#probeAt, this.#hurriedProbeAt);
  }

  askBurst(core: Core, durationMs: number): void {
    if (this.#burst === 'under way') return;
    this.#burst = 'under way';
    this.#burstAt = Number.POSITIVE_INFINITY;
    emit(core, { type: 'fetchBurst', durationMs });
  }

  onBurstDone(core: Core, now: Millis, ok: boolean, isPlaying: boolean): void {
    this.#burst = 'none';
    this.#burstFailures = ok ? 0 : this.#burstFailures + 1;
    this.#expectNext(core, now);
    if (isPlaying) return;
    // Nothing to play yet: the station may be silent, or the edge away. Ask again, ever more rarely.
    const gap = Math.min(BURST_RETRY_MAX_MS, BURST_RETRY_MS * 2 ** Math.min(8, this.#burstFailures));
    this.#burst = 'wanted';
    this.#burstAt = now + gap * (0.5 + core.random() / 2);
  }

  onSeed(core: Core, now: Millis, message: SeedMessage): void {
    this.seed = message;
    if (message.webrtc?.consumer.id !== this.#offer?.consumer.id) {
      this.#seedTransport = 'opening';
      this.#seedMissed = [];
    }
    this.refresh(core, now);
  }

  onSeedLink(core: Core, now: Millis, state: 'open' | 'failed', reason: string): void {
    if (this.seed?.transport !== 'webrtc') return;
    // Until the tracker has decided anew, the stripes of a failed transport come over HTTP.
    this.#seedTransport = state;
    if (state === 'failed') tellTracker(core, { type: 'seedFailed', reason });
    this.refresh(core, now);
  }

  /** The edge has begun to push a stripe to its seed: only now is the peer let go that served it before. */
  onSeedChunk(core: Core, now: Millis, stripe: Stripe): void {
    this.#seedMissed[stripe] = 0;
    if (this.#seededStripes().has(stripe)) takeFromEdge(core, now, stripe);
  }

  /** A chunk had to be repaired. A transport that leaves out what it should bring is none, whoever's it is. */
  noteRepaired(core: Core, now: Millis, stripe: Stripe): void {
    if (this.#seedTransport !== 'open' || !this.#seededStripes().has(stripe)) return;
    const missed = (this.#seedMissed[stripe] ?? 0) + 1;
    this.#seedMissed[stripe] = missed;
    if (missed >= SEED_MISSED_MAX) this.onSeedLink(core, now, 'failed', 'withheld');
  }

  /** Some stripe comes from an edge only for want of a peer. */
  get starves(): boolean {
    return this.#starving !== NO_STRIPES;
  }

  /** The stripe does. */
  isStarving(stripe: Stripe): boolean {
    return hasStripe(this.#starving, stripe);
  }

  /** A stripe has had no parent for long: it is streamed until it has one. */
  noteStarving(core: Core, now: Millis): void {
    const patienceMs = core.neighbours.readyCount === 0 ? ISOLATED_AFTER_MS : STARVING_AFTER_MS;
    for (const stripe of STRIPES) {
      const parent = parentOf(core, stripe);
      const starves = parent.kind === 'none' && now - parent.since > patienceMs;
      if (starves) this.#starving |= bitOf(stripe);
    }
    this.refresh(core, now);
  }

  /** A peer has become the stripe's parent: the stream is no longer needed for it. */
  notePeerParents(core: Core, now: Millis): void {
    if (this.#starving === NO_STRIPES) return;
    for (const stripe of stripesIn(this.#starving)) {
      if (parentOf(core, stripe).kind === 'peer') this.#starving &= ~bitOf(stripe);
    }
    this.refresh(core, now);
  }

  onStreamClosed(core: Core, now: Millis): void {
    if (this.#stream.length === 0) return;
    this.#streamFailures += 1;
    const gap = Math.min(STREAM_RETRY_MAX_MS, STREAM_RETRY_MS * 2 ** Math.min(6, this.#streamFailures - 1));
    this.#streamRetryAt = now + gap * (0.5 + core.random() / 2);
  }

  /** A chunk that we did not have has come, from wherever. */
  noteChunk(core: Core, now: Millis, fromStream: boolean): void {
    this.#hasHeard = true;
    this.#probes = 0;
    const share = core.random();
    this.#probeAt = now + PROBE_AFTER_MS * (1 + share / 2);
    this.#probeLeadMs = EDGE_LEAD_MIN_MS + share * (EDGE_LEAD_MAX_MS - EDGE_LEAD_MIN_MS);
    if (fromStream) this.#streamFailures = 0;
  }

  /** `isTold`: somebody is known to have the chunk that play-out waits for, which is then a repair. */
  tick(core: Core, now: Millis, playout: Playout, isTold: boolean): void {
    const { cursor } = playout;
    if (now >= this.#burstAt) {
      this.#burstAt = Number.POSITIVE_INFINITY;
      if (cursor === null) this.askBurst(core, core.options.playoutDelayMs);
    }
    if (now >= this.#streamRetryAt) {
      this.#streamRetryAt = Number.POSITIVE_INFINITY;
      this.#openStream(core);
    }
    this.#hurriedProbeAt = isTold ? Number.POSITIVE_INFINITY : this.#untoldUntil(core, playout);
    if (now >= Math.min(this.#probeAt, this.#hurriedProbeAt)) this.#probe(core, now, cursor);
  }

  /**
   * When an edge is asked for the chunk that play-out waits for, although nobody has told of it: an ear close to the
   * live edge, as after a short burst, cannot wait until nothing has come for a second. Infinite once it was asked for.
   */
  #untoldUntil(core: Core, playout: Playout): number {
    const { cursor } = playout;
    if (cursor === null || this.#probes > 0) return Number.POSITIVE_INFINITY;
    const { epoch, sequence: next } = cursor;
    const due = playout.dueAt(core, epoch, next);
    const expected = core.timeline.expectedAt(epoch, next);
    if (due === null || expected === null) return Number.POSITIVE_INFINITY;
    return Math.max(due - this.#probeLeadMs, expected + LATE_ORPHANED_MS);
  }

  /** We have left the swarm: nobody seeds us any more. */
  forgetSeed(): void {
    this.seed = null;
    this.#starving = NO_STRIPES;
  }

  stop(core: Core): void {
    this.forgetSeed();
    this.#burstAt = this.#streamRetryAt = this.#probeAt = Number.POSITIVE_INFINITY;
    if (this.#stream.length > 0) emit(core, { type: 'openStream', stripes: [], cause: 'fallback' });
    if (this.#offer !== null) emit(core, { type: 'seedTransport', offer: null });
    this.#stream = [];
    this.#offer = null;
  }

  /** Brings stream, seed transport and the stripes' parents in line with what is wanted. */
  refresh(core: Core, now: Millis): void {
    const seeded = this.#seededStripes();
    const offer =
      this.seed?.transport === 'webrtc' && this.#seedTransport !== 'failed'
        ? (this.seed.webrtc ?? null)
        : null;
    if (offer?.consumer.id !== this.#offer?.consumer.id) {
      this.#offer = offer;
      emit(core, { type: 'seedTransport', offer });
    }
    for (const stripe of seeded) this.#starving &= ~bitOf(stripe);
    const overHttp = this.#wantedOverHttp(core);
    if (!sameStripes(overHttp, this.#stream)) {
      this.#stream = overHttp;
      this.#streamRetryAt = Number.POSITIVE_INFINITY;
      this.#openStream(core);
    }
    for (const stripe of STRIPES) {
      const wanted = seeded.has(stripe) || overHttp.includes(stripe);
      if (!wanted) leaveEdge(core, now, stripe);
      else if (parentOf(core, stripe).kind === 'none') takeFromEdge(core, now, stripe);
    }
  }

  #seededStripes(): ReadonlySet<Stripe> {
    const { seed } = this;
    if (seed === null || seed.stripes.length === 0) return NOTHING_SEEDED;
    return new Set(STRIPES.filter((stripe) => seed.stripes.includes(stripe)));
  }

  #wantedOverHttp(core: Core): readonly Stripe[] {
    if (!core.peersAllowed) return STRIPES;
    if (this.#starving === NO_STRIPES && (this.seed?.stripes.length ?? 0) === 0) return NOTHING_STREAMED;
    const seededOverHttp = this.seed?.transport === 'http' || this.#seedTransport === 'failed';
    const seeded = this.#seededStripes();
    return STRIPES.filter((stripe) => {
      // What is streamed already goes on until the transport that is to replace it is open.
      const isBridged = this.#seedTransport === 'opening' && this.#stream.includes(stripe);
      return (seeded.has(stripe) && (seededOverHttp || isBridged)) || this.isStarving(stripe);
    });
  }

  #openStream(core: Core): void {
    const isSeed =
      core.peersAllowed && !this.solo && this.#stream.some((stripe) => this.#seededStripes().has(stripe));
    emit(core, { type: 'openStream', stripes: this.#stream, cause: isSeed ? 'seed' : 'fallback' });
  }

  /** Nothing new for a second: either the source is silent, or we are cut off. One small question tells. */
  #probe(
    core: Core,
    now: Millis,
    cursor: { readonly epoch: Epoch; readonly sequence: Sequence } | null,
  ): void {
    this.#probes += 1;
    const gap = Math.min(PROBE_GAP_MAX_MS, PROBE_AFTER_MS * 2 ** this.#probes);
    this.#probeAt = now + gap * (0.5 + core.random() / 2);
    // After two vain questions for the next chunk, the newest one tells whether there is another epoch.
    if (cursor === null || this.#probes > 2) this.askBurst(core, PROBE_BURST_MS);
    else emit(core, { type: 'fetchChunk', epoch: cursor.epoch, sequence: cursor.sequence });
  }

  #expectNext(core: Core, now: Millis): void {
    // A burst that was a probe itself changes nothing: while a source is silent it is asked for ever more rarely.
    if (!this.#hasHeard || this.#probes > 0) return;
    this.#probeAt = Math.min(this.#probeAt, now + PROBE_AFTER_MS * (1 + core.random()));
  }
}

const sameStripes = (left: readonly Stripe[], right: readonly Stripe[]): boolean =>
  left.length === right.length && left.every((stripe, index) => stripe === right[index]);

const NOTHING_SEEDED: ReadonlySet<Stripe> = new Set();
const NOTHING_STREAMED: readonly Stripe[] = [];
