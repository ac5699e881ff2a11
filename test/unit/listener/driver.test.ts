import { describe, expect, test } from 'vitest';
import { Driver, INPUT_QUEUE_MAX } from '../../../client/listener/driver.ts';
import type { DrivenEngine } from '../../../client/listener/driver.ts';
import type { EngineInput, EngineOutput } from '../../../shared/swarm/engine-io.ts';
import { millis } from '../../../shared/units.ts';
import type { Millis } from '../../../shared/units.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const fetchBurst = (durationMs: number): EngineOutput => ({ type: 'fetchBurst', durationMs });
const start: EngineInput = { type: 'start' };

/** An engine that does what the test says. */
class ScriptedEngine implements DrivenEngine {
  readonly seen: { readonly now: Millis; readonly type: EngineInput['type'] }[] = [];
  onHandle: (input: EngineInput) => readonly EngineOutput[] = () => [];
  nextDeadline: number | null = null;

  handle(now: Millis, input: EngineInput): readonly EngineOutput[] {
    this.seen.push({ now, type: input.type });
    return this.onHandle(input);
  }

  deadline(): Millis | null {
    return this.nextDeadline === null ? null : millis(this.nextDeadline);
  }
}

function setUp(perform: (output: EngineOutput, driver: Driver) => void = () => undefined) {
  const clock = new FakeClock();
  const engine = new ScriptedEngine();
  const faults: unknown[] = [];
  const driver: Driver = new Driver({
    engine,
    clock,
    perform: (output) => {
      perform(output, driver);
    },
    onFault: (error) => faults.push(error),
  });
  return { clock, engine, driver, faults };
}

describe('the driver', () => {
  test('never enters the engine again while it is inside, and performs outputs in order before the next input', () => {
    const log: string[] = [];
    const { engine, driver } = setUp((output, inner) => {
      if (output.type !== 'fetchBurst') return;
      log.push(`perform ${output.durationMs}`);
      if (output.durationMs === 1) inner.push({ type: 'trackerOpen' });
    });
    let inside = 0;
    engine.onHandle = (input) => {
      inside += 1;
      expect(inside).toBe(1);
      log.push(input.type);
      if (input.type === 'start') driver.push({ type: 'trackerClosed' });
      inside -= 1;
      return input.type === 'start' ? [fetchBurst(1), fetchBurst(2)] : [];
    };
    driver.push(start);
    expect(log).toEqual(['start', 'perform 1', 'perform 2', 'trackerClosed', 'trackerOpen']);
  });

  test('re-arms its one timer only when the deadline has changed', () => {
    const { clock, engine, driver } = setUp();
    engine.nextDeadline = 500;
    driver.push(start);
    driver.push(start);
    driver.push(start);
    expect([clock.timersMade, clock.pending]).toEqual([1, 1]);
    engine.nextDeadline = 400;
    driver.push(start);
    expect([clock.timersMade, clock.pending, clock.nextInMs]).toEqual([2, 1, 400]);
    engine.nextDeadline = null;
    driver.push(start);
    expect([clock.timersMade, clock.pending]).toEqual([2, 0]);
  });

  test('tells the engine the later of deadline and clock when the timer fires, and arms the next', () => {
    const { clock, engine, driver } = setUp();
    engine.nextDeadline = 100.7;
    driver.push(start);
    engine.onHandle = (input) => {
      if (input.type === 'tick') engine.nextDeadline = 300;
      return [];
    };
    clock.advance(150);
    expect(engine.seen.at(-1)).toEqual({ now: 100.7, type: 'tick' });
    expect(clock.nextInMs).toBeCloseTo(150);
  });

  test('never lets time go back, even when a timer fired early', () => {
    const clock = new FakeClock();
    const engine = new ScriptedEngine();
    const timers: (() => void)[] = [];
    const early = {
      now: clock.now,
      after: (_: number, run: () => void) => {
        timers.push(run);
        return () => undefined;
      },
    };
    const driver = new Driver({ engine, clock: early, perform: () => undefined, onFault: () => undefined });
    engine.nextDeadline = 100;
    driver.push(start);
    clock.advance(99.6);
    timers[0]?.();
    driver.push(start);
    expect(engine.seen.map(({ now }) => now)).toEqual([0, 100, 100]);
  });

  test('goes on when performing an output throws', () => {
    const performed: number[] = [];
    const { engine, driver, faults } = setUp((output) => {
      if (output.type !== 'fetchBurst') return;
      if (output.durationMs === 1) throw new Error('the sink is broken');
      performed.push(output.durationMs);
    });
    engine.onHandle = () => [fetchBurst(1), fetchBurst(2)];
    driver.push(start);
    expect(performed).toEqual([2]);
    expect(faults).toHaveLength(1);
  });

  test('does nothing after close, not even the outputs in hand', () => {
    const performed: EngineOutput[] = [];
    const { clock, engine, driver } = setUp((output, inner) => {
      performed.push(output);
      inner.close();
    });
    engine.nextDeadline = 10;
    engine.onHandle = () => [fetchBurst(1), fetchBurst(2)];
    driver.push(start);
    driver.push(start);
    clock.advance(100);
    expect(performed).toHaveLength(1);
    expect(engine.seen).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test('refuses an endless exchange of inputs instead of growing', () => {
    const { engine, driver, faults } = setUp((_, inner) => {
      for (let index = 0; index <= INPUT_QUEUE_MAX; index += 1) inner.push({ type: 'trackerClosed' });
    });
    engine.onHandle = (input) => (input.type === 'start' ? [fetchBurst(1)] : []);
    driver.push(start);
    expect(faults).toEqual([expect.any(RangeError)]);
  });
});
