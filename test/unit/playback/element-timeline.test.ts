import { describe, expect, test } from 'vitest';
import { ElementTimeline, TIMELINE_ENTRIES_MAX } from '../../../client/playback/element-timeline.ts';
import type { TimelineEntry } from '../../../client/playback/element-timeline.ts';
import { epoch, micros, sequence, unixMillis } from '../../../shared/units.ts';

const entry = (number: number, start: number, overrides: Partial<TimelineEntry> = {}): TimelineEntry => ({
  start,
  duration: 0.25,
  epoch: epoch(1),
  sequence: sequence(number),
  mediaTime: micros(number * 250_000),
  packagedAt: unixMillis(1000 + number),
  title: null,
  ...overrides,
});

function timelineOf(count: number): ElementTimeline {
  const timeline = new ElementTimeline();
  for (let number = 0; number < count; number++) timeline.add(entry(number, number * 0.25));
  return timeline;
}

describe('the map from element time to chunks', () => {
  test('says which chunk is heard, and where in it', () => {
    const timeline = timelineOf(8);
    expect(timeline.at(0)).toMatchObject({ mediaTime: 0, entry: { sequence: 0 } });
    expect(timeline.at(0.3)).toMatchObject({ mediaTime: 300_000, entry: { sequence: 1 } });
    expect(timeline.at(0.25)?.entry.sequence).toBe(1);
  });

  test('knows nothing before the first chunk, and stays at the end of the last', () => {
    const timeline = new ElementTimeline();
    expect(timeline.at(3)).toBeNull();
    timeline.add(entry(5, 2));
    expect(timeline.at(1.9)).toBeNull();
    expect(timeline.at(99)?.mediaTime).toBe(1_500_000);
  });

  test('follows skipped chunks and new epochs, where media time jumps and element time does not', () => {
    const timeline = new ElementTimeline();
    timeline.add(entry(0, 0));
    timeline.add(entry(7, 0.25));
    timeline.add(entry(0, 0.5, { epoch: epoch(2), mediaTime: micros(0) }));
    expect(timeline.at(0.26)?.mediaTime).toBe(1_760_000);
    expect(timeline.at(0.6)).toMatchObject({ mediaTime: 100_000, entry: { epoch: 2 } });
  });

  test('names each chunk that was passed exactly once, however the looks are spaced', () => {
    const timeline = timelineOf(20);
    const heard: number[] = [];
    let from = -1;
    for (const to of [0, 0.1, 0.26, 0.27, 1.5, 1.5, 3.1, 9]) {
      heard.push(...timeline.passed(from, to).map((passed) => passed.sequence));
      from = to;
    }
    expect(heard).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  test('forgets what was heard, but never the newest', () => {
    const timeline = timelineOf(10);
    timeline.trimBefore(1);
    expect(timeline.at(0.5)).toBeNull();
    expect(timeline.at(1.1)?.entry.sequence).toBe(4);
    timeline.trimBefore(1000);
    expect(timeline.length).toBe(1);
    expect(timeline.newest()?.sequence).toBe(9);
  });

  test('is bounded', () => {
    expect(timelineOf(TIMELINE_ENTRIES_MAX + 50).length).toBe(TIMELINE_ENTRIES_MAX);
  });

  test('refuses a start that goes back', () => {
    const timeline = timelineOf(3);
    expect(() => timeline.add(entry(3, 0.1))).toThrow(/^Cannot add a chunk to the timeline as/);
  });
});
