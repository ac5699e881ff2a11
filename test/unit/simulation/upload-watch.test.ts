import { expect, test } from 'vitest';
import { meanKbps, UploadWatch } from '../../simulation/upload-watch.ts';

const MEASURING_SINCE = 40_000;

/** 100 kbit/s for ten seconds, from `fromMs` on. */
function uploadFrom(fromMs: number): UploadWatch {
  const upload = new UploadWatch(200);
  for (let ms = 0; ms < 10_000; ms += 100) upload.sent(fromMs + ms, 1_250);
  return upload;
}

test('an upload’s mean is of the measured time in which the listener was there', () => {
  const upload = uploadFrom(MEASURING_SINCE);
  const mean = (joinedAt: number, leftAt: number): number | null =>
    meanKbps({ joinedAt, leftAt, upload }, MEASURING_SINCE);
  expect(mean(MEASURING_SINCE, 50_000)).toBe(100);
  // Before measuring began it may have been there for long.
  expect(mean(1_000, 50_000)).toBe(100);
  // It stayed on for as long again.
  expect(mean(1_000, 60_000)).toBe(50);
});

test('whoever left before measuring began has no mean', () => {
  expect(
    meanKbps({ joinedAt: 1_000, leftAt: 39_000, upload: new UploadWatch(200) }, MEASURING_SINCE),
  ).toBeNull();
});

test('a stay of less than ten seconds counts as ten', () => {
  const upload = new UploadWatch(200);
  upload.sent(41_000, 1_250);
  expect(meanKbps({ joinedAt: 41_000, leftAt: 41_001, upload }, MEASURING_SINCE)).toBe(1);
});

test('the busiest ten seconds are found wherever they lie', () => {
  const upload = new UploadWatch(200);
  upload.sent(MEASURING_SINCE, 1_250);
  for (let ms = 0; ms < 10_000; ms += 100) upload.sent(MEASURING_SINCE + 15_000 + ms, 1_250);
  upload.sent(90_000, 1_250);
  expect(upload.busiestKbps).toBe(100);
});
