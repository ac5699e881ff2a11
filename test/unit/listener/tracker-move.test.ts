import { expect, test } from 'vitest';
import type { SocketHandlers } from '../../../client/listener/environment.ts';
import { RETURN_AFTER_MS, STABLE_AFTER_MS, TrackerSocket } from '../../../client/listener/tracker-socket.ts';
import { TRACKER_ALIVE, TRACKER_ALIVE_INTERVAL_MS } from '../../../shared/tracker/messages.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const LISTENERS = 600;
/** Of all listeners, in any second. */
const ARRIVALS_PER_SECOND_MAX = LISTENERS / 10;

/** Two trackers and their listeners: who is where, and the most arrivals at either in one second since `mark`. */
function setUp(seed: number) {
  const clock = new FakeClock();
  const trackers = { 'ws://a': 'up', 'ws://b': 'up' } as Record<string, 'up' | 'refusing' | 'silent'>;
  const open = new Map<SocketHandlers, string>();
  let arrivals: Record<string, number> = {};
  for (let listener = 0; listener < LISTENERS; listener += 1) {
    new TrackerSocket({
      addresses: ['ws://a', 'ws://b'],
      clock,
      random: seededRandom(seed * LISTENERS + listener),
      openSocket: (address, handlers) => {
        const second = `${address} ${Math.floor(clock.now() / 1000)}`;
        arrivals[second] = (arrivals[second] ?? 0) + 1;
        clock.after(5, () => {
          if (trackers[address] === 'silent') return;
          if (trackers[address] === 'refusing') handlers.onClose(1006);
          else {
            open.set(handlers, address);
            handlers.onOpen();
            handlers.onText(TRACKER_ALIVE);
          }
        });
        return {
          send: () => undefined,
          close: () => {
            open.delete(handlers);
          },
        };
      },
      onOpen: () => undefined,
      onMessage: () => undefined,
      onClosed: () => undefined,
    }).start();
  }
  const pass = (ms: number): void => {
    for (const end = clock.now() + ms; clock.now() < end;) {
      clock.advance(TRACKER_ALIVE_INTERVAL_MS);
      for (const [handlers, address] of open) if (trackers[address] === 'up') handlers.onText(TRACKER_ALIVE);
    }
  };
  return {
    pass,
    trackers,
    at: (address: string) => [...open.values()].filter((each) => each === address).length,
    /** Every connection of it is gone. */
    kill: (address: string): void => {
      trackers[address] = 'refusing';
      for (const [handlers, where] of open) {
        if (where !== address) continue;
        open.delete(handlers);
        handlers.onClose(1006);
      }
    },
    mark: () => {
      arrivals = {};
    },
    peak: () => Math.max(...Object.values(arrivals)),
  };
}

test.each([1, 2])(
  'listeners of a tracker that is killed come to the next within moments and without a storm, and back when it is back (seed %i)',
  (seed) => {
    const { pass, at, kill, trackers, mark, peak } = setUp(seed);
    pass(2 * STABLE_AFTER_MS);
    expect(at('ws://a')).toBe(LISTENERS);
    mark();
    kill('ws://a');
    pass(30_000);
    expect(at('ws://b')).toBe(LISTENERS);
    expect(peak()).toBeLessThanOrEqual(ARRIVALS_PER_SECOND_MAX);

    pass(4 * RETURN_AFTER_MS);
    expect(at('ws://b')).toBe(LISTENERS);
    mark();
    trackers['ws://a'] = 'up';
    pass(3 * RETURN_AFTER_MS + 10_000);
    expect(at('ws://a')).toBe(LISTENERS);
    expect(peak()).toBeLessThanOrEqual(ARRIVALS_PER_SECOND_MAX);
  },
);

test('listeners of a tracker whose packets are lost notice it by its silence, and go to the next', () => {
  const { pass, at, trackers } = setUp(3);
  pass(2 * STABLE_AFTER_MS);
  trackers['ws://a'] = 'silent';
  pass(90_000);
  expect(at('ws://b')).toBe(LISTENERS);
});
