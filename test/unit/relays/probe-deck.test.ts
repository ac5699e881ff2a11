import { expect, test } from 'vitest';
import { ProbeDeck } from '../../../server/relays/probe-deck.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const KINDS = ['a', 'b', 'c', 'd'];

test('each kind is dealt once before any comes again, in another order each time (seed 4)', () => {
  const deck = new ProbeDeck(seededRandom(4));
  const rounds = Array.from({ length: 50 }, () => KINDS.map(() => deck.deal(KINDS)));
  for (const round of rounds) expect(new Set(round)).toEqual(new Set(KINDS));
  expect(new Set(rounds.map((round) => round.join(''))).size).toBeGreaterThan(10);
});

test('a kind that comes later is dealt before those that have been; what is gone is not waited for', () => {
  const deck = new ProbeDeck(seededRandom(4));
  for (let deal = 0; deal < 3; deal += 1) deck.deal(KINDS.slice(0, 3));
  expect(deck.deal([...KINDS.slice(0, 3), 'new'])).toBe('new');
  expect(['a', 'b']).toContain(deck.deal(['a', 'b']));
  expect(deck.deal([])).toBeNull();
});
