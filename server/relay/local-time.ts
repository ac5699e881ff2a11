/** A moment as the volunteer's calendar and clock show it. */
export interface LocalTime {
  /** E.g. `2026-11`: sorts as time does. */
  readonly month: string;
  /** E.g. `2026-11-24`. */
  readonly day: string;
  /** Minutes of the clock since midnight: an hour is missing, or there twice, when summer time begins or ends. */
  readonly minutes: number;
}

/** @param timeZone IANA name, e.g. `Europe/Paris` */
export function localTimeIn(timeZone: string): (unixMs: number) => LocalTime {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  return (unixMs) => {
    const parts = new Map(format.formatToParts(unixMs).map(({ type, value }) => [type, value]));
    const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
    const month = `${part('year').padStart(4, '0')}-${part('month')}`;
    return {
      month,
      day: `${month}-${part('day')}`,
      minutes: Number(part('hour')) * 60 + Number(part('minute')),
    };
  };
}

/** As this machine is set. */
export const systemLocalTime = (): ((unixMs: number) => LocalTime) =>
  localTimeIn(Intl.DateTimeFormat().resolvedOptions().timeZone);
