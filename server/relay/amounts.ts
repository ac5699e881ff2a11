import { ConfigError } from '../config/config-error.ts';

/** Amounts as people write and read them: `20mbit`, `200gb`. Decimal, as providers count. */

const RATE_UNITS: ReadonlyMap<string, number> = new Map([
  ['kbit', 1],
  ['mbit', 1_000],
  ['gbit', 1_000_000],
]);
const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ['mb', 1e6],
  ['gb', 1e9],
  ['tb', 1e12],
]);

/** Kilobits per second. @throws ConfigError that names the flag. */
export const rateOf = (flag: string, text: string): number =>
  amountOf(flag, text, RATE_UNITS, 'a speed like 20mbit (kbit, mbit or gbit per second)');

/** Bytes. @throws ConfigError that names the flag. */
export const sizeOf = (flag: string, text: string): number =>
  amountOf(flag, text, SIZE_UNITS, 'an amount like 200gb (mb, gb or tb)');

function amountOf(flag: string, text: string, units: ReadonlyMap<string, number>, rule: string): number {
  const [, number = '', unit = ''] = /^(\d{1,9}(?:\.\d{1,6})?)\s*([a-z]+)(?:\/s)?$/i.exec(text.trim()) ?? [];
  const factor = units.get(unit.toLowerCase());
  const amount = Number(number) * (factor ?? Number.NaN);
  if (amount > 0) return amount;
  throw new ConfigError(`Cannot use ${flag} as ${rule}: current value is ${text}`);
}

/** E.g. `1.2 GB`. */
export function bytesText(bytes: number): string {
  if (bytes >= 1e12) return `${(bytes / 1e12).toFixed(2)} TB`;
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(bytes >= 1e11 ? 0 : 1)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(bytes >= 1e8 ? 0 : 1)} MB`;
  return `${Math.round(bytes / 1e3)} kB`;
}

/** E.g. `1.2 Mbit/s`. */
export const rateText = (kbps: number): string =>
  kbps >= 1_000 ? `${(kbps / 1_000).toFixed(1)} Mbit/s` : `${Math.round(kbps)} kbit/s`;

/** E.g. `3 d 4 h`, `12 min`. */
export function durationText(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return `${Math.floor(seconds)} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
