import { expect, test } from 'vitest';
import { PlayClock } from '../../../shared/swarm/play-clock.ts';
import { epoch, micros, millis } from '../../../shared/units.ts';

const FIRST = epoch(1000);
const SECOND = epoch(2000);

function playing(): PlayClock {
  const clock = new PlayClock();
  clock.begin(millis(5000), FIRST, micros(10_000_000));
  return clock;
}

test('media time is heard in step with the clock from where play-out began', () => {
  expect(playing().heardAt(FIRST, 10_500)).toBe(5500);
});

test('the next epoch is laid behind this one, and moves nothing of it', () => {
  const clock = playing();
  clock.append(millis(6000), SECOND, micros(0));
  expect([clock.heardAt(FIRST, 10_500), clock.heardAt(SECOND, 250)]).toEqual([5500, 6250]);
});

test('a shift moves all that is on the line, over the seam', () => {
  const clock = playing();
  clock.append(millis(6000), SECOND, micros(0));
  clock.shift(300);
  expect([clock.heardAt(FIRST, 10_500), clock.heardAt(SECOND, 250)]).toEqual([5800, 6550]);
});

test('a sink that still plays the epoch before aligns both', () => {
  const clock = playing();
  clock.append(millis(6000), SECOND, micros(0));
  clock.align(millis(6000), FIRST, micros(10_500_000));
  expect([clock.heardAt(FIRST, 10_500), clock.heardAt(SECOND, 0)]).toEqual([6000, 6500]);
});

test('an epoch that is not on the line is never heard', () => {
  expect(playing().heardAt(SECOND, 0)).toBeNull();
});
