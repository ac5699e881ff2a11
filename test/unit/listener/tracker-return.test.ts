import { expect, test } from 'vitest';
import type { SocketHandlers } from '../../../client/listener/environment.ts';
import { STABLE_AFTER_MS, TrackerSocket } from '../../../client/listener/tracker-socket.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const LISTENERS = 1000;
/** Of all listeners, in any second: a tracker takes 1,300 joins a second (measured), a swarm has 10,000 at most. */
const ATTEMPTS_PER_SECOND_MAX = LISTENERS / 10;

/** A tracker and its listeners; the numbers of connections tried and made, per second since `mark`. */
function setUp(seed: number) {
  const clock = new FakeClock();
  const open = new Set<SocketHandlers>();
  const attempts: number[] = [];
  const successes: number[] = [];
  let isUp = true;
  let markedAt = 0;
  const count = (counts: number[]): void => {
    const second = Math.floor((clock.now() - markedAt) / 1000);
    counts[second] = (counts[second] ?? 0) + 1;
  };
  for (let listener = 0; listener < LISTENERS; listener += 1) {
    new TrackerSocket({
      addresses: ['ws://tracker'],
      clock,
      random: seededRandom(seed * LISTENERS + listener),
      openSocket: (_, handlers) => {
        count(attempts);
        clock.after(5, () => {
          if (isUp) {
            count(successes);
            open.add(handlers);
            handlers.onOpen();
          } else handlers.onClose(1006);
        });
        return { send: () => undefined, close: () => undefined };
      },
      onOpen: () => undefined,
      onMessage: () => undefined,
      onClosed: () => undefined,
    }).start();
  }
  return {
    clock,
    open,
    attempts,
    successes,
    lose: (): void => {
      isUp = false;
      markedAt = clock.now();
      attempts.length = successes.length = 0;
      for (const { onClose } of open) onClose(1006);
      open.clear();
    },
    comeBack: (): void => {
      isUp = true;
    },
  };
}

const peakOf = (counts: readonly number[]): number => Math.max(...counts.filter((each) => each > 0));

test.each([
  [60_000, 1],
  [3_000, 2],
  [20_000, 3],
])(
  'a thousand listeners that lose their tracker at one moment, for %i ms, come back without a storm (seed %i)',
  (awayMs, seed) => {
    const { clock, open, attempts, successes, lose, comeBack } = setUp(seed);
    clock.advance(2 * STABLE_AFTER_MS);
    expect(open.size).toBe(LISTENERS);
    lose();
    clock.advance(awayMs);
    comeBack();
    clock.advance(31_000);
    process.stdout.write(
      `away ${awayMs} ms: at most ${peakOf(attempts)} attempts and ${peakOf(successes)} returns a second; ` +
        `all are back ${successes.length - Math.floor(awayMs / 1000)} s after the tracker\n`,
    );
    expect(open.size).toBe(LISTENERS);
    expect(peakOf(attempts)).toBeLessThanOrEqual(ATTEMPTS_PER_SECOND_MAX);
  },
);
