/** How a language writes numbers, amounts, durations and times, from Intl. */
export interface Numbers {
  whole(value: number): string;
  /** At most one decimal. */
  short(value: number): string;
  /** `share`: 0 to 1. */
  percent(share: number): string;
  /** The form that belongs to the number, `#` standing for it. */
  count(value: number, forms: PluralForms): string;
  /** @param units names of a million and of a thousand million bytes. */
  amount(bytes: number, units: readonly [string, string]): string;
  /** `0:42` or `3:05`, from whole seconds. */
  duration(seconds: number): string;
  /** Hours and minutes of the day. */
  time(at: Date): string;
}

export interface PluralForms {
  readonly one: string;
  readonly other: string;
}

export function numbersOf(language: string): Numbers {
  const wholeFormat = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const shortFormat = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const percentFormat = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 });
  const rules = new Intl.PluralRules(language);
  const timeFormat = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' });
  const whole = (value: number): string => wholeFormat.format(value);
  return {
    whole,
    short: (value) => shortFormat.format(value),
    percent: (share) => percentFormat.format(share),
    count: (value, { one, other }) =>
      (rules.select(value) === 'one' ? one : other).replace('#', whole(value)),
    amount: (bytes, [million, thousandMillion]) => {
      const isLarge = bytes >= 999.5e6;
      const number = isLarge ? shortFormat.format(bytes / 1e9) : whole(bytes / 1e6);
      return `${number}\u00a0${isLarge ? thousandMillion : million}`;
    },
    duration: (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`,
    time: (at) => timeFormat.format(at),
  };
}
