import { expect, test } from 'vitest';
import { TokenBucket } from '../../../shared/token-bucket.ts';
import { millis } from '../../../shared/units.ts';

const RATE = { perSecond: 10, burst: 3 };

test('so much may come at once, and then as fast as tokens do', () => {
  const bucket = new TokenBucket(millis(0));
  const taken = [0, 0, 0, 0, 99, 100, 100].map((now) => bucket.take(RATE, millis(now)));
  expect(taken).toEqual([true, true, true, false, false, true, false]);
});

test('no more is saved up than may come at once', () => {
  const bucket = new TokenBucket(millis(0));
  expect(bucket.take(RATE, millis(60_000), 4)).toBe(false);
  expect(bucket.take(RATE, millis(60_000), 3)).toBe(true);
});

test('what had to be spent is paid back before anything more is allowed', () => {
  const bucket = new TokenBucket(millis(0));
  bucket.spend(RATE, millis(0), 8);
  expect(bucket.take(RATE, millis(500))).toBe(false);
  expect(bucket.take(RATE, millis(600))).toBe(true);
});
