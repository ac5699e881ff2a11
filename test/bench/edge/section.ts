/** A part of the benchmark: one file each, one table each. */
export interface Section {
  /** In camel case: begins every figure's name in the JSON. */
  readonly name: string;
  readonly title: string;
  run(options: SectionOptions): Promise<readonly Row[]>;
}

export interface SectionOptions {
  /** Smaller numbers, to see in seconds that everything runs. */
  readonly quick: boolean;
  /** One line on how far it is. */
  readonly progress: (line: string) => void;
}

/** One line of the table. A figure's name ends in its unit. */
export interface Row {
  readonly of: string;
  readonly figures: Readonly<Record<string, number>>;
}

/** Rounds to so many decimals: more would only pretend. */
export const rounded = (value: number, decimals = 0): number => Number(value.toFixed(decimals));

export const sleep = (durationMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });

/**
 * Runs `act` for each number below `count`, at most `limit` at a time.
 * @throws what the first that fails throws.
 */
export async function concurrently(
  count: number,
  limit: number,
  act: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await act(next - 1);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, count) }, work));
}
