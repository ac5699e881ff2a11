import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EpochClock } from '../../../server/station/epoch-clock.ts';
import { unixMillis } from '../../../shared/units.ts';

describe('epoch clock', () => {
  let folder = '';
  let now = 0;
  const warnings: unknown[] = [];
  const clock = (file = join(folder, 'epoch.json')): EpochClock =>
    new EpochClock(
      file,
      () => unixMillis(now),
      (error) => warnings.push(error),
    );

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'essaim-epoch-'));
    now = 1_700_000_000_000;
    warnings.length = 0;
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is the time in milliseconds', () => {
    expect(clock().next()).toBe(now);
    expect(warnings).toEqual([]);
  });

  it('grows strictly within one millisecond, when the clock steps back, and over a restart', () => {
    const first = clock();
    expect([first.next(), first.next()]).toEqual([now, now + 1]);
    now -= 3_600_000;
    expect(first.next()).toBe(1_700_000_000_002);
    expect(clock().next()).toBe(1_700_000_000_003);
    now += 7_200_000;
    expect(clock().next()).toBe(now);
  });

  it('goes on without its file, and says so', () => {
    writeFileSync(join(folder, 'file'), '');
    const lost = clock(join(folder, 'file', 'epoch.json'));
    expect([lost.next(), lost.next()]).toEqual([now, now + 1]);
    expect(warnings.length).toBeGreaterThan(0);
  });

  it('takes a damaged file for none, and says so', () => {
    writeFileSync(join(folder, 'epoch.json'), '{"lastEpoch": "soon"}');
    expect(clock().next()).toBe(now);
    expect(warnings).toHaveLength(1);
  });
});
