import { LATE_REASON } from '../tracker/messages.ts';
import { sequence, stripeOf } from '../units.ts';
import type { Epoch, Millis, PeerId, Sequence, Stripe } from '../units.ts';
import type { ChunkHeader } from '../chunk/chunk.ts';
import { NO_DEPTH } from '../wire/messages.ts';
import { hasStripe } from '../stripe-mask.ts';
import { complain, emit, isBeingVerified, latenessOf, parentOf, sendWire, uploadRate } from './core.ts';
import type { Core } from './core.ts';
import type { ChunkOrigin } from './engine-io.ts';
import {
  ANSWER_USUAL_MS,
  EDGE_LEAD_MAX_MS,
  EDGE_LEAD_MIN_MS,
  EDGE_RETRY_MS,
  EDGE_TIMEOUT_MS,
  LATE_MAX_MS,
  LATE_MIN_MS,
  LATE_ORPHANED_MS,
  REPAIR_LEAD_MS,
  REPAIRS_MAX,
  SUSPECT_MAX_MS,
  SUSPECT_MIN_MS,
  WANT_ATTEMPTS_MAX,
  WANT_TIMEOUT_MS,
} from './limits.ts';
import { depthOf, holds, newestHeld } from './neighbours.ts';
import type { Neighbour } from './neighbours.ts';
import { noteMissed } from './parents.ts';
import type { Playout } from './playout.ts';
import { suspectParent } from './suspicion.ts';

/** One chunk that is late: who was asked, and when an edge will be. */
interface Repair {
  readonly sequence: Sequence;
  /** How long before it is due an edge is asked: drawn once, so that a loss is no stampede. */
  readonly edgeLeadMs: number;
  asked: { readonly peerId: PeerId; readonly at: Millis } | null;
  attempts: number;
  readonly refusedBy: Set<PeerId>;
  edgeNotBefore: number;
  /** An edge was asked and has not answered. */
  edgeAskedAt: Millis | null;
  gone: boolean;
  /** The parent that was let go for it. */
  readonly letGo: PeerId | null;
}

/** Pulls late chunks from neighbours that have them, and from an edge when their time is near. */
export class Repairs {
  #epoch: Epoch | null = null;
  readonly #bySequence = new Map<Sequence, Repair>();
  #nextAt = Number.POSITIVE_INFINITY;
  /** Where an edge proved that chunks exist which no neighbour knows of. */
  #provenUpTo = -1;
  /** The newest that a neighbour says it holds. */
  #announcedUpTo = -1;

  /** Chunks being repaired. */
  get size(): number {
    return this.#bySequence.size;
  }

  /** Infinite when there is nothing to wait for. */
  deadline(): number {
    return this.#nextAt;
  }

  /** A neighbour cannot send them: the next one is asked at once. */
  onLack(peerId: PeerId, sequences: readonly Sequence[]): void {
    for (const number of sequences) {
      const repair = this.#bySequence.get(number);
      if (repair?.asked?.peerId !== peerId) continue;
      repair.refusedBy.add(peerId);
      repair.asked = null;
    }
  }

  /** The link is gone, so its answers will not come. */
  forgetPeer(peerId: PeerId): void {
    for (const repair of this.#bySequence.values()) if (repair.asked?.peerId === peerId) repair.asked = null;
  }

  onFetchFailed(now: Millis, epoch: Epoch, number: Sequence, gone: boolean): void {
    const repair = epoch === this.#epoch ? this.#bySequence.get(number) : undefined;
    if (repair === undefined) return;
    repair.edgeAskedAt = null;
    repair.edgeNotBefore = now + EDGE_RETRY_MS;
    repair.gone = gone;
  }

  /** What an edge sent for it was not the station's. */
  onForged(epoch: Epoch, number: Sequence): void {
    const repair = epoch === this.#epoch ? this.#bySequence.get(number) : undefined;
    if (repair !== undefined) repair.edgeAskedAt = null;
  }

  /** True if the chunk was being repaired: it came late. */
  onArrived(core: Core, { epoch, sequence: number }: ChunkHeader, from: ChunkOrigin): boolean {
    const repair = epoch === this.#epoch ? this.#bySequence.get(number) : undefined;
    if (repair === undefined) return false;
    const isFromElsewhere = from.from === 'edge' || from.peerId !== repair.letGo;
    // It was not our own line.
    if (repair.letGo !== null && isFromElsewhere) complain(core, repair.letGo, LATE_REASON, stripeOf(number));
    return this.#bySequence.delete(number);
  }

  /** An edge has this chunk, whatever the neighbours say. */
  prove(epoch: Epoch, number: Sequence): void {
    if (epoch !== this.#epoch) return;
    this.#provenUpTo = Math.max(this.#provenUpTo, number);
  }

  /** A neighbour has told what it holds or lacks: worth a look if it names something new, or something is missing. */
  onNews(core: Core, now: Millis, neighbour: Neighbour, playout: Playout): void {
    const { newest } = neighbour.held;
    const isNews = neighbour.held.epoch !== this.#epoch || newest > this.#announcedUpTo;
    if (isNews) this.#noteAnnounced(core, neighbour);
    if (isNews || this.#bySequence.size > 0) this.tick(core, now, playout);
  }

  #noteAnnounced(core: Core, neighbour: Neighbour): void {
    if (this.#epoch === null) return;
    const announced = newestHeld(neighbour, this.#epoch);
    // What nobody can have yet is not believed.
    if (announced <= (core.store.newest(this.#epoch) ?? 0) + REPAIRS_MAX)
      this.#announcedUpTo = Math.max(this.#announcedUpTo, announced);
  }

  /** The newest chunk that somebody is known to have: repairing what may not exist would be a stampede for nothing. */
  #newestKnown(core: Core, epoch: Epoch): number {
    return Math.max(this.#provenUpTo, this.#announcedUpTo, core.store.newest(epoch) ?? -1);
  }

  /** Somebody is known to have the chunk that play-out waits for. */
  isTold(core: Core, { cursor }: Playout): boolean {
    if (cursor === null) return false;
    const newest =
      cursor.epoch === this.#epoch
        ? this.#newestKnown(core, cursor.epoch)
        : (core.store.newest(cursor.epoch) ?? -1);
    return newest >= cursor.sequence;
  }

  tick(core: Core, now: Millis, playout: Playout): void {
    this.#nextAt = Number.POSITIVE_INFINITY;
    const from = wantedFrom(core, playout);
    if (from === null) return;
    this.#begin(core, from.epoch);
    const newest = Math.min(this.#newestKnown(core, from.epoch), from.sequence + REPAIRS_MAX - 1);
    for (const number of this.#bySequence.keys())
      if (number < from.sequence || number > newest) this.#bySequence.delete(number);
    for (let number: number = from.sequence; number <= newest; number += 1) {
      if (!core.store.has(from.epoch, sequence(number))) this.#pursue(core, now, playout, sequence(number));
    }
  }

  #pursue(core: Core, now: Millis, playout: Playout, number: Sequence): void {
    if (this.#epoch === null || isBeingVerified(core, this.#epoch, number)) return;
    const repair = this.#bySequence.get(number) ?? this.#open(core, now, playout, this.#epoch, number);
    if (repair === null || repair.gone) return;
    this.#suspect(core, now, number);
    this.#askNeighbour(core, now, this.#epoch, repair);
    this.#askEdge(core, now, playout, this.#epoch, repair);
  }

  /** True if the stripe's parent has just been found to be gone. */
  #suspect(core: Core, now: Millis, number: Sequence): boolean {
    const stripe = stripeOf(number);
    const hadParent = parentOf(core, stripe).kind === 'peer';
    const askAgainAt = suspectParent(core, now, stripe);
    if (askAgainAt !== null) this.#wakeAt(askAgainAt);
    return hadParent && parentOf(core, stripe).kind !== 'peer';
  }

  /** A chunk becomes a repair when it is late for its stripe; its parent is held to account then, once. */
  #open(core: Core, now: Millis, playout: Playout, epoch: Epoch, number: Sequence): Repair | null {
    const expected = core.timeline.expectedAt(epoch, number);
    if (expected === null) return null;
    const usual = usualLateness(core, stripeOf(number));
    const suspectAt = expected + clamp(usual, SUSPECT_MIN_MS, SUSPECT_MAX_MS);
    const foundGone = now >= suspectAt && this.#suspect(core, now, number);
    const patienceMs =
      usual === null || foundGone ? LATE_ORPHANED_MS : clamp(usual, LATE_MIN_MS, LATE_MAX_MS);
    // An ear that is close to the live edge cannot wait so long.
    const dueAt = playout.dueAt(core, epoch, number) ?? Number.POSITIVE_INFINITY;
    const lateAt = Math.max(
      expected + LATE_ORPHANED_MS,
      Math.min(expected + patienceMs, dueAt - REPAIR_LEAD_MS),
    );
    if (now < lateAt) {
      this.#wakeAt(now < suspectAt ? Math.min(suspectAt, lateAt) : lateAt);
      return null;
    }
    const repair: Repair = {
      sequence: number,
      edgeLeadMs: EDGE_LEAD_MIN_MS + core.random() * (EDGE_LEAD_MAX_MS - EDGE_LEAD_MIN_MS),
      asked: null,
      attempts: 0,
      refusedBy: new Set(),
      edgeNotBefore: 0,
      edgeAskedAt: null,
      gone: false,
      letGo: noteMissed(core, now, stripeOf(number)),
    };
    this.#bySequence.set(number, repair);
    return repair;
  }

  #askNeighbour(core: Core, now: Millis, epoch: Epoch, repair: Repair): void {
    if (repair.edgeAskedAt !== null || repair.attempts >= WANT_ATTEMPTS_MAX) return;
    if (repair.asked !== null) {
      const expiresAt = repair.asked.at + WANT_TIMEOUT_MS;
      if (now < expiresAt) {
        this.#wakeAt(expiresAt);
        return;
      }
      repair.refusedBy.add(repair.asked.peerId);
      repair.asked = null;
    }
    const chosen = chooseHolder(core, epoch, repair);
    if (chosen === undefined) return;
    repair.asked = { peerId: chosen.peerId, at: now };
    repair.attempts += 1;
    core.counters.repairsAskedOfPeers += 1;
    sendWire(core, chosen, { type: 'want', epoch, sequences: [repair.sequence] });
    this.#wakeAt(now + WANT_TIMEOUT_MS);
  }

  #askEdge(core: Core, now: Millis, playout: Playout, epoch: Epoch, repair: Repair): void {
    if (repair.edgeAskedAt !== null) {
      const expiresAt = repair.edgeAskedAt + EDGE_TIMEOUT_MS;
      if (now < expiresAt) {
        this.#wakeAt(expiresAt);
        return;
      }
      repair.edgeAskedAt = null;
    }
    const due = playout.dueAt(core, epoch, repair.sequence) ?? now + core.options.playoutDelayMs;
    const at = Math.max(
      due - edgeLead(core, repair),
      repair.edgeNotBefore,
      // A neighbour that was just asked gets a moment, as long as there is one.
      Math.min((repair.asked?.at ?? 0) + ANSWER_USUAL_MS, due - EDGE_LEAD_MIN_MS),
    );
    if (now < at) {
      this.#wakeAt(at);
      return;
    }
    repair.edgeAskedAt = now;
    core.counters.repairsAskedOfEdges += 1;
    emit(core, { type: 'fetchChunk', epoch, sequence: repair.sequence });
    this.#wakeAt(now + EDGE_TIMEOUT_MS);
  }

  /** Nothing of another epoch is repaired any more. */
  #begin(core: Core, epoch: Epoch): void {
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#bySequence.clear();
    this.#provenUpTo = -1;
    this.#announcedUpTo = -1;
    for (const neighbour of core.neighbours.all()) this.#noteAnnounced(core, neighbour);
  }

  #wakeAt(at: number): void {
    this.#nextAt = Math.min(this.#nextAt, at);
  }
}

/** A random neighbour that told us it has the chunk; else one that probably has it, as its stripe comes to it. */
function chooseHolder(core: Core, epoch: Epoch, repair: Repair): Neighbour | undefined {
  const stripe = stripeOf(repair.sequence);
  const holders: Neighbour[] = [];
  const likely: Neighbour[] = [];
  for (const neighbour of core.neighbours.all()) {
    if (neighbour.phase !== 'ready' || repair.refusedBy.has(neighbour.peerId)) continue;
    if (holds(neighbour, epoch, repair.sequence)) holders.push(neighbour);
    else if (depthOf(neighbour, stripe) !== NO_DEPTH && !hasStripe(neighbour.childMask, stripe))
      likely.push(neighbour);
  }
  const candidates = holders.length > 0 ? holders : likely;
  return candidates[Math.floor(core.random() * candidates.length)];
}

/** Answers a neighbour's `want` from what we hold and what the upload cap still allows. */
export function answerWant(
  core: Core,
  now: Millis,
  neighbour: Neighbour,
  epoch: Epoch,
  wanted: readonly Sequence[],
): void {
  const lacking: Sequence[] = [];
  for (const number of wanted) {
    const chunk = core.store.get(epoch, number);
    const affordable =
      chunk !== undefined &&
      neighbour.writable &&
      core.uploadTokens.take(uploadRate(core.uploadCapKbps), now, chunk.wire.length);
    if (affordable) sendWire(core, neighbour, { type: 'chunk', wire: chunk.wire });
    else lacking.push(number);
  }
  if (lacking.length > 0) sendWire(core, neighbour, { type: 'lack', epoch, sequences: lacking });
}

/** How long after packaging a chunk of the stripe comes, at the latest, as a rule; null with nobody to push it. */
function usualLateness(core: Core, stripe: Stripe): number | null {
  if (parentOf(core, stripe).kind === 'none') return null;
  const { meanMs, deviationMs } = latenessOf(core, stripe);
  return meanMs + 4 * deviationMs + 100;
}

const clamp = (value: number | null, min: number, max: number): number =>
  Math.max(min, Math.min(max, value ?? min));

/** Nearer to the edge asks earlier: its children then get the chunk by push, and need not ask. */
function edgeLead(core: Core, repair: Repair): number {
  const parent = parentOf(core, stripeOf(repair.sequence));
  // Who has lost its parent is near to nothing, and its neighbours may have what it lacks.
  if (parent.kind === 'none') return repair.edgeLeadMs;
  const depth = parent.kind === 'peer' ? parent.path.length : 0;
  return repair.edgeLeadMs + Math.max(0, 300 - 100 * depth);
}

/** From the play-out cursor on; before sound has started, from the oldest chunk of the newest epoch. */
function wantedFrom(
  core: Core,
  playout: Playout,
): { readonly epoch: Epoch; readonly sequence: Sequence } | null {
  if (playout.cursor !== null) {
    const { epoch, sequence: next } = playout.cursor;
    const following = core.store.epochAfter(epoch);
    const isAtEnd = (core.store.newest(epoch) ?? -1) < next;
    return following !== null && isAtEnd ? { epoch: following, sequence: sequence(0) } : playout.cursor;
  }
  const epoch = core.store.newestEpoch();
  const oldest = epoch === null ? null : core.store.oldest(epoch);
  return epoch === null || oldest === null ? null : { epoch, sequence: oldest };
}
