import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Packager } from '../../../server/station/packager.ts';
import type { ChunkDraft } from '../../../server/station/packager.ts';
import { titleFrom } from '../../../server/station/title.ts';
import { PAYLOAD_LENGTH_MAX } from '../../../shared/chunk/chunk.ts';
import type { Frame } from '../../../shared/codec/codec.ts';
import { unpackFrames } from '../../../shared/codec/frames.ts';
import { epoch } from '../../../shared/units.ts';
import { MP3_CONFIG, mp3Frame, mp3Frames, OPUS_CONFIG, opusFrame } from '../../support/made-frames.ts';
import { seeded } from '../../support/property.ts';

describe('packager', () => {
  it('puts every frame into chunks once, in order, byte for byte, whatever the frame sizes are', () => {
    const frames = fc.array(
      fc.record({ length: fc.integer({ min: 1, max: 3000 }), ms: fc.constantFrom(2.5, 5, 20, 60) }),
      {
        minLength: 1,
        maxLength: 400,
      },
    );
    fc.assert(
      fc.property(frames, (sizes) => {
        const made = sizes.map(({ length, ms }, index) => ({
          ...opusFrame(index, length),
          sampleCount: ms * 48,
        }));
        const drafts = packageAll(made);
        expect(drafts.flatMap(framesOf)).toEqual(made);
        expect(drafts.map((draft) => draft.sequence)).toEqual(drafts.map((_, index) => index));
      }),
      seeded('packager keeps every frame', 50),
    );
  });

  it('makes chunks of 250 ms on average, none farther off than one frame', () => {
    const drafts = packageAll(mp3Frames(4000), MP3_CONFIG);
    const whole = drafts.slice(0, -1);
    const frameUs = (1152 / 44_100) * 1e6;
    for (const draft of whole) expect(Math.abs(draft.duration - 250_000)).toBeLessThan(frameUs);
    const mean = whole.reduce((sum, draft) => sum + draft.duration, 0) / whole.length;
    expect(Math.abs(mean - 250_000)).toBeLessThan(100);
  });

  it('counts media time in samples, so that a day of frames does not drift by a microsecond', () => {
    const packager = newPackager();
    packager.setConfig(MP3_CONFIG);
    const frame = mp3Frame(0);
    const count = Math.round((86_400 * 44_100) / 1152);
    let last: ChunkDraft | undefined;
    let gapless = true;
    for (let index = 0; index < count; index++)
      for (const draft of packager.addFrame(frame)) {
        if (last !== undefined && last.mediaTime + last.duration !== draft.mediaTime) gapless = false;
        last = draft;
      }
    expect(gapless).toBe(true);
    const [rest] = packager.gap();
    const newest = rest ?? last;
    expect((newest?.mediaTime ?? 0) + (newest?.duration ?? 0)).toBe(
      Math.round((count * 1152 * 1e6) / 44_100),
    );
  });

  it('gives an epoch’s first chunk the discontinuity, the codec’s set-up and the chunk before it', () => {
    const packager = newPackager();
    packager.setConfig(OPUS_CONFIG);
    const first = addAll(packager, opusFrames(30));
    expect(first.map((draft) => draft.discontinuity)).toEqual([true, false]);
    expect(first[0]?.metadata).toEqual({
      sampleRateHz: 48_000,
      channelCount: 2,
      setup: Buffer.from(OPUS_CONFIG.setup ?? []).toString('base64'),
    });
    expect(first[1]?.metadata).toBeNull();
    const [flushed] = packager.gap();
    const [next] = addAll(packager, opusFrames(15));
    expect(next?.discontinuity).toBe(true);
    expect(next?.sequence).toBe(0);
    expect(next?.mediaTime).toBe(0);
    expect(next?.metadata?.after).toEqual({ epoch: flushed?.epoch, sequence: flushed?.sequence });
  });

  it('flushes what it holds at a gap, and begins a greater epoch with the next frame only', () => {
    const packager = newPackager();
    packager.setConfig(MP3_CONFIG);
    expect(addAll(packager, mp3Frames(3))).toEqual([]);
    const flushed = packager.gap();
    expect(flushed.flatMap(framesOf)).toEqual(mp3Frames(3));
    expect(packager.gap()).toEqual([]);
    const [next] = addAll(packager, mp3Frames(12));
    expect(next?.epoch).toBe((flushed[0]?.epoch ?? 0) + 1);
  });

  it('begins a new epoch when the codec’s parameters change, and not when they are only said again', () => {
    const packager = newPackager();
    packager.setConfig(MP3_CONFIG);
    addAll(packager, mp3Frames(3));
    expect(packager.setConfig({ ...MP3_CONFIG })).toEqual([]);
    const [flushed] = packager.setConfig({ ...MP3_CONFIG, sampleRateHz: 48_000 });
    const [next] = addAll(packager, mp3Frames(12));
    expect(next?.epoch).not.toBe(flushed?.epoch);
    expect(next?.metadata?.sampleRateHz).toBe(48_000);
  });

  it('says a title in the chunk in which it changes, and again about every 4 s', () => {
    const packager = newPackager();
    packager.setConfig(MP3_CONFIG);
    const before = addAll(packager, mp3Frames(20));
    packager.setTitle(titleFrom({ title: 'Tide', artist: 'Someone' }));
    const after = addAll(packager, mp3Frames(400, 20));
    expect(before.every((draft) => draft.metadata?.title === undefined)).toBe(true);
    const told = after.filter((draft) => draft.metadata?.title === 'Tide').map((draft) => draft.mediaTime);
    expect(told[0]).toBe(after[0]?.mediaTime);
    expect(told.length).toBeGreaterThan(1);
    for (const [index, time] of told.entries())
      if (index > 0) expect(time - (told[index - 1] ?? 0)).toBeLessThan(4_300_000);
    packager.setTitle(titleFrom({ title: 'Tide', artist: 'Someone' }));
    expect(addAll(packager, mp3Frames(10, 420)).length).toBe(1);
  });

  it('closes a chunk early rather than exceed the payload’s limit', () => {
    const drafts = packageAll(Array.from({ length: 10 }, (_, index) => opusFrame(index, 60_000)));
    expect(drafts.length).toBeGreaterThan(3);
    for (const draft of drafts) expect(draft.payload.length).toBeLessThanOrEqual(PAYLOAD_LENGTH_MAX);
    expect(drafts.flatMap(framesOf)).toHaveLength(10);
  });

  it('treats a frame that fits into no chunk as lost sound', () => {
    const packager = newPackager();
    packager.setConfig(OPUS_CONFIG);
    addAll(packager, opusFrames(3));
    expect(packager.addFrame(opusFrame(9, PAYLOAD_LENGTH_MAX)).flatMap(framesOf)).toHaveLength(3);
    expect(addAll(packager, opusFrames(13))[0]?.discontinuity).toBe(true);
  });

  it('refuses a frame of a codec that nobody named', () => {
    expect(() => newPackager().addFrame(mp3Frame(0))).toThrow('current value is no configuration');
  });
});

function newPackager(): Packager {
  let next = 1000;
  return new Packager(() => epoch(next++));
}

function packageAll(frames: readonly Frame[], config = OPUS_CONFIG): readonly ChunkDraft[] {
  const packager = newPackager();
  packager.setConfig(config);
  return [...addAll(packager, frames), ...packager.gap()];
}

const addAll = (packager: Packager, frames: readonly Frame[]): readonly ChunkDraft[] =>
  frames.flatMap((frame) => packager.addFrame(frame));
const opusFrames = (count: number): readonly Frame[] =>
  Array.from({ length: count }, (_, index) => opusFrame(index));

function framesOf(draft: ChunkDraft): readonly Frame[] {
  const unpacked = unpackFrames(draft.codec, draft.payload);
  if (!unpacked.ok) throw new Error(unpacked.reason);
  return unpacked.frames;
}
