import type { CancelTimer, Clock } from './environment.ts';

/** What came of several attempts: the first that succeeded, or why all failed, in the order of failing. */
export type Hedged<Result> =
  | { readonly index: number; readonly result: Result; readonly failures: readonly unknown[] }
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
        settle({ index, result: await attempt(index, controller), failures });
      } catch (error) {
        failures.push(error);
        if (failures.length === count) settle({ index: null, failures });
        else if (index === controllers.length - 1 && !controller.signal.aborted) await launch();
      }
    };
    if (count > 0) void launch();
    else settle({ index: null, failures });
  });
}
