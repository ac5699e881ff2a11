import { ConfigError } from '../config/config-error.ts';

/** Hours of each day in which a relay serves, by the clock on the wall; `until` before `from` goes over midnight. */
export interface Schedule {
  readonly fromMinutes: number;
  readonly untilMinutes: number;
  /** As it was written. */
  readonly text: string;
}

/** @throws ConfigError unless it is like `08:00-23:00`. */
export function scheduleOf(text: string): Schedule {
  const [, from, until] = /^(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})$/.exec(text.trim()) ?? [];
  const [fromMinutes, untilMinutes] = [minutesOf(from), minutesOf(until)];
  if (fromMinutes === null || untilMinutes === null)
    throw new ConfigError(
      `Cannot use --schedule as hours like 08:00-23:00 or 22:00-06:00: current value is ${text}`,
    );
  if (fromMinutes === untilMinutes)
    throw new ConfigError(
      `Cannot use --schedule as hours that begin when they end (leave it out for the whole day): current value is ${text}`,
    );
  return { fromMinutes, untilMinutes, text: text.trim() };
}

export function isOpen({ fromMinutes, untilMinutes }: Schedule, minutes: number): boolean {
  return fromMinutes < untilMinutes
    ? minutes >= fromMinutes && minutes < untilMinutes
    : minutes >= fromMinutes || minutes < untilMinutes;
}

/** E.g. `08:00`. */
export const clockText = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/** Null unless it is a time of day; `24:00` is midnight. */
function minutesOf(text: string | undefined): number | null {
  const [hours = Number.NaN, minutes = Number.NaN] = (text ?? '').split(':').map(Number);
  const isTime = minutes < 60 && (hours < 24 || (hours === 24 && minutes === 0));
  return isTime ? (hours % 24) * 60 + minutes : null;
}
