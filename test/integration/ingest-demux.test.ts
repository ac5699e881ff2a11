import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CodecName } from '../../shared/codec/codec.ts';
import { anyDemuxer } from '../../server/ingest/demux/any-demuxer.ts';
import type { DemuxEvent } from '../../server/ingest/demux/demuxer.ts';
import { encodeFile, probePackets } from '../support/ffmpeg.ts';
import { seededRandom } from '../support/seeded-random.ts';

const SECONDS = 60;

/** Feeds the file in random cuts, from single bytes to what a socket gives at once. */
function demuxInCuts(file: Uint8Array, seed: number): readonly DemuxEvent[] {
  const random = seededRandom(seed);
  const demuxer = anyDemuxer();
  const events: DemuxEvent[] = [];
  let offset = 0;
  while (offset < file.length) {
    const length = 1 + Math.floor(random() ** 4 * 16_384);
    events.push(...demuxer.push(file.subarray(offset, offset + length)));
    offset += length;
  }
  return [...events, ...demuxer.end()];
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const framesOf = (events: readonly DemuxEvent[]) =>
  events.flatMap((event) => (event.type === 'frame' ? [event.frame] : []));

describe.each<[CodecName, number, number]>([
  ['mp3', 44_100, 2],
  ['mp3', 22_050, 1],
  ['aac', 44_100, 2],
  ['aac', 48_000, 1],
  ['opus', 48_000, 2],
  ['vorbis', 44_100, 2],
  ['flac', 44_100, 2],
])('%s at %i Hz with %i channels', (codec, sampleRateHz, channelCount) => {
  const file = encodeFile({
    codec,
    seconds: SECONDS,
    sampleRateHz,
    channelCount: channelCount === 1 ? 1 : 2,
    extra: ['-metadata', 'title=Évora', '-metadata', 'artist=Cesária'],
  });
  const seed = Number(process.env['FC_SEED'] ?? Date.now() % 1_000_000);
  process.stdout.write(`${codec} in random cuts: seed ${seed}\n`);
  const events = demuxInCuts(file, seed);
  const frames = framesOf(events);

  it('every frame of a 60 s file arrives once, in order, byte for byte, however it was cut up', () => {
    const expected = probePackets(file);
    expect(frames.map(({ bytes }) => sha256(bytes))).toEqual(expected.map((packet) => packet.sha256));
  });

  it("the frames last as long as the file, give or take the encoder's own delay", () => {
    const rate = codec === 'opus' ? 48_000 : sampleRateHz;
    const seconds = frames.reduce((sum, { sampleCount }) => sum + sampleCount, 0) / rate;
    expect(Math.abs(seconds - SECONDS)).toBeLessThan(0.2);
  });

  it('the set-up comes once, before the first frame, and nothing counts as lost', () => {
    const [first] = events.filter(({ type }) => type === 'config' || type === 'frame');
    expect(first).toMatchObject({ type: 'config', config: { codec, channelCount } });
    expect(events.filter(({ type }) => type === 'config')).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'gap')).toEqual([]);
  });

  it('a title in the headers comes before the first frame', () => {
    if (codec === 'mp3' || codec === 'aac') return;
    const title = events.findIndex(({ type }) => type === 'title');
    expect(events[title]).toEqual({ type: 'title', title: 'Évora', artist: 'Cesária' });
    expect(title).toBeLessThan(events.findIndex(({ type }) => type === 'frame'));
  });
});

describe.each<CodecName>(['opus', 'vorbis', 'flac'])('damaged Ogg %s', (codec) => {
  const file = encodeFile({ codec, seconds: 10 });
  const whole = framesOf(demuxInCuts(file, 1));
  const isPage = (at: number): boolean =>
    Buffer.from(file.subarray(at, at + 4)).toString('latin1') === 'OggS';
  const pageOffsets = Array.from(file.keys()).filter(isPage);

  it('garbage between pages costs no sound and is counted to the byte', () => {
    const garbage = new TextEncoder().encode('OggS is not a page, Og neither');
    const parts = pageOffsets.map((start, index) => file.subarray(start, pageOffsets[index + 1]));
    const noisy = Buffer.concat(parts.flatMap((page) => [garbage, page]));
    const events = demuxInCuts(noisy, 2);
    expect(framesOf(events)).toEqual(whole);
    expect(discardedBytes(events)).toBe(garbage.length * parts.length);
    expect(events.some(({ type }) => type === 'gap')).toBe(false);
  });

  it('one flipped bit costs its page, which is reported as one gap', () => {
    const damaged = file.slice();
    const start = pageOffsets[Math.floor(pageOffsets.length / 2)] ?? 0;
    damaged[start + 200] = (damaged[start + 200] ?? 0) ^ 4;
    const events = demuxInCuts(damaged, 3);
    const frames = framesOf(events);
    expect(events.filter(({ type }) => type === 'gap')).toHaveLength(1);
    expect(frames.length).toBeLessThan(whole.length);
    const kept = new Set(frames.map(({ bytes }) => sha256(bytes)));
    const lost = whole.flatMap(({ bytes }, index) => (kept.has(sha256(bytes)) ? [] : [index]));
    expect((lost.at(-1) ?? 0) - (lost[0] ?? 0)).toBe(lost.length - 1);
    expect(frames.length + lost.length).toBe(whole.length);
  });
});

describe.each<CodecName>(['opus', 'vorbis', 'flac'])('chained Ogg %s', (codec) => {
  it('a new title from the same encoder is a title, not a new set-up', () => {
    const files = ['One', 'Two'].map((title) =>
      encodeFile({ codec, seconds: 2, extra: ['-metadata', `title=${title}`] }),
    );
    const events = demuxInCuts(Buffer.concat(files), 4);
    expect(events.filter(({ type }) => type === 'config')).toHaveLength(1);
    expect(events.flatMap((event) => (event.type === 'title' ? [event.title] : []))).toEqual(['One', 'Two']);
    expect(events.some(({ type }) => type === 'gap')).toBe(false);
  });

  it('another number of channels is a new set-up, before the first frame that needs it', () => {
    const stereo = encodeFile({ codec, seconds: 2 });
    const mono = encodeFile({ codec, seconds: 2, channelCount: 1 });
    const events = demuxInCuts(Buffer.concat([stereo, mono]), 5);
    const configs = events.flatMap((event) => (event.type === 'config' ? [event.config.channelCount] : []));
    expect(configs).toEqual([2, 1]);
  });
});

const discardedBytes = (events: readonly DemuxEvent[]): number =>
  events.reduce((sum, event) => sum + (event.type === 'discarded' ? event.byteCount : 0), 0);
