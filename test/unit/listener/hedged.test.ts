import { describe, expect, test } from 'vitest';
import { hedged } from '../../../client/listener/hedged.ts';
import type { Hedged } from '../../../client/listener/hedged.ts';
import { FakeClock, settled } from '../../support/fake-clock.ts';

const AFTER_MS = 200;

function setUp(count: number) {
  const clock = new FakeClock();
  const attempts: (PromiseWithResolvers<string> & { readonly signal: AbortSignal })[] = [];
  const outcomes: Hedged<string>[] = [];
  void hedged(count, AFTER_MS, clock, (_, { signal }) => {
    const attempt = { ...Promise.withResolvers<string>(), signal };
    attempts.push(attempt);
    return attempt.promise;
  }).then((outcome) => outcomes.push(outcome));
  return { clock, attempts, outcomes };
}

describe('hedged attempts', () => {
  test('are made one after the other, each when the newest has been silent for the time given', async () => {
    const { clock, attempts, outcomes } = setUp(3);
    expect(attempts).toHaveLength(1);
    await clock.advanceSettled(AFTER_MS - 1);
    expect(attempts).toHaveLength(1);
    await clock.advanceSettled(1);
    expect(attempts).toHaveLength(2);
    await clock.advanceSettled(AFTER_MS);
    expect(attempts).toHaveLength(3);
    await clock.advanceSettled(10 * AFTER_MS);
    expect([attempts.length, outcomes]).toEqual([3, []]);
  });

  test('end with the first that succeeds', async () => {
    const { clock, attempts, outcomes } = setUp(3);
    await clock.advanceSettled(AFTER_MS);
    attempts[1]?.resolve('second');
    await clock.advanceSettled(AFTER_MS);
    expect(outcomes).toEqual([{ index: 1, result: 'second' }]);
    expect(attempts.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect(clock.pending).toBe(0);
  });

  test('go on at once when the newest fails', async () => {
    const { attempts } = setUp(2);
    attempts[0]?.reject(new Error('dead'));
    await settled();
    expect(attempts).toHaveLength(2);
  });

  test('are never more than asked for: when the last has failed, an earlier one may still succeed', async () => {
    const { clock, attempts, outcomes } = setUp(2);
    await clock.advanceSettled(AFTER_MS);
    attempts[1]?.reject(new Error('dead'));
    await clock.advanceSettled(10 * AFTER_MS);
    expect([attempts.length, outcomes, attempts[0]?.signal.aborted]).toEqual([2, [], false]);
    attempts[0]?.resolve('late');
    await settled();
    expect(outcomes).toEqual([{ index: 0, result: 'late' }]);
  });

  test('that all fail tell why, in the order of being made and not of failing', async () => {
    const { clock, attempts, outcomes } = setUp(2);
    await clock.advanceSettled(AFTER_MS);
    attempts[1]?.reject('second');
    await settled();
    attempts[0]?.reject('first');
    await settled();
    expect(outcomes).toEqual([{ index: null, failures: ['first', 'second'] }]);
  });

  test('that are none have failed', async () => {
    const { outcomes } = setUp(0);
    await settled();
    expect(outcomes).toEqual([{ index: null, failures: [] }]);
  });
});
