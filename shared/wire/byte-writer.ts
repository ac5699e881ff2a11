import { UINT48_MAX, writeUint48 } from '../chunk/uint48.ts';
import { STRIPE_COUNT } from '../units.ts';
import type { Stripe } from '../units.ts';

/** Writes fields one after the other into one small piece; a long tail is appended once, at the end. */
export class ByteWriter {
  readonly #fields = new Uint8Array(FIELDS_LENGTH_MAX);
  readonly #view = new DataView(this.#fields.buffer);
  #offset = 1;
  #tail: Uint8Array = new Uint8Array(0);

  constructor(type: number) {
    this.#view.setUint8(0, type);
  }

  uint8(name: string, value: number): void {
    requireUint(name, value, 0xff);
    this.#view.setUint8(this.#offset, value);
    this.#offset += 1;
  }

  uint32(name: string, value: number): void {
    requireUint(name, value, 0xffff_ffff);
    this.#view.setUint32(this.#offset, value);
    this.#offset += 4;
  }

  uint48(name: string, value: number): void {
    requireUint(name, value, UINT48_MAX);
    writeUint48(this.#view, this.#offset, value);
    this.#offset += 6;
  }

  stripe(value: Stripe): void {
    requireUint('stripe', value, STRIPE_COUNT - 1);
    this.uint8('stripe', value);
  }

  /** What follows the fields, to the end of the message. */
  tail(bytes: Uint8Array): void {
    this.#tail = bytes;
  }

  finish(): Uint8Array {
    const whole = new Uint8Array(this.#offset + this.#tail.length);
    whole.set(this.#fields.subarray(0, this.#offset));
    whole.set(this.#tail, this.#offset);
    return whole;
  }
}

/** A `want` of 32 chunks is the longest message without a tail: 1 + 6 + 32 × 4. */
const FIELDS_LENGTH_MAX = 160;

function requireUint(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new RangeError(
    `Cannot write a message's ${name} as an integer from 0 to ${max}: current value is ${value}`,
  );
}
