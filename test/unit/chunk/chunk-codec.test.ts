import { generateKeyPairSync, sign, verify } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeChunk, encodeUnsigned, sealChunk } from '../../../shared/chunk/chunk-codec.ts';
import type { ChunkFields } from '../../../shared/chunk/chunk-codec.ts';
import {
  CHUNK_HEADER_LENGTH,
  CHUNK_LENGTH_MAX,
  metadataPart,
  METADATA_LENGTH_MAX,
  payloadPart,
  PAYLOAD_LENGTH_MAX,
  SIGNATURE_LENGTH,
  signaturePart,
  signedPart,
} from '../../../shared/chunk/chunk.ts';
import type { Chunk } from '../../../shared/chunk/chunk.ts';
import { sequence } from '../../../shared/units.ts';
import { arbitraryFields, arbitraryPayload, plainFields } from '../../support/arbitrary-chunk.ts';
import { seeded } from '../../support/property.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const none = new Uint8Array(0);

function signed(fields: ChunkFields, metadata: Uint8Array, payload: Uint8Array): Chunk {
  const unsigned = encodeUnsigned(fields, metadata, payload);
  return sealChunk(unsigned, sign(null, unsigned, privateKey));
}

function accepted(wire: Uint8Array): boolean {
  const decoded = decodeChunk(wire);
  return decoded.ok && verify(null, signedPart(decoded.chunk), publicKey, signaturePart(decoded.chunk));
}

describe('the chunk codec', () => {
  test('gives back every field, the metadata and the payload', () => {
    fc.assert(
      fc.property(
        arbitraryFields,
        fc.uint8Array({ maxLength: 100 }),
        arbitraryPayload,
        (fields, metadata, payload) => {
          const { wire } = signed(fields, metadata, payload);
          const decoded = decodeChunk(wire);
          if (!decoded.ok) throw new Error(decoded.reason);
          expect(decoded.chunk.header).toEqual({
            ...fields,
            metadataLength: metadata.length,
            payloadLength: payload.length,
          });
          expect(metadataPart(decoded.chunk)).toEqual(metadata);
          expect(payloadPart(decoded.chunk)).toEqual(payload);
          expect(accepted(wire)).toBe(true);
        },
      ),
      seeded('chunk round trip'),
    );
  });

  test('reads a chunk that lies inside a larger buffer, without a copy', () => {
    const { wire } = signed(plainFields, none, Uint8Array.of(1, 2, 3));
    const larger = new Uint8Array(wire.length + 20).fill(0xff);
    larger.set(wire, 9);
    const decoded = decodeChunk(larger.subarray(9, 9 + wire.length));
    if (!decoded.ok) throw new Error(decoded.reason);
    expect(payloadPart(decoded.chunk)).toEqual(Uint8Array.of(1, 2, 3));
    expect(payloadPart(decoded.chunk).buffer).toBe(larger.buffer);
  });

  test('refuses every truncation and every lengthening', () => {
    const { wire } = signed(plainFields, Uint8Array.of(123, 125), new Uint8Array(90).fill(5));
    for (let length = 0; length < wire.length; length += 1) {
      expect(decodeChunk(wire.subarray(0, length)).ok).toBe(false);
    }
    const longer = new Uint8Array(wire.length + 1);
    longer.set(wire);
    expect(decodeChunk(longer)).toEqual({ ok: false, reason: 'length' });
  });

  test('refuses every single bit flip, by its layout or by its signature', () => {
    const { wire } = signed(plainFields, Uint8Array.of(123, 125), new Uint8Array(60).fill(170));
    for (let bit = 0; bit < wire.length * 8; bit += 1) {
      const flipped = wire.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
      expect(accepted(flipped), `bit ${bit}`).toBe(false);
    }
  });

  test('never throws on random bytes, with or without a header that looks right', () => {
    const looksRight = fc.uint8Array({ minLength: CHUNK_HEADER_LENGTH, maxLength: 300 }).map((bytes) => {
      bytes.set([0x45, 0x73, 1, 1 + ((bytes[3] ?? 0) % 5)]);
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), looksRight), (bytes) => {
        expect(accepted(bytes)).toBe(false);
      }),
      seeded('random chunk bytes', 2000),
    );
  });

  test.each([
    ['magic', 0, 0],
    ['version', 2, 2],
    ['codec', 3, 0],
    ['codec', 3, 6],
    ['flags', 4, 0b100],
    ['flags', 4, 0b10],
    ['payload-length', 41, 4],
  ])('names the fault: %s', (reason, offset, value) => {
    const wire = signed(plainFields, none, Uint8Array.of(1)).wire.slice();
    wire[offset] = value;
    expect(decodeChunk(wire)).toEqual({ ok: false, reason });
  });

  test('refuses a metadata flag without metadata, and metadata without its flag', () => {
    const bare = signed(plainFields, none, Uint8Array.of(1)).wire.slice();
    bare[4] = 0b10;
    expect(decodeChunk(bare)).toEqual({ ok: false, reason: 'flags' });
    const texted = signed(plainFields, Uint8Array.of(65), Uint8Array.of(1)).wire.slice();
    texted[4] = 0;
    expect(decodeChunk(texted)).toEqual({ ok: false, reason: 'flags' });
  });

  test('takes the largest chunk and none larger', () => {
    const metadata = new Uint8Array(METADATA_LENGTH_MAX);
    const largest = signed(plainFields, metadata, new Uint8Array(PAYLOAD_LENGTH_MAX));
    expect(largest.wire.length).toBe(CHUNK_LENGTH_MAX);
    expect(decodeChunk(new Uint8Array(CHUNK_LENGTH_MAX + 1))).toEqual({ ok: false, reason: 'too-long' });
    expect(() => encodeUnsigned(plainFields, none, new Uint8Array(PAYLOAD_LENGTH_MAX + 1))).toThrow(
      RangeError,
    );
    expect(() => encodeUnsigned(plainFields, new Uint8Array(METADATA_LENGTH_MAX + 1), none)).toThrow(
      RangeError,
    );
  });

  test('throws before anything is made when a field does not fit its place', () => {
    const payload = Uint8Array.of(1);
    expect(() => encodeUnsigned({ ...plainFields, sequence: sequence(2 ** 32) }, none, payload)).toThrow(
      'Cannot write a chunk',
    );
    expect(() => encodeUnsigned({ ...plainFields, sequence: sequence(-1) }, none, payload)).toThrow(
      RangeError,
    );
    expect(() => encodeUnsigned({ ...plainFields, sequence: sequence(1.5) }, none, payload)).toThrow(
      RangeError,
    );
    expect(() => encodeUnsigned(plainFields, none, none)).toThrow('payload');
    const unsigned = encodeUnsigned(plainFields, none, payload);
    expect(() => sealChunk(unsigned, new Uint8Array(SIGNATURE_LENGTH - 1))).toThrow('signature');
    expect(() => sealChunk(new Uint8Array(80), new Uint8Array(SIGNATURE_LENGTH))).toThrow('magic');
  });
});
