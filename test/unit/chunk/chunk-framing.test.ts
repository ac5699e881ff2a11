import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  FRAME_PREFIX_LENGTH,
  frameChunks,
  framePrefix,
  FrameReader,
  FramingError,
} from '../../../shared/chunk/chunk-framing.ts';
import { CHUNK_LENGTH_MAX } from '../../../shared/chunk/chunk.ts';
import { seeded } from '../../support/property.ts';

describe('stream framing', () => {
  test('gives the same frames however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 12 }),
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 30 }),
        (chunks, cuts) => {
          const stream = frameChunks(chunks);
          const reader = new FrameReader();
          const frames: Uint8Array[] = [];
          let offset = 0;
          for (let turn = 0; offset < stream.length; turn += 1) {
            const length = turn > 200 ? stream.length : (cuts[turn % cuts.length] ?? 1);
            frames.push(...reader.push(stream.subarray(offset, offset + length)));
            offset += length;
          }
          expect(frames).toEqual(chunks);
          expect(reader.pendingLength).toBe(0);
        },
      ),
      seeded('framing'),
    );
  });

  test('takes a stream that comes byte by byte', () => {
    const chunk = new Uint8Array(3000).map((_, index) => index);
    const reader = new FrameReader();
    const frames = [...frameChunks([chunk, chunk])].flatMap((byte) => reader.push(Uint8Array.of(byte)));
    expect(frames).toEqual([chunk, chunk]);
  });

  test('tells a stream that was cut from one that ended', () => {
    const reader = new FrameReader();
    reader.push(frameChunks([new Uint8Array(10)]).subarray(0, 9));
    expect(reader.pendingLength).toBe(5);
  });

  test('holds no more than it was sent, whatever length is claimed', () => {
    const reader = new FrameReader();
    expect(reader.push(framePrefix(CHUNK_LENGTH_MAX))).toEqual([]);
    expect(reader.pendingLength).toBe(0);
  });

  test.each([
    ['frame-empty', 0],
    ['frame-too-long', CHUNK_LENGTH_MAX + 1],
    ['frame-too-long', 0xffff_ffff],
  ])('stops for good at a length that is not allowed: %s', (fault, length) => {
    const prefix = new Uint8Array(FRAME_PREFIX_LENGTH);
    new DataView(prefix.buffer).setUint32(0, length);
    const reader = new FrameReader();
    expect(() => reader.push(prefix)).toThrow(FramingError);
    expect(() => reader.push(frameChunks([Uint8Array.of(1)]))).toThrow(expect.objectContaining({ fault }));
  });

  test('writes no frame that it would not read', () => {
    expect(() => framePrefix(0)).toThrow(RangeError);
    expect(() => frameChunks([new Uint8Array(0)])).toThrow(RangeError);
    expect(() => framePrefix(CHUNK_LENGTH_MAX + 1)).toThrow(RangeError);
  });
});
