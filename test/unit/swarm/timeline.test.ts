import { expect, test } from 'vitest';
import { Timeline } from '../../../shared/swarm/timeline.ts';
import { epoch, millis, sequence } from '../../../shared/units.ts';
import { CHUNK_MS, UNIX_START_MS, VirtualOrigin } from '../../support/virtual-origin.ts';

const EPOCH = epoch(UNIX_START_MS);
const WAY_MS = 40;

/** `count` chunks, each made when it ends and here a little later. */
function followed(count: number, origin = new VirtualOrigin(48)): Timeline {
  const timeline = new Timeline();
  for (let index = 1; index <= count; index += 1) {
    const made = index * CHUNK_MS;
    // The way is never shorter, and sometimes longer.
    timeline.note(millis(made + WAY_MS + (index % 3) * 100), origin.produce(made).header);
  }
  return timeline;
}

test('a chunk that has not come is expected by those that have, over the shortest way seen', () => {
  const timeline = followed(8);
  expect(timeline.expectedAt(EPOCH, sequence(20))).toBe(21 * CHUNK_MS + WAY_MS);
});

test('the live edge goes on while nothing comes', () => {
  const timeline = followed(8);
  expect(timeline.liveSequence(millis(8 * CHUNK_MS + WAY_MS), EPOCH)).toBe(7);
  expect(timeline.liveSequence(millis(18 * CHUNK_MS + WAY_MS), EPOCH)).toBe(17);
});

test('a source that slips by two seconds is followed, without skipping a number', () => {
  const origin = new VirtualOrigin(48);
  const timeline = followed(8, origin);
  for (let index = 9; index <= 30; index += 1) {
    const made = index * CHUNK_MS + 2000;
    timeline.note(millis(made + WAY_MS), origin.produce(made).header);
  }
  expect(timeline.expectedAt(EPOCH, sequence(40))).toBe(41 * CHUNK_MS + 2000 + WAY_MS);
});

test('of an epoch that has not begun nothing is known', () => {
  const timeline = followed(8);
  const other = epoch(UNIX_START_MS + 1);
  expect(timeline.expectedAt(other, sequence(0))).toBeNull();
  expect(timeline.liveSequence(millis(0), other)).toBeNull();
});
