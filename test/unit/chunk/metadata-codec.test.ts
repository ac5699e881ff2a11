import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeUnsigned, sealChunk } from '../../../shared/chunk/chunk-codec.ts';
import { SIGNATURE_LENGTH } from '../../../shared/chunk/chunk.ts';
import { decodeMetadata, encodeMetadata } from '../../../shared/chunk/metadata-codec.ts';
import { decodeUtf8, encodeUtf8 } from '../../../shared/chunk/utf8.ts';
import { plainFields } from '../../support/arbitrary-chunk.ts';
import { seeded } from '../../support/property.ts';

const carrying = (metadata: Uint8Array) =>
  sealChunk(encodeUnsigned(plainFields, metadata, Uint8Array.of(0)), new Uint8Array(SIGNATURE_LENGTH));

const read = (text: string) => decodeMetadata(carrying(encodeUtf8(text)));

describe('metadata', () => {
  test('comes back as it was', () => {
    const metadata = {
      title: 'Nuit d’été – 夏夜 🌙',
      artist: 'Bénabar',
      album: 'L’été',
      artworkUrl: 'https://radio.example/art/1.jpg',
      show: 'La nuit',
      sampleRateHz: 44_100,
      channelCount: 2,
      setup: 'EhA=',
      after: { epoch: 1_700_000_000_000, sequence: 41 },
    };
    expect(decodeMetadata(carrying(encodeMetadata(metadata)))).toEqual(metadata);
  });

  test('is read from chunks of before, and without the fields that a later version may add', () => {
    expect(read('{"title":"Tide","artist":"Someone"}')).toEqual({ title: 'Tide', artist: 'Someone' });
    expect(read('{"title":"Tide","mood":"calm"}')).toEqual({ title: 'Tide' });
  });

  test('costs no byte where there is nothing to say', () => {
    expect(encodeMetadata({})).toHaveLength(0);
    expect(encodeMetadata({ title: undefined })).toHaveLength(0);
    expect(decodeMetadata(carrying(new Uint8Array(0)))).toBeNull();
  });

  test.each([
    ['not JSON', encodeUtf8('{"title":')],
    ['not an object', encodeUtf8('[1]')],
    ['a wrong type', encodeUtf8('{"title":7}')],
    ['a field over its limit', encodeUtf8(JSON.stringify({ title: 'x'.repeat(1025) }))],
    ['broken UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d)],
    ['deep nesting', encodeUtf8('['.repeat(16_000))],
  ])('is null for %s', (_, octets) => {
    expect(decodeMetadata(carrying(octets))).toBeNull();
  });

  test('throws when a field breaks the schema', () => {
    expect(() => encodeMetadata({ title: 'x'.repeat(1025) })).toThrow('title');
    expect(() => encodeMetadata({ sampleRateHz: 0 })).toThrow(RangeError);
  });
});

describe('the core’s UTF-8', () => {
  test('writes and reads as TextEncoder and a fatal TextDecoder do', () => {
    const encoder = new TextEncoder();
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(encodeUtf8(text)).toEqual(encoder.encode(text));
        expect(decodeUtf8(encodeUtf8(text))).toBe(text.toWellFormed());
      }),
      seeded('UTF-8 round trip'),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (octets) => {
        let expected: string | null;
        try {
          expected = decoder.decode(octets);
        } catch {
          expected = null;
        }
        expect(decodeUtf8(octets)).toBe(expected);
      }),
      seeded('random octets', 2000),
    );
  });
});
