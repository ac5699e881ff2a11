import type { RandomSource } from '../../../shared/units.ts';
import { SET_UP_ROUND_TRIPS } from '../links-model.ts';
import type { Measures } from '../measures.ts';
import { bytesOnWire } from '../network/access-line.ts';
import { Way } from '../network/machine.ts';
import { canConnect } from '../network/nat.ts';
import type { NetworkPreset } from '../network/presets.ts';
import { uniform } from '../network/random.ts';
import type { VirtualTime } from '../virtual-time.ts';
import type { ComparatorEdge } from './edge.ts';
import type { Listener } from './listener.ts';

/** A chunk's message has a type before the chunk, as in Essaim. */
const MESSAGE_HEADER_LENGTH = 1;
/** Upload may run ahead of the cap's pace by one chunk's time, so that all children are served at once … */
const PACE_BURST_MS = 250;
/** … and is paced a little below the cap, so that with it no ten seconds are above the cap. */
const PACE_SHARE_OF_CAP = 0.97;

/**
 * Data channels between listeners, over the same ways, lines, losses and routers as Essaim's. Kinder than those: that
 * two routers cannot reach each other is known at once, there is no glare, and control waits for no chunk.
 */
export class PeerPaths {
  readonly #time: VirtualTime;
  readonly #preset: NetworkPreset;
  readonly #random: RandomSource;
  readonly #measures: Measures;
  readonly #edge: ComparatorEdge;
  readonly #chunkMessageLength: number;

  constructor(
    time: VirtualTime,
    measures: Measures,
    edge: ComparatorEdge,
    options: { readonly preset: NetworkPreset; readonly random: RandomSource; readonly chunkLength: number },
  ) {
    this.#time = time;
    this.#measures = measures;
    this.#edge = edge;
    this.#preset = options.preset;
    this.#random = options.random;
    this.#chunkMessageLength = options.chunkLength + MESSAGE_HEADER_LENGTH;
  }

  /** What one chunk to one peer takes of a line, bytes. */
  get chunkBytesOnWire(): number {
    return bytesOnWire(this.#chunkMessageLength);
  }

  /** Offer and answer through the tracker, ICE, DTLS, SCTP; then `opened`, if both are still there. */
  connect(one: Listener, other: Listener, opened: (way: Way) => void): void {
    if (!canConnect(one.machine.nat, other.machine.nat)) return;
    const way = new Way(this.#preset, one.machine.place, other.machine.place, this.#random);
    const signallingMs = 2 * (this.#edge.wayTo(one).delayMs + this.#edge.wayTo(other).delayMs);
    const workMs = uniform(this.#random, this.#preset.linkSetUpMs);
    this.#time.after(signallingMs + SET_UP_ROUND_TRIPS * way.roundTripMs + workMs, () => {
      if (one.isPresent && other.isPresent) opened(way);
    });
  }

  /** How long a chunk would wait for the sender's cap, ms. */
  backlogMs(from: Listener): number {
    return Math.max(0, from.paidUntil - this.#time.now - PACE_BURST_MS);
  }

  /** A chunk leaves when the sender's cap allows it. Nobody without a cap above zero may be asked to. */
  sendChunk(from: Listener, to: Listener, way: Way, arrived: () => void): void {
    const { now } = this.#time;
    const paceKbps = from.machine.uploadCapKbps * PACE_SHARE_OF_CAP;
    if (paceKbps <= 0)
      throw new RangeError('Cannot upload as the cap must be above zero: current value is 0');
    const leavesAt = Math.max(now, from.paidUntil - PACE_BURST_MS);
    from.paidUntil = Math.max(from.paidUntil, now) + (this.chunkBytesOnWire * 8) / paceKbps;
    this.#time.at(leavesAt, () => {
      if (!from.isPresent) return;
      if (this.#measures.isMeasuring) from.upload.sent(this.#time.now, this.chunkBytesOnWire);
      this.#travel(from, to, way, this.#chunkMessageLength, true, arrived);
    });
  }

  sendControl(from: Listener, to: Listener, way: Way, length: number, arrived: () => void): void {
    this.#travel(from, to, way, length, false, arrived);
  }

  #travel(
    from: Listener,
    to: Listener,
    way: Way,
    length: number,
    isChunk: boolean,
    arrived: () => void,
  ): void {
    const departure = from.machine.line.departure(this.#time.now, length);
    const arriving = to.machine.line;
    let arrival = departure + way.crossing() + arriving.reception(length);
    if (from.machine.line.isHit(departure, length) || arriving.isHit(arrival, length))
      arrival += arriving.retransmission(way.roundTripMs);
    this.#time.at(arrival, () => {
      if (!to.isPresent) return;
      this.#measures.delivered(length, isChunk);
      arrived();
    });
  }
}
