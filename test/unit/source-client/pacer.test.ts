import { describe, expect, it } from 'vitest';
import type { SoundEvent } from '../../../server/ingest/events.ts';
import { AHEAD_MS_MAX, DRIFT_MAX, Pacer, QUEUE_MS_MAX } from '../../../server/source-client/pacer.ts';
import { FakeClock, settled } from '../../support/fake-clock.ts';

const FRAME_MS = 24;
const CONFIG: SoundEvent = {
  type: 'config',
  config: { codec: 'mp3', sampleRateHz: 48_000, channelCount: 2, setup: null },
};
const frame = (): SoundEvent => ({ type: 'frame', frame: { bytes: new Uint8Array(10), sampleCount: 1152 } });

function setUp() {
  const clock = new FakeClock();
  const events: SoundEvent[] = [];
  const pacer = new Pacer(clock, (event) => events.push(event));
  pacer.push(CONFIG);
  return { clock, pacer, events, frameCount: () => events.filter(({ type }) => type === 'frame').length };
}

describe('the pacer', () => {
  it('lets sound in real time through at once', () => {
    const { clock, pacer, frameCount } = setUp();
    for (let count = 1; count <= 1000; count++) {
      pacer.push(frame());
      expect(frameCount()).toBe(count);
      clock.advance(FRAME_MS);
    }
    expect(clock.pending).toBe(0);
  });

  it('lets a first burst through, then real time: ten times as fast gains three seconds, not more', async () => {
    const { clock, pacer, frameCount } = setUp();
    const push = async (): Promise<void> => {
      for (let count = 0; count < 10_000; count++) {
        await pacer.room();
        pacer.push(frame());
      }
    };
    void push();
    const readings: number[] = [];
    for (let second = 0; second <= 60; second++) {
      await settled();
      readings.push(frameCount() * FRAME_MS - second * 1000 * (1 + DRIFT_MAX));
      for (let step = 0; step < 100; step++) {
        clock.advance(10);
        await settled();
      }
    }
    for (const aheadMs of readings) {
      expect(aheadMs).toBeGreaterThan(AHEAD_MS_MAX - FRAME_MS);
      expect(aheadMs).toBeLessThan(AHEAD_MS_MAX + 2 * FRAME_MS);
    }
    pacer.stop();
    expect(clock.pending).toBe(0);
  });

  it('never holds up a sound card that runs a little fast', () => {
    const { clock, pacer, frameCount } = setUp();
    for (let count = 1; count <= 300_000; count++) {
      pacer.push(frame());
      clock.advance(FRAME_MS / (1 + DRIFT_MAX / 2));
    }
    expect(frameCount()).toBe(300_000);
  });

  it('takes no more than it may hold, and tells when there is room', async () => {
    const { clock, pacer } = setUp();
    let isFree = false;
    for (let ms = 0; ms < AHEAD_MS_MAX + QUEUE_MS_MAX + 200; ms += FRAME_MS) pacer.push(frame());
    void pacer.room().then(() => (isFree = true));
    await settled();
    expect(isFree).toBe(false);
    clock.advance(300);
    await settled();
    expect(isFree).toBe(true);
  });

  it('lets through at once what a pause has held up, as long as the pause was', () => {
    const { clock, pacer, frameCount } = setUp();
    pacer.push(frame());
    clock.advance(60_000);
    for (let count = 0; count < 100; count++) pacer.push(frame());
    expect(frameCount()).toBe(101);
  });

  it('keeps titles where they stand between the frames', () => {
    const { clock, pacer, events } = setUp();
    for (let count = 0; count < 200; count++) pacer.push(frame());
    pacer.push({ type: 'title', title: 'Next' });
    pacer.push(frame());
    expect(events.some(({ type }) => type === 'title')).toBe(false);
    clock.advance(60_000);
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['title', 'frame']);
    expect(events).toHaveLength(203);
  });
});
