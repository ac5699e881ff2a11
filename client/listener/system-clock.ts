import { millis } from '../../shared/units.ts';
import type { Clock } from './environment.ts';

/** The real clock of browsers and of Node. */
export const systemClock: Clock = {
  now: () => millis(performance.now()),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};
