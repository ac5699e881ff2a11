import { describe, expect, test } from 'vitest';
import {
  AHEAD_MIN_MS,
  DEAD_BAND_MS,
  NUDGE_EVERY_MS,
  PLAYOUT_IDLE,
  RATE_DEVIATION_MAX,
  RATE_STEP,
  SKIP_BEYOND_MS,
  SLEEP_GAP_MS,
  stepPlayout,
} from '../../../client/playback/playout-controller.ts';
import type { PlayoutState, PlayoutStep } from '../../../client/playback/playout-controller.ts';
import { millis } from '../../../shared/units.ts';

const TARGET_MS = 2500;
const EVERY_MS = 200;

/** An element and a live edge on a made-up clock: what the controller commands is what happens. */
class Bench {
  state: PlayoutState = PLAYOUT_IDLE;
  nowMs = 0;
  position = 0;
  behindMs: number;
  bufferEnd: number;
  rate = 1;
  jumps = 0;
  rateChanges = 0;
  /** Live edge and buffer grow by themselves. */
  feeding = true;
  /** The element plays what it has. */
  sounding = true;
  gapMs: number | null = null;

  constructor(behindMs: number) {
    this.behindMs = behindMs;
    this.bufferEnd = behindMs / 1000;
    this.apply(stepPlayout(this.state, { type: 'start', now: millis(0), position: 0 }, TARGET_MS));
  }

  get aheadMs(): number {
    return (this.bufferEnd - this.position) * 1000;
  }

  run(durationMs: number, everyMs = EVERY_MS): void {
    for (let spent = 0; spent < durationMs; spent += everyMs) this.tick(everyMs);
  }

  tick(elapsedMs: number): void {
    this.nowMs += elapsedMs;
    const played = this.sounding ? Math.min(elapsedMs * this.rate, this.aheadMs) : 0;
    this.position += played / 1000;
    this.behindMs += elapsedMs - played;
    if (this.feeding) this.bufferEnd += elapsedMs / 1000;
    const { position, behindMs: behindLiveMs, aheadMs, gapMs } = this;
    const observation = { now: millis(this.nowMs), position, behindLiveMs, aheadMs, gapMs };
    this.apply(stepPlayout(this.state, { type: 'observe', observation }, TARGET_MS));
  }

  apply({ state, rate, jumpBy }: PlayoutStep): void {
    if (rate !== this.rate) this.rateChanges += 1;
    this.state = state;
    this.rate = rate;
    if (jumpBy === null) return;
    this.jumps += 1;
    this.position += jumpBy;
    this.behindMs -= jumpBy * 1000;
  }
}

describe('the distance from the live edge', () => {
  test.each([TARGET_MS - DEAD_BAND_MS + 10, TARGET_MS, TARGET_MS + DEAD_BAND_MS - 10])(
    'is left alone inside the dead band: %d ms',
    (behindMs) => {
      const bench = new Bench(behindMs);
      bench.run(20_000);
      expect(bench.rate).toBe(1);
      expect(bench.rateChanges).toBe(0);
    },
  );

  test.each([1200, 2000, 3000, 4000, 5400])(
    'is brought from %d ms to the wanted one, and stays there',
    (behindMs) => {
      const bench = new Bench(behindMs);
      bench.run(240_000);
      expect(Math.abs(bench.behindMs - TARGET_MS)).toBeLessThan(DEAD_BAND_MS);
      expect(bench.rate).toBe(1);
      expect(bench.jumps).toBe(0);
      expect(bench.rateChanges).toBeLessThan(12);
    },
  );

  test('is corrected by 3 % at most, in whole steps', () => {
    for (const behindMs of [900, 1700, 2200, 2800, 3300, 5400]) {
      const bench = new Bench(behindMs);
      for (let round = 0; round < 300; round++) {
        bench.tick(EVERY_MS);
        expect(Math.abs(bench.rate - 1)).toBeLessThanOrEqual(RATE_DEVIATION_MAX + 1e-9);
        const steps = (bench.rate - 1) / RATE_STEP;
        expect(steps).toBeCloseTo(Math.round(steps), 6);
      }
    }
  });

  test('does not sway the rate when one measurement is off', () => {
    const bench = new Bench(TARGET_MS);
    bench.run(5000);
    bench.behindMs += 1500;
    bench.tick(EVERY_MS);
    bench.behindMs -= 1500;
    bench.run(2000);
    expect(bench.rateChanges).toBe(0);
  });

  test('is not shortened while little sound is left ahead', () => {
    const bench = new Bench(4000);
    bench.bufferEnd = (AHEAD_MIN_MS - 100) / 1000;
    bench.run(5000);
    expect(bench.rate).toBe(1);
  });

  test('is unknown before the first chunk, and then the rate is 1', () => {
    const step = stepPlayout(
      { phase: 'starting', last: { now: millis(0), position: 0 } },
      {
        type: 'observe',
        observation: { now: millis(10), position: 0, behindLiveMs: null, aheadMs: 0, gapMs: null },
      },
      TARGET_MS,
    );
    expect(step).toMatchObject({ rate: 1, jumpBy: null, state: { phase: 'starting' } });
  });
});

describe('a stall', () => {
  test('is noticed, and over as soon as the element moves again', () => {
    const bench = new Bench(TARGET_MS);
    bench.run(2000);
    expect(bench.state.phase).toBe('playing');
    bench.feeding = false;
    bench.run(4000);
    expect(bench.state.phase).toBe('stalled');
    bench.feeding = true;
    bench.run(1000);
    expect(bench.state.phase).toBe('playing');
  });

  test('with sound ahead ends by a nudge, again and again until it helps', () => {
    const bench = new Bench(TARGET_MS);
    bench.run(1000);
    bench.sounding = false;
    // Only as long as the skip to the live edge does not come first.
    bench.run(2600);
    expect(bench.jumps).toBe(1);
    expect(bench.state.phase).toBe('stalled');
  });

  test('at a hole in the sound ends by jumping it', () => {
    const bench = new Bench(TARGET_MS);
    bench.run(1000);
    bench.sounding = false;
    bench.gapMs = 300;
    const before = bench.position;
    bench.run(800);
    expect(bench.position - before).toBeGreaterThan(0.3);
  });
});

/** Ran dry long ago; the element, like a real one, has not noticed the first second of the backlog yet. */
function comingBack(): Bench {
  const bench = new Bench(TARGET_MS);
  bench.run(2000);
  bench.feeding = false;
  bench.run(TARGET_MS + 6000);
  expect(bench.state.phase).toBe('stalled');
  bench.feeding = true;
  bench.sounding = false;
  bench.bufferEnd += 1;
  bench.tick(EVERY_MS);
  return bench;
}

describe('sound that comes back after a long silence', () => {
  test('is not nudged: the one jump is the one to the live edge, when the rest has come', () => {
    const bench = comingBack();
    expect(bench.jumps).toBe(0);
    bench.bufferEnd += bench.behindMs / 1000 - 1;
    bench.sounding = true;
    bench.run(2000);
    expect(bench.jumps).toBe(1);
    expect(bench.state.phase).toBe('playing');
  });

  test('and does not start by itself is nudged after a while', () => {
    const bench = comingBack();
    bench.run(NUDGE_EVERY_MS - EVERY_MS);
    expect(bench.jumps).toBe(0);
    bench.run(EVERY_MS);
    expect(bench.jumps).toBe(1);
  });
});

describe('a skip forward', () => {
  test('follows a long silence: straight to the wanted distance', () => {
    const bench = new Bench(TARGET_MS);
    bench.run(2000);
    bench.behindMs += SKIP_BEYOND_MS + 1000;
    bench.bufferEnd += (SKIP_BEYOND_MS + 1000) / 1000;
    bench.tick(EVERY_MS);
    expect(bench.jumps).toBe(1);
    expect(Math.abs(bench.behindMs - TARGET_MS)).toBeLessThan(10);
  });

  test('waits for sound to land on', () => {
    const bench = new Bench(TARGET_MS);
    bench.run(2000);
    bench.behindMs += 60_000;
    bench.tick(EVERY_MS);
    expect(bench.jumps).toBe(0);
    bench.bufferEnd += 60;
    bench.tick(EVERY_MS);
    expect(bench.jumps).toBe(1);
    expect(bench.aheadMs).toBeGreaterThanOrEqual(AHEAD_MIN_MS);
  });

  test('happens to a machine that slept, whose state until then says so', () => {
    const bench = new Bench(TARGET_MS);
    bench.run(2000);
    bench.sounding = false;
    bench.feeding = false;
    bench.tick(SLEEP_GAP_MS + 30_000);
    expect(bench.state.phase).toBe('suspended');
    bench.bufferEnd += 35;
    bench.sounding = true;
    bench.run(1000);
    expect(bench.state.phase).toBe('playing');
    expect(Math.abs(bench.behindMs - TARGET_MS)).toBeLessThan(DEAD_BAND_MS);
  });
});

describe('the end', () => {
  test('is final: what is seen later changes nothing', () => {
    const bench = new Bench(9000);
    bench.apply(stepPlayout(bench.state, { type: 'stop' }, TARGET_MS));
    bench.run(5000);
    expect(bench.state).toEqual({ phase: 'ended' });
    expect(bench.jumps).toBe(0);
  });
});
