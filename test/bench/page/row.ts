/** One figure. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

export const row = (name: string, value: number, unit: string, digits = 0): Row => ({
  name,
  value: Number(value.toFixed(digits)),
  unit,
});

/** Of an odd or even number of values; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}
