/** Numbers for a reader: as words, and as the steps of an axis. */
export const shortNumber = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 });

export const percent = (share: number, digits = 3): string => `${Number((share * 100).toFixed(digits))} %`;

const HEADROOM = 1.03;
const INTERVALS_MAX = 5;

/** From 0 to just above a value, in steps that are easily read. */
export function niceAxis(value: number): { readonly top: number; readonly interval: number } {
  const least = value * HEADROOM;
  const power = 10 ** Math.floor(Math.log10(least));
  const interval = power * ([0.2, 0.5, 1].find((step) => least / (step * power) <= INTERVALS_MAX) ?? 2);
  return { top: Math.ceil(least / interval) * interval, interval };
}
