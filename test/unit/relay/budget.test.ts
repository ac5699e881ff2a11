import { describe, expect, it } from 'vitest';
import { addUsage, decide, NO_USAGE } from '../../../server/relay/budget.ts';
import type { BudgetLimits, Usage } from '../../../server/relay/budget.ts';
import { localTimeIn } from '../../../server/relay/local-time.ts';
import { isOpen, scheduleOf } from '../../../server/relay/schedule.ts';

const paris = localTimeIn('Europe/Paris');
const at = (text: string) => paris(Date.parse(text));
const limits = (changes: Partial<BudgetLimits> = {}): BudgetLimits => ({
  uploadKbps: 8_000,
  monthlyBytes: null,
  schedule: null,
  ...changes,
});

const used = (month: string, day: string, monthBytes: number, dayBytes: number): Usage => ({
  month,
  monthBytes,
  day,
  dayBytes,
  totalBytes: 1_000,
});

describe('a schedule', () => {
  it('is open from its first minute until the last one before its end', () => {
    const schedule = scheduleOf('08:00-23:00');
    const open = ['07:59', '08:00', '22:59', '23:00'].map((time) => {
      const [hours = 0, minutes = 0] = time.split(':').map(Number);
      return isOpen(schedule, hours * 60 + minutes);
    });
    expect(open).toEqual([false, true, true, false]);
  });

  it('may go over midnight', () => {
    const schedule = scheduleOf('22:30-6:00');
    expect([22 * 60 + 29, 22 * 60 + 30, 0, 359, 360].map((minute) => isOpen(schedule, minute))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
    expect(isOpen(scheduleOf('20:00-24:00'), 1_439)).toBe(true);
    expect(isOpen(scheduleOf('20:00-24:00'), 0)).toBe(false);
  });

  it('follows the clock on the wall when summer time begins and ends', () => {
    const schedule = scheduleOf('02:30-08:00');
    const serves = (text: string): boolean =>
      decide(limits({ schedule }), addUsage(NO_USAGE, at(text), 0), at(text)).serve;
    // On 29 March 2026 the clock goes from 2:00 to 3:00: 2:30 is not there, so it begins at 3:00.
    expect([serves('2026-03-29T00:59:00Z'), serves('2026-03-29T01:00:00Z')]).toEqual([false, true]);
    expect([serves('2026-03-29T05:59:00Z'), serves('2026-03-29T06:00:00Z')]).toEqual([true, false]);
    // On 25 October it goes from 3:00 back to 2:00: 2:30 is there twice, and so is the pause before it.
    expect([serves('2026-10-25T00:29:00Z'), serves('2026-10-25T00:30:00Z')]).toEqual([false, true]);
    expect([serves('2026-10-25T01:00:00Z'), serves('2026-10-25T01:30:00Z')]).toEqual([false, true]);
  });

  it.each(['', '8-23', '08:00-08:00', '25:00-26:00', '08:60-09:00', '24:01-03:00'])(
    'is refused when it is %o',
    (text) => {
      expect(() => scheduleOf(text)).toThrow('Cannot use --schedule as hours');
    },
  );

  it('says until when it rests', () => {
    const time = at('2026-11-24T03:00:00Z');
    const decision = decide(limits({ schedule: scheduleOf('08:00-23:00') }), NO_USAGE, time);
    expect(decision).toEqual({ serve: false, reason: 'schedule', detail: 'until 08:00' });
  });
});

describe('the month’s count', () => {
  it('begins anew with the month, and the day’s with the day, in local time', () => {
    const before = used('2026-10', '2026-10-31', 500, 50);
    // 23:30 in Paris, then half past midnight.
    expect(addUsage(before, at('2026-10-31T22:30:00Z'), 5)).toEqual({
      ...used('2026-10', '2026-10-31', 505, 55),
      totalBytes: 1_005,
    });
    expect(addUsage(before, at('2026-10-31T23:30:00Z'), 5)).toEqual({
      ...used('2026-11', '2026-11-01', 5, 5),
      totalBytes: 1_005,
    });
  });

  it('does not begin anew when a clock is in the past until it has been set', () => {
    let usage = used('2026-11', '2026-11-24', 500, 50);
    usage = addUsage(usage, at('1970-01-01T00:00:10Z'), 5);
    usage = addUsage(usage, at('2026-11-24T12:00:00Z'), 5);
    expect(usage).toMatchObject({ month: '2026-11', monthBytes: 510, day: '2026-11-24', dayBytes: 60 });
  });

  it('ends the relaying before the ceiling, by what handing over takes, and begins it with the next month', () => {
    const budget = limits({ monthlyBytes: 200e9 });
    const time = at('2026-11-24T12:00:00Z');
    const serves = (monthBytes: number): boolean =>
      decide(budget, { ...NO_USAGE, month: '2026-11', monthBytes }, time).serve;
    // 6 s at 8 Mbit/s.
    expect([serves(199.99e9), serves(200e9 - 6e6), serves(201e9)]).toEqual([true, false, false]);
    const next = addUsage(
      { ...NO_USAGE, month: '2026-11', monthBytes: 201e9 },
      at('2026-12-01T00:00:00Z'),
      0,
    );
    expect(decide(budget, next, at('2026-12-01T00:00:00Z')).serve).toBe(true);
  });

  it('keeps most of a small ceiling for listeners', () => {
    const decision = decide(
      limits({ monthlyBytes: 1e6 }),
      { ...NO_USAGE, monthBytes: 980_000 },
      at('2026-11-24T12:00:00Z'),
    );
    expect(decision.serve).toBe(true);
  });
});
