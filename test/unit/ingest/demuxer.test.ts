import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyDemuxer } from '../../../server/ingest/demux/any-demuxer.ts';
import type { DemuxEvent } from '../../../server/ingest/demux/demuxer.ts';
import { seeded } from '../../support/property.ts';
import {
  adtsFrames,
  concat,
  mpegFrames,
  oggPage,
  opusHead,
  opusTags,
} from '../../support/synthetic-sound.ts';

function demux(bytes: Uint8Array, cuts: readonly number[] = [bytes.length]): readonly DemuxEvent[] {
  const demuxer = anyDemuxer();
  const events: DemuxEvent[] = [];
  let offset = 0;
  for (let turn = 0; offset < bytes.length; turn++) {
    const end = offset + Math.max(1, cuts[turn % cuts.length] ?? 1);
    events.push(...demuxer.push(bytes.subarray(offset, end)));
    offset = end;
  }
  return [...events, ...demuxer.end()];
}

const framesOf = (events: readonly DemuxEvent[]): readonly Uint8Array[] =>
  events.flatMap((event) => (event.type === 'frame' ? [event.frame.bytes] : []));
const gapsOf = (events: readonly DemuxEvent[]): number => events.filter(({ type }) => type === 'gap').length;
const discardedOf = (events: readonly DemuxEvent[]): number =>
  events.reduce((sum, event) => sum + (event.type === 'discarded' ? event.byteCount : 0), 0);

const arbitraryCuts = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 12 });
/** Never looks like a header. */
const arbitraryGarbage = fc.uint8Array({ minLength: 1, maxLength: 900, max: 0xfe });

describe.each([
  ['MP3', mpegFrames(24)],
  ['AAC', adtsFrames(24)],
])('%s', (_name, frames) => {
  it('comes out the same however it is cut up', () => {
    fc.assert(
      fc.property(arbitraryCuts, (cuts) => {
        const events = demux(concat(...frames), cuts);
        expect(framesOf(events)).toEqual(frames);
        expect(gapsOf(events) + discardedOf(events)).toBe(0);
      }),
      seeded('cuts', 50),
    );
  });

  it('garbage before, between and after frames costs no frame and is counted to the byte', () => {
    fc.assert(
      fc.property(arbitraryCuts, arbitraryGarbage, fc.nat({ max: 20 }), (cuts, garbage, at) => {
        const place = at + 3;
        const noisy = concat(garbage, ...frames.slice(0, place), garbage, ...frames.slice(place), garbage);
        const events = demux(noisy, cuts);
        // Fewer than three frames between garbage and garbage are not trusted to be sound.
        const isTrusted = frames.length - place >= 3 || frames.length === place;
        if (isTrusted) expect(framesOf(events)).toEqual(frames);
        if (isTrusted) expect(discardedOf(events)).toBe(3 * garbage.length);
        expect(gapsOf(events)).toBe(0);
      }),
      seeded('garbage', 100),
    );
  });

  it('a frame that is cut short is thrown away, counted and reported as a gap at its place', () => {
    fc.assert(
      fc.property(arbitraryCuts, fc.integer({ min: 1, max: 90 }), (cuts, kept) => {
        const damaged = (frames[10] ?? new Uint8Array(0)).subarray(0, kept);
        const events = demux(concat(...frames.slice(0, 10), damaged, ...frames.slice(11)), cuts);
        expect(framesOf(events)).toEqual(frames.filter((_, index) => index !== 10));
        expect(discardedOf(events)).toBe(kept);
        // Less than a header is not known to have been a frame.
        if (kept >= 7) {
          const gap = events.findIndex(({ type }) => type === 'gap');
          expect(framesOf(events.slice(0, gap))).toHaveLength(10);
        }
      }),
      seeded('cut short', 100),
    );
  });

  it('frames own their memory: a buffer that is used again changes none of them', () => {
    const bytes = Buffer.from(concat(...frames));
    const demuxer = anyDemuxer();
    const events = demuxer.push(bytes);
    bytes.fill(0);
    expect(framesOf([...events, ...demuxer.end()]).slice(0, 20)).toEqual(frames.slice(0, 20));
  });
});

describe('a change of parameters', () => {
  it('stereo to mono is a new set-up; stereo to joint stereo is not', () => {
    const events = demux(
      concat(...mpegFrames(5), ...mpegFrames(5, { joint: true }), ...mpegFrames(5, { mono: true })),
    );
    const configs = events.flatMap((event) => (event.type === 'config' ? [event.config.channelCount] : []));
    expect(configs).toEqual([2, 1]);
    expect(framesOf(events)).toHaveLength(15);
    expect(gapsOf(events)).toBe(0);
  });
});

describe('bytes that are not sound', () => {
  it('an ID3 header that promises 128 MB is just ten bytes of garbage', () => {
    const header = Uint8Array.of(0x49, 0x44, 0x33, 4, 0, 0, 0x40, 0, 0, 0);
    const frames = mpegFrames(6);
    const events = demux(concat(header, ...frames));
    expect(framesOf(events)).toEqual(frames);
    expect(discardedOf(events)).toBe(10);
  });

  it('any bytes at all never throw, and none are counted twice', () => {
    const pieces = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.constant(concat(...mpegFrames(3))),
      fc.constant(concat(...adtsFrames(3))),
      fc
        .record({
          flags: fc.integer({ min: 0, max: 7 }),
          sequence: fc.integer({ min: 0, max: 3 }),
          serial: fc.integer({ min: 1, max: 2 }),
          packets: fc.array(
            fc.oneof(
              fc.uint8Array({ maxLength: 80 }),
              fc.constantFrom(
                opusHead(),
                opusTags('TITLE=x'),
                new TextEncoder().encode('\u0001vorbis\u0003vorbis'),
              ),
            ),
            { maxLength: 4 },
          ),
        })
        .map(oggPage),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), arbitraryCuts, (parts, cuts) => {
        const bytes = concat(...parts);
        const events = demux(bytes, cuts);
        const sound = framesOf(events).reduce((sum, frame) => sum + frame.length, 0);
        expect(sound + discardedOf(events)).toBeLessThanOrEqual(bytes.length);
      }),
      seeded('any bytes', 400),
    );
  });
});

/** An Opus packet of one 20 ms frame. */
const packet = (value: number, length = 40): Uint8Array =>
  new Uint8Array(length).fill(value).fill(0xfc, 0, 1);

const soundPage = (sequence: number): Uint8Array =>
  oggPage({ flags: 0, sequence, packets: [packet(sequence)] });

describe('Ogg pages', () => {
  const headers = [
    oggPage({ flags: 2, sequence: 0, packets: [opusHead()] }),
    oggPage({ flags: 0, sequence: 1, packets: [opusTags('ARTIST=Évora', 'title=Sodade')] }),
  ];

  it('a packet that spans pages comes out whole, once', () => {
    const long = packet(7, 510);
    const events = demux(
      concat(
        ...headers,
        oggPage({ flags: 0, sequence: 2, packets: [packet(1), long.subarray(0, 255)], isOpen: true }),
        oggPage({ flags: 1, sequence: 3, packets: [long.subarray(255), packet(2)] }),
      ),
    );
    expect(framesOf(events)).toEqual([packet(1), long, packet(2)]);
  });

  it('a comment packet longer than a page is a title, not sound', () => {
    const tags = opusTags('TITLE=Sodade', `METADATA_BLOCK_PICTURE=${'A'.repeat(100_000)}`);
    const page = 255 * 255;
    const events = demux(
      concat(
        oggPage({ flags: 2, sequence: 0, packets: [opusHead()] }),
        oggPage({ flags: 0, sequence: 1, packets: [tags.subarray(0, page)], isOpen: true }),
        oggPage({ flags: 1, sequence: 2, packets: [tags.subarray(page)] }),
        oggPage({ flags: 0, sequence: 3, packets: [packet(1)] }),
      ),
      [1400],
    );
    expect(events.map(({ type }) => type)).toEqual(['config', 'title', 'frame']);
  });

  it('joining in mid-stream, as Icecast lets one, is no gap; a page that is missing later is', () => {
    const events = demux(concat(...headers, soundPage(900), soundPage(901), soundPage(903)));
    expect(events.map(({ type }) => type)).toEqual(['config', 'title', 'frame', 'frame', 'gap', 'frame']);
  });

  it('the rest of a packet whose beginning was missed is thrown away without a gap', () => {
    const events = demux(
      concat(...headers, oggPage({ flags: 1, sequence: 9, packets: [packet(1), packet(2)] })),
    );
    expect(framesOf(events)).toEqual([packet(2)]);
    expect(gapsOf(events)).toBe(0);
    expect(discardedOf(events)).toBe(40);
  });

  it('a second logical stream beside the first is passed over', () => {
    const events = demux(
      concat(
        oggPage({ flags: 2, sequence: 0, packets: [opusHead()] }),
        oggPage({ flags: 2, sequence: 0, serial: 2, packets: [opusHead(1)] }),
        oggPage({ flags: 0, sequence: 1, packets: [opusTags()] }),
        oggPage({ flags: 0, sequence: 1, serial: 2, packets: [opusTags()] }),
        oggPage({ flags: 0, sequence: 2, packets: [packet(1)] }),
        oggPage({ flags: 0, sequence: 2, serial: 2, packets: [packet(2)] }),
      ),
    );
    expect(framesOf(events)).toEqual([packet(1)]);
  });
});
