import { epoch, peerId, sequence, stripe, STRIPE_COUNT, STRIPES } from '../units.ts';
import type { Epoch, PeerId, Sequence, Stripe } from '../units.ts';

/** Why bytes are not a peer message. */
export type WireFaultReason =
  'too-short' | 'too-long' | 'type' | 'flags' | 'stripe' | 'held' | 'order' | 'reason' | 'trailing';

/** Thrown while reading and caught by `decodeWire`: it never leaves the codec. */
export class WireFault extends Error {
  readonly reason: WireFaultReason;
  constructor(reason: WireFaultReason) {
    super(reason);
    this.reason = reason;
  }
}

/** Reads fields one after the other and never past the end. */
export class ByteReader {
  readonly #data: Uint8Array;
  #offset = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  uint8(): number {
    return this.#data[this.#advance(1)] ?? 0;
  }

  uint32(): number {
    return this.#uint(4);
  }

  stripe(): Stripe {
    const value = this.uint8();
    if (value >= STRIPE_COUNT) throw new WireFault('stripe');
    return stripe(value);
  }

  /** One bit per stripe, the lowest for stripe 0. */
  stripes(): Stripe[] {
    const mask = this.uint8();
    if (mask >= 1 << STRIPE_COUNT) throw new WireFault('stripe');
    return STRIPES.filter((number) => (mask & (1 << number)) !== 0);
  }

  peerId(): PeerId {
    return peerId(hexadecimal(this.uint32()) + hexadecimal(this.uint32()));
  }

  /** At least one id to the end. */
  peerIds(max: number): PeerId[] {
    const left = this.#left();
    if (left > max * PEER_ID_LENGTH) throw new WireFault('too-long');
    if (left === 0 || left % PEER_ID_LENGTH !== 0) throw new WireFault('too-short');
    return Array.from({ length: left / PEER_ID_LENGTH }, () => this.peerId());
  }

  epoch(): Epoch {
    return epoch(this.#uint(6));
  }

  sequence(): Sequence {
    return sequence(this.uint32());
  }

  /** All that is left, as a view. */
  rest(min: number, max: number): Uint8Array {
    const left = this.#left();
    if (left < min) throw new WireFault('too-short');
    if (left > max) throw new WireFault('too-long');
    return this.#data.subarray(this.#advance(left));
  }

  /** All that is left, copied. */
  copy(max: number): Uint8Array {
    if (this.#left() > max) throw new WireFault('too-long');
    return this.#data.slice(this.#advance(this.#left()));
  }

  /** Four-byte numbers to the end. */
  uint32s(max: number): number[] {
    const left = this.#left();
    if (left > max * 4) throw new WireFault('too-long');
    if (left % 4 !== 0) throw new WireFault('too-short');
    return Array.from({ length: left / 4 }, () => this.uint32());
  }

  /** At least one sequence to the end, ascending, each once. */
  ascending(max: number): Sequence[] {
    const numbers = this.uint32s(max);
    if (numbers.length === 0) throw new WireFault('too-short');
    if (numbers.some((number, index) => index > 0 && number <= (numbers[index - 1] ?? number))) {
      throw new WireFault('order');
    }
    return numbers.map(sequence);
  }

  end(): void {
    if (this.#left() > 0) throw new WireFault('trailing');
  }

  /** Byte by byte: a DataView for a message of a few bytes costs more than reading it. */
  #uint(length: number): number {
    let at = this.#advance(length);
    let value = 0;
    for (const end = at + length; at < end; at += 1) value = value * 256 + (this.#data[at] ?? 0);
    return value;
  }

  #left(): number {
    return this.#data.length - this.#offset;
  }

  #advance(length: number): number {
    if (this.#left() < length) throw new WireFault('too-short');
    const offset = this.#offset;
    this.#offset += length;
    return offset;
  }
}

const PEER_ID_LENGTH = 8;

const hexadecimal = (value: number): string => value.toString(16).padStart(8, '0');
