import type { LocalTime } from './local-time.ts';
import { clockText, isOpen } from './schedule.ts';
import type { Schedule } from './schedule.ts';

/** What a volunteer is willing to give. Decisions about it are functions: time and usage come in. */
export interface BudgetLimits {
  /** Of the uplink, in all. */
  readonly uploadKbps: number;
  /** Bytes sent in a calendar month; null: no ceiling. */
  readonly monthlyBytes: number | null;
  readonly schedule: Schedule | null;
}

/** Bytes sent, in the newest month and day that were seen, and ever. */
export interface Usage {
  readonly month: string;
  readonly monthBytes: number;
  readonly day: string;
  readonly dayBytes: number;
  readonly totalBytes: number;
}

export const NO_USAGE: Usage = { month: '', monthBytes: 0, day: '', dayBytes: 0, totalBytes: 0 };

export type Decision =
  | { readonly serve: true }
  /** `detail` is for people: why, and until when. */
  | { readonly serve: false; readonly reason: 'schedule' | 'monthly' | 'refused'; readonly detail: string };

/** Before the ceiling, what is sent while children are handed over: so many seconds' upload, a hundredth at most. */
const HAND_OVER_SECONDS = 6;
const HAND_OVER_SHARE_MAX = 0.01;

/**
 * Usage after `bytes` more. Time goes forward only: a small computer without a clock of its own wakes up in the past
 * until it has asked the network, and must not begin a new month by that, twice.
 */
export function addUsage(usage: Usage, time: LocalTime, bytes: number): Usage {
  const isNewMonth = time.month > usage.month;
  const isNewDay = time.day > usage.day;
  return {
    month: isNewMonth ? time.month : usage.month,
    monthBytes: (isNewMonth ? 0 : usage.monthBytes) + bytes,
    day: isNewDay ? time.day : usage.day,
    dayBytes: (isNewDay ? 0 : usage.dayBytes) + bytes,
    totalBytes: usage.totalBytes + bytes,
  };
}

/** Whether to serve now. `usage` is of `time`, see `addUsage`. */
export function decide(limits: BudgetLimits, usage: Usage, time: LocalTime): Decision {
  const { schedule, monthlyBytes, uploadKbps } = limits;
  if (monthlyBytes !== null) {
    const handOver = Math.min(uploadKbps * 125 * HAND_OVER_SECONDS, monthlyBytes * HAND_OVER_SHARE_MAX);
    if (usage.monthBytes >= monthlyBytes - handOver)
      return { serve: false, reason: 'monthly', detail: "this month's ceiling is reached" };
  }
  if (schedule !== null && !isOpen(schedule, time.minutes))
    return { serve: false, reason: 'schedule', detail: `until ${clockText(schedule.fromMinutes)}` };
  return { serve: true };
}
