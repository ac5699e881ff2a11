import type { CancelTimer, Clock } from './environment.ts';

/** What came of several attempts: the first that succeeded, or why each failed, in the order of being made. */
export type Hedged<Result> =
  | { readonly index: number; readonly result: Result }
  | { readonly index: null; readonly failures: readonly unknown[] };

/**
 * Makes up to `count` attempts, the next as soon as the newest has failed or not succeeded for `afterMs`; the first
 * that succeeds ends the others. So a dead server costs a moment instead of its time-out (Dean and Barroso, *The Tail
 * at Scale*: hedged requests).
 */
export function hedged<Result>(
  count: number,
  afterMs: number,
  clock: Clock,
  attempt: (index: number, controller: AbortController) => Promise<Result>,
): Promise<Hedged<Result>> {
  const failures: unknown[] = [];
  let failed = 0;
  const controllers: AbortController[] = [];
  return new Promise((resolve) => {
    let cancelTimer: CancelTimer | null = null;
    const settle = (outcome: Hedged<Result>): void => {
      cancelTimer?.();
      for (const controller of controllers) controller.abort();
      resolve(outcome);
    };
    const launch = async (): Promise<void> => {
      cancelTimer?.();
      const index = controllers.length;
      const controller = new AbortController();
      controllers.push(controller);
      if (index + 1 < count) cancelTimer = clock.after(afterMs, () => void launch());
      try {
        settle({ index, result: await attempt(index, controller) });
      } catch (error) {
        failures[index] = error;
        failed += 1;
        const isNewest = index === controllers.length - 1;
        if (failed === count) settle({ index: null, failures });
        else if (isNewest && controllers.length < count && !controller.signal.aborted) await launch();
      }
    };
    if (count > 0) void launch();
    else settle({ index: null, failures });
  });
}
