import { describe, expect, test } from 'vitest';
import { chooseStrings, LANGUAGES } from '../../../client/page/strings/strings.ts';
import { en } from '../../../client/page/strings/en.ts';
import { fr } from '../../../client/page/strings/fr.ts';
import type { Strings } from '../../../client/page/strings/strings.ts';

/** Every text of a language by its path; what is a function is called with each of the arguments that differ. */
function textsOf(strings: Strings): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const collect = (value: unknown, path: string): void => {
    if (typeof value === 'string') texts.set(path, value);
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) collect(inner, `${path}.${key}`);
  };
  collect(strings, strings.language);
  for (const count of [1, 2, 7]) {
    texts.set(`fromListeners(${count})`, strings.fromListeners(0.82, count));
    texts.set(`relayingTo(${count})`, strings.relayingTo(count));
  }
  texts.set('sentence', strings.sentence([strings.fromStation, strings.relayingTo(2)]));
  return texts;
}

describe('the page in each language', () => {
  test.each(LANGUAGES)('$language says everything', (strings) => {
    for (const [path, text] of textsOf(strings)) expect(text.trim(), path).not.toBe('');
    expect([...textsOf(strings).keys()].map((path) => path.replace(/^[a-z]{2}\./, ''))).toEqual(
      [...textsOf(en).keys()].map((path) => path.replace(/^[a-z]{2}\./, '')),
    );
  });

  test('speaks no technical language', () => {
    for (const strings of LANGUAGES)
      for (const text of textsOf(strings).values())
        expect(text).not.toMatch(
          /peer|pair|WebRTC|codec|buffer|chunk|swarm|erreur|error|MediaSource|HTTP|\bP2P\b/i,
        );
  });

  test('one listener is not said as several', () => {
    expect(en.fromListeners(0.5, 1)).toBe('50% of the sound comes from one other listener');
    expect(en.fromListeners(0.5, 2)).toBe('50% of the sound comes from 2 other listeners');
    expect(fr.fromListeners(0.5, 1)).toMatch(/^50\s%\sdu son vient d’un autre auditeur$/);
    expect(fr.fromListeners(0.5, 2)).toMatch(/^50\s%\sdu son vient de 2 autres auditeurs$/);
  });

  test('French marks are never torn from their word', () => {
    for (const text of textsOf(fr).values()) {
      expect(text).not.toMatch(/ [:;!?%»]/);
      expect(text).not.toMatch(/« /);
      expect(text).not.toContain("'");
    }
  });

  test.each([
    [['fr-CA', 'en'], fr],
    [['en-GB'], en],
    [['de', 'fr'], fr],
    [['de'], en],
    [[], en],
  ])('%j is answered in the first language that we speak', (preferred, expected) => {
    expect(chooseStrings(preferred)).toBe(expected);
  });
});
