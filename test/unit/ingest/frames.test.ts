import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CODEC_NAMES } from '../../../shared/codec/codec.ts';
import type { CodecName, Frame } from '../../../shared/codec/codec.ts';
import { FRAMES_PER_PAYLOAD_MAX, packFrames, unpackFrames } from '../../../shared/codec/frames.ts';
import { seeded } from '../../support/property.ts';
import { adtsFrames, mpegFrames } from '../../support/synthetic-sound.ts';

const recordFrames: fc.Arbitrary<readonly Frame[]> = fc.array(
  fc.record({
    bytes: fc.uint8Array({ minLength: 1, maxLength: 400 }),
    sampleCount: fc.integer({ min: 0, max: 65_535 }),
  }),
  { maxLength: 20 },
);
const recordCodec = fc.constantFrom<CodecName>('opus', 'vorbis', 'flac');

const framesOf = (codec: CodecName): readonly Frame[] =>
  (codec === 'mp3' ? mpegFrames(7) : adtsFrames(7)).map((bytes) => {
    return { bytes, sampleCount: codec === 'mp3' ? 1152 : 1024 };
  });

describe('a payload', () => {
  it('gives back the frames of codecs that need records', () => {
    fc.assert(
      fc.property(recordCodec, recordFrames, (codec, frames) => {
        expect(unpackFrames(codec, packFrames(codec, frames))).toEqual({ ok: true, frames });
      }),
      seeded('frames round trip'),
    );
  });

  it.each<CodecName>(['mp3', 'aac'])('of %s is the frames themselves, and gives them back', (codec) => {
    const frames = framesOf(codec);
    const payload = packFrames(codec, frames);
    expect(payload).toEqual(new Uint8Array(Buffer.concat(frames.map(({ bytes }) => bytes))));
    expect(unpackFrames(codec, payload)).toEqual({ ok: true, frames });
  });

  it('cut short anywhere but between frames is refused', () => {
    fc.assert(
      fc.property(recordCodec, recordFrames, fc.nat(), (codec, frames, cut) => {
        const payload = packFrames(codec, frames);
        const bounds = new Set(frames.map((_, index) => packFrames(codec, frames.slice(0, index)).length));
        const length = payload.length === 0 ? 0 : cut % payload.length;
        if (!bounds.has(length) && length > 0)
          expect(unpackFrames(codec, payload.subarray(0, length))).toMatchObject({ ok: false });
      }),
      seeded('frames cut short'),
    );
  });

  it.each<CodecName>(['mp3', 'aac'])('of %s cut short inside a frame is refused', (codec) => {
    const payload = packFrames(codec, framesOf(codec));
    expect(unpackFrames(codec, payload.subarray(0, payload.length - 1))).toEqual({
      ok: false,
      reason: 'frame cut short',
    });
    expect(unpackFrames(codec, payload.subarray(1))).toEqual({ ok: false, reason: 'header invalid' });
  });

  it('of any bytes never throws, and its frames lie within it, in order, without overlap', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CODEC_NAMES), fc.uint8Array({ maxLength: 600 }), (codec, payload) => {
        const result = unpackFrames(codec, payload);
        if (!result.ok) return;
        const sizes = result.frames.reduce((sum, { bytes }) => sum + bytes.length, 0);
        expect(sizes).toBeLessThanOrEqual(payload.length);
        expect(result.frames.every(({ bytes }) => bytes.buffer === payload.buffer)).toBe(true);
      }),
      seeded('frames of any bytes', 2000),
    );
  });

  it('has one spelling: what unpacks packs to the same bytes', () => {
    fc.assert(
      fc.property(recordCodec, fc.uint8Array({ maxLength: 60 }), (codec, payload) => {
        const result = unpackFrames(codec, payload);
        if (result.ok) expect(packFrames(codec, result.frames)).toEqual(payload);
      }),
      seeded('one spelling', 2000),
    );
  });

  it('of too many frames is refused on both sides', () => {
    const frame: Frame = { bytes: Uint8Array.of(1), sampleCount: 0 };
    const frames = Array.from({ length: FRAMES_PER_PAYLOAD_MAX }, () => frame);
    expect(() => packFrames('opus', [...frames, frame])).toThrow(/at most 4096/u);
    const payload = Buffer.concat([packFrames('opus', frames), packFrames('opus', [frame])]);
    expect(unpackFrames('opus', payload)).toEqual({ ok: false, reason: 'too many frames' });
  });

  it('with an empty frame is refused on both sides', () => {
    expect(() => packFrames('opus', [{ bytes: new Uint8Array(0), sampleCount: 1 }])).toThrow(RangeError);
    expect(unpackFrames('opus', Uint8Array.of(1, 0))).toEqual({ ok: false, reason: 'frame empty' });
  });
});
