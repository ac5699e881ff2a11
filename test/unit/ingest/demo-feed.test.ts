import { describe, expect, it } from 'vitest';
import { LATE_MS_MAX, loadDemo, startDemoFeed } from '../../../server/demo/demo-feed.ts';
import { DEMO_TITLES } from '../../../server/demo/demo-titles.ts';
import type { SoundEvent } from '../../../server/ingest/events.ts';
import { millis } from '../../../shared/units.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const FRAME_MS = (1152 * 1000) / 44_100;

function play() {
  const clock = new FakeClock();
  let sleptMs = 0;
  const events: SoundEvent[] = [];
  const feed = startDemoFeed(
    {
      onSound: (event) => events.push(event),
      onReceived: () => undefined,
      onDiscarded: () => undefined,
      onEnd: () => undefined,
    },
    { now: () => millis(clock.now() + sleptMs), after: clock.after },
  );
  const frames = (): readonly Uint8Array[] =>
    events.flatMap((event) => (event.type === 'frame' ? [event.frame.bytes] : []));
  /** Time goes on and no timer runs, as when a machine sleeps. */
  const sleep = (durationMs: number): void => {
    sleptMs += durationMs;
  };
  return { clock, events, feed, frames, sleep };
}

describe('the demo station', () => {
  it('gives its frames at the pace of their sound, without drift, over loops', () => {
    const { clock, frames } = play();
    for (const seconds of [1, 60, 240]) {
      clock.advance(seconds * 1000 - clock.now());
      expect(Math.abs(frames().length * FRAME_MS - seconds * 1000)).toBeLessThanOrEqual(FRAME_MS);
    }
  });

  it('begins again where it ends, byte for byte', () => {
    const { frames: file } = loadDemo();
    const { clock, frames } = play();
    clock.advance(2.5 * file.length * FRAME_MS);
    expect(frames().slice(file.length, 2 * file.length)).toEqual(file.map(({ bytes }) => bytes));
  });

  it('changes its title at each part, every loop', () => {
    const { frames: file } = loadDemo();
    const { clock, events } = play();
    clock.advance(2 * file.length * FRAME_MS - 1);
    const titles = events.flatMap((event) => (event.type === 'title' ? [event.title] : []));
    const names = DEMO_TITLES.map(({ title }) => title);
    expect(titles).toEqual([...names, ...names]);
  });

  it('stands on frames that need no other: no bit reservoir, no Xing frame, one format', () => {
    const { frames, config } = loadDemo();
    expect(config).toEqual({ codec: 'mp3', sampleRateHz: 44_100, channelCount: 2, setup: null });
    // `main_data_begin`, the 9 bits after the header (no checksum), says how far back a frame reaches.
    expect(frames.every(({ bytes }) => bytes[4] === 0 && (bytes[5] ?? 0) < 0x80)).toBe(true);
    expect(frames.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(1_500_000);
  });

  it('after the machine slept goes on from there with a gap, and does not catch up', () => {
    const { clock, events, frames, sleep } = play();
    clock.advance(1000);
    const before = frames().length;
    sleep(60_000);
    clock.advance(100);
    expect(events.filter(({ type }) => type === 'gap')).toHaveLength(1);
    expect(frames().length - before).toBeLessThan(LATE_MS_MAX / FRAME_MS);
  });

  it('stopped is silent', () => {
    const { clock, events, feed } = play();
    clock.advance(1000);
    const count = events.length;
    feed.stop();
    clock.advance(1000);
    expect(events).toHaveLength(count);
  });
});
