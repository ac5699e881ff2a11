import type { RandomSource } from '../../../shared/units.ts';
import type { LossModel } from './presets.ts';
import { exponential, uniform } from './random.ts';

/** DTLS, SCTP, UDP and IP headers of one packet, and what fits in one, bytes. */
const PACKET_HEADERS = 85;
const PACKET_PAYLOAD = 1_150;

/** On the wire, with the headers of every packet. */
export const bytesOnWire = (length: number): number =>
  length + PACKET_HEADERS * Math.max(1, Math.ceil(length / PACKET_PAYLOAD));

/**
 * One machine's line. What is sent leaves one byte after the other, first in first out; a lost message leaves again
 * later without holding up those behind it (the channels are reliable and unordered).
 */
export class AccessLine {
  readonly uplinkKbps: number;
  readonly downlinkKbps: number;
  readonly #loss: LossModel;
  readonly #random: RandomSource;
  #busyUntil = 0;
  #silentUntil = 0;
  #burstFrom: number;
  #burstUntil: number;

  constructor(uplinkKbps: number, downlinkKbps: number, loss: LossModel, random: RandomSource) {
    this.uplinkKbps = uplinkKbps;
    this.downlinkKbps = downlinkKbps;
    this.#loss = loss;
    this.#random = random;
    this.#burstFrom = exponential(random, loss.betweenBurstsMs);
    this.#burstUntil = this.#burstFrom + exponential(random, loss.burstMs);
  }

  /** Nothing leaves before this. */
  silence(untilMs: number): void {
    this.#silentUntil = Math.max(this.#silentUntil, untilMs);
  }

  /** When the last byte of a message leaves. Control messages of a peer without upload still leave: a trickle. */
  departure(now: number, length: number): number {
    const start = Math.max(now, this.#busyUntil, this.#silentUntil);
    this.#busyUntil = start + (bytesOnWire(length) * 8) / Math.max(this.uplinkKbps, TRICKLE_KBPS);
    return this.#busyUntil;
  }

  /** How long the last line takes to bring a message in, ms. */
  reception(length: number): number {
    return (bytesOnWire(length) * 8) / this.downlinkKbps;
  }

  /** True if a message of so many packets that crosses the line now is hit. */
  isHit(now: number, length: number): boolean {
    if (now > this.#burstUntil) this.#nextBurst(now);
    const inBurst = now >= this.#burstFrom && now <= this.#burstUntil;
    const chance = inBurst ? this.#loss.inBurst : this.#loss.otherwise;
    const draw = this.#random();
    const packets = Math.ceil(length / PACKET_PAYLOAD);
    // Of many packets, one hit is enough; the first test is exact for one packet and spares the power mostly.
    return draw < chance * packets && draw < 1 - (1 - chance) ** packets;
  }

  /** How much later a hit message comes, given the way's round trip, ms. */
  retransmission(roundTripMs: number): number {
    return roundTripMs + uniform(this.#random, this.#loss.retransmitMs);
  }

  #nextBurst(now: number): void {
    while (now > this.#burstUntil) {
      this.#burstFrom = this.#burstUntil + exponential(this.#random, this.#loss.betweenBurstsMs);
      this.#burstUntil = this.#burstFrom + exponential(this.#random, this.#loss.burstMs);
    }
  }
}

/** A phone that gives nothing still sends requests. */
const TRICKLE_KBPS = 256;
