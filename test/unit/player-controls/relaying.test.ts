import { expect, test } from 'vitest';
import { QualityChoice } from '../../../client/player-controls/quality-choice.ts';
import { RelayMeter } from '../../../client/player-controls/relay-meter.ts';
import { decideRelaying } from '../../../client/player-controls/relay-policy.ts';
import type { RelayFacts } from '../../../client/player-controls/relay-policy.ts';
import { SleepTimer } from '../../../client/player-controls/sleep-timer.ts';
import type { MountDescription } from '../../../shared/station/description.ts';

const WILLING: RelayFacts = {
  relay: true,
  uploadCapKbps: 500,
  relayOnCellular: false,
  ceilingBytes: 1e9,
  relayedThisMonthBytes: 0,
  connection: { isCellular: false, savesData: false },
};

test('just listening allows no peers, whatever else holds', () => {
  expect(decideRelaying({ ...WILLING, relay: false })).toEqual({
    peersAllowed: false,
    uploadCapKbps: 0,
    rest: null,
  });
});

test('nothing is passed on over a mobile network, with data saver, or past the ceiling, and the reason is told', () => {
  const cellular = { isCellular: true, savesData: false };
  expect(decideRelaying(WILLING)).toEqual({ peersAllowed: true, uploadCapKbps: 500, rest: null });
  expect(decideRelaying({ ...WILLING, connection: cellular })).toMatchObject({
    uploadCapKbps: 0,
    rest: 'cellular',
  });
  expect(decideRelaying({ ...WILLING, connection: cellular, relayOnCellular: true }).rest).toBeNull();
  expect(decideRelaying({ ...WILLING, connection: { isCellular: false, savesData: true } })).toMatchObject({
    uploadCapKbps: 0,
    rest: 'data-saver',
  });
  expect(decideRelaying({ ...WILLING, relayedThisMonthBytes: 1e9 })).toMatchObject({
    uploadCapKbps: 0,
    rest: 'ceiling',
  });
  expect(decideRelaying({ ...WILLING, relayedThisMonthBytes: 1e9, ceilingBytes: null }).rest).toBeNull();
});

test('what was passed on is counted over runs and tabs, and begins anew each month', () => {
  const texts = new Map<string, string>();
  const store = {
    read: (key: string) => texts.get(key) ?? null,
    write: (key: string, text: string) => void texts.set(key, text),
  };
  let today = new Date(2026, 0, 31);
  const one = new RelayMeter(store, () => today);
  const other = new RelayMeter(store, () => today);
  one.count(100);
  other.count(50);
  one.count(130);
  // A new run of the sound counts from nothing.
  one.count(20);
  expect(one.monthBytes).toBe(200);
  today = new Date(2026, 1, 1);
  expect(other.monthBytes).toBe(0);
});

test('two interruptions within a minute lead to the next smaller mount, three quiet minutes back', () => {
  const mounts = [mount('/high', 320), mount('/low', 64), mount('/middle', 128)];
  const choice = new QualityChoice(mounts, false, 0);
  expect(choice.mount?.path).toBe('/high');
  for (const at of [1000, 5000]) {
    choice.onStall(at);
    choice.onPlaying(at + 500);
  }
  expect(choice.review(6000)).toBe(true);
  expect(choice.mount?.path).toBe('/middle');
  expect(choice.review(200_000)).toBe(false);
  expect(choice.review(6000 + 360_000)).toBe(true);
  expect(choice.mount?.path).toBe('/high');
  expect(new QualityChoice(mounts, true, 0).mount?.path).toBe('/low');
});

test('the sleep timer fades the sound out, stops it, and gives the volume back', () => {
  let now = 0;
  const told: string[] = [];
  const timer = new SleepTimer(
    {
      onFade: (factor) => told.push(`fade ${factor}`),
      onEnd: () => told.push('end'),
      onLeft: (minutes) => told.push(`left ${minutes}`),
    },
    () => now,
  );
  timer.set(2);
  now = 110_000;
  timer.tick();
  now = 120_000;
  timer.tick();
  expect(told).toEqual(['fade 1', 'left 2', 'left 1', 'fade 0.5', 'left null', 'end', 'fade 1']);
});

const mount = (path: string, bitrateKbps: number): MountDescription => ({
  id: '0011223344556677',
  path,
  bitrateKbps,
  chunkDurationMs: 250,
  stripeCount: 4,
  codec: null,
  live: null,
  title: '',
  artist: '',
  album: '',
  artworkUrl: '',
  show: '',
});
