import { describe, expect, it } from 'vitest';
import type { IngestEvent, SoundEvent } from '../../../server/ingest/events.ts';
import { LIVE_SOUND_MS, Takeover } from '../../../server/ingest/takeover.ts';

const config = (sampleRateHz: number): SoundEvent => ({
  type: 'config',
  config: { codec: 'mp3', sampleRateHz, channelCount: 2, setup: null },
});
const frame = (mark: number): SoundEvent => ({
  type: 'frame',
  frame: { bytes: Uint8Array.of(mark), sampleCount: 1152 },
});
const title = (text: string): SoundEvent => ({ type: 'title', title: text });
/** At 48 kHz, 24 ms each. */
const FRAMES_TO_AIR = Math.ceil(LIVE_SOUND_MS / 24);

function setUp() {
  const events: IngestEvent[] = [];
  const takeover = new Takeover((event) => events.push(event));
  const marks = (): readonly number[] =>
    events.flatMap((event) => (event.type === 'frame' ? [event.frame.bytes[0] ?? -1] : []));
  const sinceLastFrame = (mark: number): readonly string[] => {
    const last = events.findLastIndex((event) => event.type === 'frame' && event.frame.bytes[0] === mark);
    return events
      .slice(last + 1)
      .map((event) => (event.type === 'state' ? `${event.type}:${event.state}` : event.type));
  };
  const pull = (mark: number): void => {
    takeover.pulled({ type: 'state', state: 'live', source: 'http://pulled' });
    takeover.pulled(config(44_100));
    takeover.pulled(title('pulled'));
    takeover.pulled(frame(mark));
  };
  return { takeover, events, marks, sinceLastFrame, pull };
}

describe('a source client on a mount that is pulled', () => {
  it('takes over when it has given half a second of sound, which is heard from its first frame, as a new epoch', () => {
    const { takeover, events, marks, sinceLastFrame, pull } = setUp();
    pull(1);
    const live = takeover.beginLive('DJ');
    live.take(config(48_000));
    live.take(title('live'));
    for (let count = 1; count < FRAMES_TO_AIR; count++) {
      live.take(frame(2));
      takeover.pulled(frame(1));
    }
    expect(live.isOnAir).toBe(false);
    expect(marks()).not.toContain(2);
    live.take(frame(2));
    takeover.pulled(frame(1));
    takeover.pulled(title('pulled, next'));
    expect(live.isOnAir).toBe(true);
    expect(sinceLastFrame(1).slice(0, 5)).toEqual(['gap', 'state:live', 'config', 'title', 'frame']);
    expect(marks().filter((mark) => mark === 2)).toHaveLength(FRAMES_TO_AIR);
    expect(marks().at(-1)).toBe(2);
    expect(events.findLast(({ type }) => type === 'title')).toEqual(title('live'));
  });

  it('hands back with the next frame when it leaves, with what the pulled source is and plays by then', () => {
    const { takeover, events, sinceLastFrame, pull } = setUp();
    pull(1);
    const live = takeover.beginLive('DJ');
    live.take(config(48_000));
    for (let count = 0; count < FRAMES_TO_AIR; count++) live.take(frame(2));
    takeover.pulled(title('pulled, next'));
    takeover.pulled({ type: 'state', state: 'failed', source: 'http://pulled', detail: 'lost' });
    takeover.pulled({ type: 'state', state: 'live', source: 'http://fallback' });
    live.end('gone');
    expect(live.isOnAir).toBe(false);
    expect(sinceLastFrame(2)).toEqual(['gap', 'state:live', 'config', 'title']);
    expect(events.at(-1)).toEqual(title('pulled, next'));
    expect(events.findLast(({ type }) => type === 'state')).toMatchObject({ source: 'http://fallback' });
    takeover.pulled(frame(3));
    expect(sinceLastFrame(2).at(-1)).toBe('frame');
  });

  it('that sends nothing for a while gives way to the pulled source’s next frame, and comes back when it sends', () => {
    const { takeover, marks, sinceLastFrame, pull } = setUp();
    pull(1);
    const live = takeover.beginLive('DJ');
    live.take(config(48_000));
    for (let count = 0; count < FRAMES_TO_AIR; count++) live.take(frame(2));
    live.stall();
    expect(live.isOnAir).toBe(true);
    takeover.pulled(frame(3));
    expect(live.isOnAir).toBe(false);
    expect(marks().at(-1)).toBe(3);
    for (let count = 0; count < FRAMES_TO_AIR; count++) live.take(frame(4));
    expect(live.isOnAir).toBe(true);
    expect(sinceLastFrame(3).slice(0, 3)).toEqual(['gap', 'state:live', 'config']);
    expect(marks().filter((mark) => mark === 4)).toHaveLength(FRAMES_TO_AIR);
  });

  it('that sends again before the pulled source had a frame was never away', () => {
    const { takeover, events } = setUp();
    const live = takeover.beginLive('DJ');
    live.take(config(48_000));
    for (let count = 0; count < FRAMES_TO_AIR; count++) live.take(frame(2));
    live.stall();
    live.take(frame(2));
    takeover.pulled(frame(1));
    expect(live.isOnAir).toBe(true);
    expect(events.filter(({ type }) => type === 'gap')).toHaveLength(0);
  });

  it('that leaves before it was heard changes nothing', () => {
    const { takeover, events, pull } = setUp();
    pull(1);
    const live = takeover.beginLive('DJ');
    live.take(config(48_000));
    live.take(frame(2));
    const before = events.length;
    live.end('wrong window');
    expect(events).toHaveLength(before);
    takeover.pulled(frame(1));
    expect(events.at(-1)).toEqual(frame(1));
  });

  it('starts anew with what it was before a change of codec or a gap', () => {
    const { takeover, marks } = setUp();
    const live = takeover.beginLive('DJ');
    live.take(config(48_000));
    for (let count = 1; count < FRAMES_TO_AIR; count++) live.take(frame(2));
    live.take(config(24_000));
    for (let count = 0; count < FRAMES_TO_AIR; count++) live.take(frame(3));
    expect(new Set(marks())).toEqual(new Set([3]));
  });
});

describe('a mount that only source clients feed', () => {
  it('waits for one, hears it, and waits again', () => {
    const { takeover, events } = setUp();
    takeover.waitForLive();
    expect(events.at(-1)).toMatchObject({ type: 'state', state: 'waiting', detail: 'none is connected' });
    const live = takeover.beginLive('DJ');
    live.take(config(48_000));
    for (let count = 0; count < FRAMES_TO_AIR; count++) live.take(frame(2));
    expect(events.findLast(({ type }) => type === 'state')).toMatchObject({ state: 'live', source: 'DJ' });
    live.end('gone');
    expect(events.findLast(({ type }) => type === 'state')).toMatchObject({ state: 'waiting' });
    expect(takeover.hasPulledSound).toBe(false);
  });
});
