import { expect, test } from 'vitest';
import { readSwarmOptions } from '../../bench/swarm-options.ts';

test('what is not said has its default', () => {
  expect(readSwarmOptions(['--tabs', '4'])).toEqual({
    ok: true,
    options: { listeners: 30, tabs: 4, warmup: 20, seconds: 60 },
  });
});

test.each([
  [['--listeners', 'many'], /--listeners/],
  [['--seconds', '0'], /--seconds/],
  [['--listeners', '0'], /somebody must listen/],
  [['--speakers', '3'], /--speakers/],
])('%j is refused by name', (args, message) => {
  const read = readSwarmOptions(args);
  expect(read.ok ? '' : read.message).toMatch(message);
});
