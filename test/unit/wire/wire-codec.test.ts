import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHUNK_LENGTH_MAX } from '../../../shared/chunk/chunk.ts';
import { epoch, peerId, sequence, stripe, STRIPE_COUNT, STRIPES } from '../../../shared/units.ts';
import {
  INTRODUCED_MAX,
  NO_DEPTH,
  PATH_LENGTH_MAX,
  REFUSAL_REASONS,
  SIGNAL_LENGTH_MAX,
  SUMMARY_SPAN,
  WANT_MAX,
} from '../../../shared/wire/messages.ts';
import type { WireMessage } from '../../../shared/wire/messages.ts';
import { decodeWire, encodeWire, WIRE_MESSAGE_LENGTH_MAX } from '../../../shared/wire/wire-codec.ts';
import { arbitraryEpoch, arbitrarySequence } from '../../support/arbitrary-chunk.ts';
import { seeded } from '../../support/property.ts';

const byte = fc.integer({ min: 0, max: 255 });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const arbitraryStripe = fc.integer({ min: 0, max: STRIPE_COUNT - 1 }).map(stripe);
const sequences = fc
  .uniqueArray(arbitrarySequence, { minLength: 1, maxLength: WANT_MAX })
  .map((numbers) => numbers.toSorted((left, right) => left - right));
const held = fc.uint8Array({ maxLength: SUMMARY_SPAN / 8 }).filter((bits) => bits.at(-1) !== 0);

const arbitraryPeerId = fc
  .uint8Array({ minLength: 8, maxLength: 8 })
  .map((octets) => peerId([...octets].map((octet) => octet.toString(16).padStart(2, '0')).join('')));
const signalData = fc.uint8Array({ minLength: 1, maxLength: 300 });

const arbitraryMessage: fc.Arbitrary<WireMessage> = fc.oneof(
  fc.record({
    type: fc.constant('hello'),
    version: byte,
    acceptsChildren: fc.boolean(),
    primaryStripe: arbitraryStripe,
  }),
  fc.record({
    type: fc.constant('chunk'),
    wire: fc.uint8Array({ minLength: 1, maxLength: 300 }),
  }),
  fc.record({
    type: fc.constant('have'),
    epoch: arbitraryEpoch,
    base: arbitrarySequence,
    held,
    depths: fc.array(byte, { minLength: STRIPE_COUNT, maxLength: STRIPE_COUNT }),
    slotsFree: byte,
  }),
  fc.record({ type: fc.constant('haveOne'), epoch: arbitraryEpoch, sequence: arbitrarySequence }),
  fc.record({ type: fc.constantFrom('want', 'lack'), epoch: arbitraryEpoch, sequences }),
  fc.record({
    type: fc.constant('adopt'),
    stripe: arbitraryStripe,
    epoch: arbitraryEpoch,
    from: arbitrarySequence,
  }),
  fc.record({
    type: fc.constant('path'),
    stripe: arbitraryStripe,
    path: fc.array(uint32, { maxLength: PATH_LENGTH_MAX }),
  }),
  fc.record({
    type: fc.constant('refuse'),
    stripe: arbitraryStripe,
    reason: fc.constantFrom(...REFUSAL_REASONS),
  }),
  fc.record({ type: fc.constant('release'), stripe: arbitraryStripe }),
  fc.record({ type: fc.constantFrom('ping', 'pong'), nonce: uint32 }),
  fc.record({ type: fc.constant('seek'), stripes: fc.subarray([...STRIPES]) }),
  fc.record({
    type: fc.constant('introduce'),
    peerIds: fc.array(arbitraryPeerId, { minLength: 1, maxLength: INTRODUCED_MAX }),
  }),
  fc.record({ type: fc.constant('signal'), to: arbitraryPeerId, data: signalData }),
  fc.record({ type: fc.constant('carried'), from: arbitraryPeerId, data: signalData }),
);

describe('the wire codec', () => {
  test('gives back every message', () => {
    fc.assert(
      fc.property(arbitraryMessage, (message) => {
        expect(decodeWire(encodeWire(message))).toEqual({ ok: true, message });
      }),
      seeded('wire round trip', 1000),
    );
  });

  test('reads random bytes without a throw, and only what it would itself have written', () => {
    const looksRight = fc.tuple(fc.integer({ min: 1, max: 16 }), fc.uint8Array({ maxLength: 60 }));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          looksRight.map(([type, rest]) => Uint8Array.of(type, ...rest)),
        ),
        (bytes) => {
          const decoded = decodeWire(bytes);
          if (decoded.ok) expect(encodeWire(decoded.message)).toEqual(bytes);
        },
      ),
      seeded('random wire bytes', 5000),
    );
  });

  test('refuses every truncation that is not itself a message, and never crashes on a bit flip', () => {
    fc.assert(
      fc.property(arbitraryMessage, fc.nat(), (message, place) => {
        const bytes = encodeWire(message);
        for (let length = 0; length < bytes.length; length += 1) {
          const decoded = decodeWire(bytes.subarray(0, length));
          if (decoded.ok) expect(encodeWire(decoded.message)).toEqual(bytes.subarray(0, length));
        }
        const bit = place % (bytes.length * 8);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
        const decoded = decodeWire(bytes);
        if (decoded.ok) expect(encodeWire(decoded.message)).toEqual(bytes);
      }),
      seeded('wire truncation'),
    );
  });

  test('refuses bytes after a message of fixed length', () => {
    const ping = encodeWire({ type: 'ping', nonce: 1 });
    expect(decodeWire(Uint8Array.of(...ping, 0))).toEqual({ ok: false, reason: 'trailing' });
    const one = encodeWire({ type: 'haveOne', epoch: epoch(1), sequence: sequence(2) });
    expect(decodeWire(Uint8Array.of(...one, 9))).toEqual({ ok: false, reason: 'trailing' });
  });

  test.each([
    ['nothing', [], 'too-short'],
    ['an unknown type', [99], 'type'],
    ['a stripe that is not there', [10, STRIPE_COUNT], 'stripe'],
    ['an unknown refusal', [9, 0, REFUSAL_REASONS.length], 'reason'],
    ['an undefined flag', [1, 1, 2, 0], 'flags'],
    ['an empty chunk', [2], 'too-short'],
    ['a want for nothing', [5, 0, 0, 0, 0, 0, 1], 'too-short'],
    ['a want for the same twice', [5, 0, 0, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 7], 'order'],
    ['a search for a stripe that is not there', [13, 1 << STRIPE_COUNT], 'stripe'],
    ['an introduction of nobody', [14], 'too-short'],
    ['an introduction of half a peer', [14, 1, 2, 3, 4], 'too-short'],
    [
      'an introduction of too many',
      [14, ...Array.from({ length: 8 * (INTRODUCED_MAX + 1) }, () => 1)],
      'too-long',
    ],
    ['a signal that says nothing', [15, 1, 2, 3, 4, 5, 6, 7, 8], 'too-short'],
    ['a carried signal from half a peer', [16, 1, 2, 3], 'too-short'],
    ['a summary that ends in zero', [3, 0, 0, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0, 1, 0], 'held'],
  ])('refuses %s and says why', (_, bytes, reason) => {
    expect(decodeWire(Uint8Array.from(bytes))).toEqual({ ok: false, reason });
  });

  test('refuses more than the limits', () => {
    const header = [5, 0, 0, 0, 0, 0, 1];
    const many = Array.from({ length: WANT_MAX + 1 }, (_, index) => [0, 0, 0, index]).flat();
    expect(decodeWire(Uint8Array.from([...header, ...many]))).toEqual({ ok: false, reason: 'too-long' });
    expect(decodeWire(new Uint8Array(WIRE_MESSAGE_LENGTH_MAX + 1))).toEqual({
      ok: false,
      reason: 'too-long',
    });
    const long = new Uint8Array(9 + SIGNAL_LENGTH_MAX + 1);
    for (const type of [15, 16]) {
      long[0] = type;
      expect(decodeWire(long)).toEqual({ ok: false, reason: 'too-long' });
      expect(decodeWire(long.subarray(0, -1)).ok).toBe(true);
    }
    const chunk = encodeWire({ type: 'chunk', wire: new Uint8Array(CHUNK_LENGTH_MAX) });
    expect(decodeWire(chunk).ok).toBe(true);
  });

  test('is compact: a summary of a full window is 32 bytes, and a chunk costs two', () => {
    const have: WireMessage = {
      type: 'have',
      epoch: epoch(1_700_000_000_000),
      base: sequence(1000),
      held: new Uint8Array(SUMMARY_SPAN / 8).fill(255),
      depths: [1, 2, 3, NO_DEPTH],
      slotsFree: 4,
    };
    expect(encodeWire(have)).toHaveLength(32);
    expect(encodeWire({ ...have, held: new Uint8Array(SUMMARY_SPAN / 8) })).toHaveLength(16);
    expect(encodeWire({ type: 'chunk', wire: new Uint8Array(4000) })).toHaveLength(4001);
  });

  test('names a peer in eight bytes', () => {
    const peerIds = ['0123456789abcdef', 'ffffffff00000000'].map(peerId);
    expect(encodeWire({ type: 'introduce', peerIds })).toEqual(
      Uint8Array.of(14, 1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 255, 255, 255, 255, 0, 0, 0, 0),
    );
    expect(encodeWire({ type: 'seek', stripes: [stripe(0), stripe(3)] })).toEqual(Uint8Array.of(13, 0b1001));
  });

  test('tells a count above 255 as 255, and a want sorted, each number once', () => {
    const full: WireMessage = {
      type: 'have',
      epoch: epoch(1),
      base: sequence(0),
      held: new Uint8Array(0),
      depths: [0, 0, 0, 0],
      slotsFree: 300,
    };
    expect(decodeWire(encodeWire(full))).toMatchObject({ message: { slotsFree: 255 } });
    const want: WireMessage = { type: 'want', epoch: epoch(1), sequences: [9, 3, 9].map(sequence) };
    expect(decodeWire(encodeWire(want))).toMatchObject({ message: { sequences: [3, 9] } });
  });

  test('throws when a field does not fit its place', () => {
    expect(() => encodeWire({ type: 'ping', nonce: -1 })).toThrow('Cannot write');
    expect(() => encodeWire({ type: 'want', epoch: epoch(1), sequences: [] })).toThrow(RangeError);
    expect(() => encodeWire({ type: 'chunk', wire: new Uint8Array(0) })).toThrow(RangeError);
    expect(() => encodeWire({ type: 'introduce', peerIds: [] })).toThrow(RangeError);
    const data = new Uint8Array(SIGNAL_LENGTH_MAX + 1);
    expect(() => encodeWire({ type: 'signal', to: peerId('0123456789abcdef'), data })).toThrow(RangeError);
  });
});
