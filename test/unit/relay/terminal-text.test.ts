import { expect, test } from 'vitest';
import { clip, wrapped } from '../../../server/relay/terminal-text.ts';

const bold = (text: string): string => `\u001B[1m${text}\u001B[22m`;

test('what fits is left as it is, whatever its colours take', () => {
  expect(clip(`${bold('radio')} on`, 8)).toBe(`${bold('radio')} on`);
});

test('what does not fit is cut by what is to be seen of it, and every colour ends', () => {
  expect(clip(`${bold('radio')} on air`, 8)).toBe(`${bold('radio')} o…`);
  expect(clip(`${bold('radio')} ${bold('on air')} now`, 4)).toBe(`${bold('rad…')}${bold('')}`);
  expect(clip('radio', 1)).toBe('…');
});

test('words are put in lines, and one that is too long has a line of its own', () => {
  expect(wrapped('a relay at home', 7)).toEqual(['a relay', 'at home']);
  expect(wrapped('a kilometrelong word', 6)).toEqual(['a', 'kilometrelong', 'word']);
});
