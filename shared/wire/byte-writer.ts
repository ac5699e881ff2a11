import { UINT48_MAX, writeUint48 } from '../chunk/uint48.ts';
import { STRIPE_COUNT } from '../units.ts';
import type { PeerId, Stripe } from '../units.ts';

/** A `want` of 32 chunks is the longest message without a tail: 1 + 6 + 32 × 4. */
const FIELDS_LENGTH_MAX = 160;
/** Where fields are put together, one message at a time: writing never waits, so there is one writer at a time. */
const SCRATCH = new Uint8Array(FIELDS_LENGTH_MAX);
const SCRATCH_VIEW = new DataView(SCRATCH.buffer);
const NO_TAIL = new Uint8Array(0);

/** Writes fields one after the other into one small piece; a long tail is appended once, at the end. */
export class ByteWriter {
  #offset = 1;
  #tail: Uint8Array = NO_TAIL;

  /** Begins a message: one that was begun before and not finished is lost. */
  constructor(type: number) {
    SCRATCH[0] = type;
  }

  uint8(name: string, value: number): void {
    requireUint(name, value, 0xff);
    SCRATCH_VIEW.setUint8(this.#offset, value);
    this.#offset += 1;
  }

  uint32(name: string, value: number): void {
    requireUint(name, value, 0xffff_ffff);
    SCRATCH_VIEW.setUint32(this.#offset, value);
    this.#offset += 4;
  }

  uint48(name: string, value: number): void {
    requireUint(name, value, UINT48_MAX);
    writeUint48(SCRATCH_VIEW, this.#offset, value);
    this.#offset += 6;
  }

  stripe(value: Stripe): void {
    requireUint('stripe', value, STRIPE_COUNT - 1);
    this.uint8('stripe', value);
  }

  /** One bit per stripe, the lowest for stripe 0. */
  stripes(values: readonly Stripe[]): void {
    let mask = 0;
    for (const value of values) {
      requireUint('stripe', value, STRIPE_COUNT - 1);
      mask |= 1 << value;
    }
    this.uint8('stripes', mask);
  }

  peerId(value: PeerId): void {
    this.uint32('peer id', Number.parseInt(value.slice(0, 8), 16));
    this.uint32('peer id', Number.parseInt(value.slice(8), 16));
  }

  /** What follows the fields, to the end of the message. */
  tail(bytes: Uint8Array): void {
    this.#tail = bytes;
  }

  finish(): Uint8Array {
    const whole = new Uint8Array(this.#offset + this.#tail.length);
    for (let index = 0; index < this.#offset; index += 1) whole[index] = SCRATCH[index] ?? 0;
    whole.set(this.#tail, this.#offset);
    return whole;
  }
}

function requireUint(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new RangeError(
    `Cannot write a message's ${name} as an integer from 0 to ${max}: current value is ${value}`,
  );
}
