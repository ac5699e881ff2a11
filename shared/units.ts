/**
 * Branded units and ids. A bare `number` never says whether it is seconds or milliseconds; these do.
 * The functions are the only place where a brand is put on: call them at the boundary, once.
 */
declare const brand: unique symbol;
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Milliseconds: a duration, or an instant on the clock that the driver passes in as `now` (monotonic, any origin). */
export type Millis = Branded<number, 'Millis'>;
/** Milliseconds since the Unix epoch, on the origin's clock. */
export type UnixMillis = Branded<number, 'UnixMillis'>;
/** Microseconds of media time since the start of an epoch, or a media duration. */
export type Micros = Branded<number, 'Micros'>;
/** A count of bytes. */
export type Bytes = Branded<number, 'Bytes'>;
/** Thousands of bits per second. */
export type KilobitsPerSecond = Branded<number, 'KilobitsPerSecond'>;
/** Globally unique id of a peer, chosen by the tracker: 16 lower-case hexadecimal digits. */
export type PeerId = Branded<string, 'PeerId'>;
/** A mount's id: 16 lower-case hexadecimal digits (8 bytes). */
export type MountId = Branded<string, 'MountId'>;
/** One uninterrupted run of a packager: the Unix time in ms at which it began, so a later epoch is greater. */
export type Epoch = Branded<number, 'Epoch'>;
/** A chunk's number in its epoch, from 0. */
export type Sequence = Branded<number, 'Sequence'>;
/** A stripe's number, 0 to STRIPE_COUNT - 1. */
export type Stripe = Branded<number, 'Stripe'>;

export const millis = (value: number): Millis => value as Millis;
export const unixMillis = (value: number): UnixMillis => value as UnixMillis;
export const micros = (value: number): Micros => value as Micros;
export const bytes = (value: number): Bytes => value as Bytes;
export const kilobitsPerSecond = (value: number): KilobitsPerSecond => value as KilobitsPerSecond;
export const epoch = (value: number): Epoch => value as Epoch;
export const sequence = (value: number): Sequence => value as Sequence;
export const stripe = (value: number): Stripe => value as Stripe;

const ID_PATTERN = /^[0-9a-f]{16}$/;

/** @throws RangeError if `value` is not 16 lower-case hexadecimal digits. */
export function peerId(value: string): PeerId {
  if (!ID_PATTERN.test(value))
    throw new RangeError(`Cannot read a peer id as 16 hexadecimal digits: current value is ${value}`);
  return value as PeerId;
}

/** @throws RangeError if `value` is not 16 lower-case hexadecimal digits. */
export function mountId(value: string): MountId {
  if (!ID_PATTERN.test(value))
    throw new RangeError(`Cannot read a mount id as 16 hexadecimal digits: current value is ${value}`);
  return value as MountId;
}

/** One stream is spread over this many stripes, so over this many parents. */
export const STRIPE_COUNT = 4;
export const STRIPES: readonly Stripe[] = Array.from({ length: STRIPE_COUNT }, (_, index) => stripe(index));

/** The stripe that a chunk travels in. */
export const stripeOf = (number: Sequence): Stripe => stripe(number % STRIPE_COUNT);

/** A source of uniform numbers in [0, 1), passed in so that a run can be repeated. */
export type RandomSource = () => number;
