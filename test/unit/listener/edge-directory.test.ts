import { describe, expect, test } from 'vitest';
import {
  EdgeDirectory,
  FAILED_FOR_MAX_MS,
  FAILED_FOR_MS,
  LACKED_MAX,
  LEFT_FOR_MS,
  UNMEASURED_MS,
  UNREACHABLE_FAILURES,
} from '../../../client/listener/edge-directory.ts';
import type { RandomSource } from '../../../shared/units.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const [A, B, C] = ['https://a.example', 'https://b.example', 'https://c.example'];

function setUp(random: RandomSource = () => 0.999_999, edges: readonly string[] = [A, B, C]) {
  const clock = new FakeClock();
  const complaints: string[] = [];
  const directory = new EdgeDirectory({
    edges,
    clock,
    random,
    onComplaint: (address, reason) => complaints.push(`${address} ${reason}`),
  });
  return { clock, directory, complaints };
}

describe('the order of asking', () => {
  test('is the server’s as long as nothing is measured', () => {
    expect(setUp(seededRandom(1)).directory.order()).toEqual([A, B, C]);
  });

  test('puts the quickest first; one that is slower than can be hoped of the others comes after them', () => {
    const { directory } = setUp();
    directory.answered(A, 2 * UNMEASURED_MS);
    directory.answered(B, 200);
    expect(directory.order()).toEqual([B, C, A]);
    directory.answered(C, 20);
    expect(directory.order()).toEqual([C, B, A]);
  });

  test('moves off an edge that says it has room and becomes slow', () => {
    const { directory } = setUp();
    for (const edge of [A, B]) directory.answered(edge, 50);
    expect(directory.order()[0]).toBe(A);
    for (let turn = 0; turn < 4; turn += 1) directory.answered(A, 600);
    expect(directory.order()[0]).toBe(B);
  });

  test('moves off an edge that did not answer as soon as another', () => {
    const { directory } = setUp();
    directory.answered(A, 20);
    directory.outrun(A, 800);
    expect(directory.order()).toEqual([B, C, A]);
  });

  test('is by chance among edges that are alike, so that listeners spread, and never among those that are not', () => {
    const firsts = new Map<string, number>();
    for (let listener = 0; listener < 400; listener += 1) {
      const { directory } = setUp(seededRandom(listener));
      directory.answered(A, 40);
      directory.answered(B, 45);
      directory.answered(C, 300);
      const [first = ''] = directory.order();
      firsts.set(first, (firsts.get(first) ?? 0) + 1);
    }
    expect(firsts.get(C) ?? 0).toBe(0);
    expect(Math.min(firsts.get(A) ?? 0, firsts.get(B) ?? 0)).toBeGreaterThan(100);
  });

  test('now and then puts an edge first that is yet to be measured, where the next is asked soon after', () => {
    const { directory } = setUp(seededRandom(3));
    directory.answered(A, 30);
    const firsts = Array.from({ length: 400 }, () => directory.order(true)[0]);
    const trials = firsts.filter((edge) => edge !== A).length;
    expect(trials).toBeGreaterThan(25);
    expect(trials).toBeLessThan(80);
    expect(Array.from({ length: 400 }, () => directory.order()[0]).every((edge) => edge === A)).toBe(true);
  });

  test('puts an edge that failed last, for longer every time, until it works', () => {
    const { directory, clock } = setUp();
    const lastFor = (): number => {
      directory.failed(A);
      let ms = 0;
      for (; directory.order().at(-1) === A && ms < 2 * FAILED_FOR_MAX_MS; ms += 500) clock.advance(500);
      return ms;
    };
    const first = lastFor();
    expect(first).toBeGreaterThanOrEqual(0.75 * FAILED_FOR_MS);
    expect(first).toBeLessThanOrEqual(1.5 * FAILED_FOR_MS);
    expect(lastFor()).toBeGreaterThan(1.5 * first);
    for (let turn = 0; turn < 12; turn += 1) directory.failed(A);
    expect(lastFor()).toBeLessThanOrEqual(1.3 * FAILED_FOR_MAX_MS);
    directory.succeeded(A);
    expect(directory.order()[0]).toBe(A);
    expect(lastFor()).toBe(first);
  });

  test('puts a loaded edge behind those that have room, and before those that fail', () => {
    const { directory, clock } = setUp();
    directory.failed(B);
    directory.loaded(A, 5_000);
    expect(directory.order()).toEqual([C, A, B]);
    directory.loaded(A, Number.NaN);
    clock.advance(8_000);
    expect(directory.order()).toEqual([A, B, C]);
  });
});

describe('what a tracker tells', () => {
  test('comes first, and what the page named stays in reserve: a tracker cannot cut a listener off from the station', () => {
    const { directory } = setUp(undefined, [A]);
    directory.setTold([C, B]);
    expect(directory.order()).toEqual([C, B, A]);
    directory.failed(C);
    directory.failed(B);
    expect(directory.order()[0]).toBe(A);
    directory.setTold([]);
    expect(directory.order()).toEqual([A]);
  });

  test('does not bring back an edge that forged', () => {
    const { directory } = setUp(undefined, [A]);
    directory.setTold([B]);
    directory.leave(B, 'forged');
    for (let turn = 0; turn < 10; turn += 1)
      directory.setTold(Array.from({ length: 40 }, (_, index) => `https://${turn}-${index}.example`));
    directory.setTold([B]);
    expect(directory.order()).toEqual([A]);
  });
});

describe('an edge that misbehaves', () => {
  test('is never asked again if it forged, and complained of once', () => {
    const { directory, clock, complaints } = setUp();
    directory.leave(A, 'forged');
    directory.leave(A, 'forged');
    clock.advance(100 * LEFT_FOR_MS);
    expect([directory.order(), complaints]).toEqual([[B, C], [`${A} forged`]]);
  });

  test('comes back after a while if it was late or withheld, and stays away longer the next time', () => {
    const { directory, clock, complaints } = setUp();
    directory.leave(A, 'late');
    clock.advance(LEFT_FOR_MS - 1);
    expect(directory.isTrusted(A)).toBe(false);
    clock.advance(1);
    expect(directory.isTrusted(A)).toBe(true);
    directory.leave(A, 'withheld');
    clock.advance(2 * LEFT_FOR_MS - 1);
    expect([directory.isTrusted(A), complaints]).toEqual([false, [`${A} late`, `${A} withheld`]]);
  });

  test('is asked all the same when no other is known: what it sends is verified', () => {
    const { directory } = setUp(undefined, [A]);
    directory.leave(A, 'forged');
    expect(directory.order()).toEqual([A]);
  });

  test('has lacked what others had so often within a minute; once in a while is honest', () => {
    const { directory, clock, complaints } = setUp();
    for (let turn = 0; turn < 2 * LACKED_MAX; turn += 1) {
      directory.lacked(A);
      clock.advance(40_000);
    }
    expect([directory.isTrusted(A), complaints]).toEqual([true, []]);
    for (let turn = 0; turn < LACKED_MAX; turn += 1) directory.lacked(A);
    expect([directory.isTrusted(A), complaints]).toEqual([false, [`${A} withheld`]]);
  });

  test('is called unreachable only while others answer: it may be us who are cut off', () => {
    const { directory, clock, complaints } = setUp();
    for (let turn = 0; turn < 10; turn += 1) directory.failed(A);
    expect(complaints).toEqual([]);
    directory.answered(B, 30);
    for (let turn = 0; turn < 10; turn += 1) directory.failed(A);
    expect(complaints).toEqual([`${A} unreachable`]);
    directory.succeeded(A);
    clock.advance(60_000);
    for (let turn = 0; turn < 2 * UNREACHABLE_FAILURES; turn += 1) directory.failed(A);
    expect(complaints).toHaveLength(1);
  });
});
