import { describe, expect, test } from 'vitest';
import { chooseStrings, LANGUAGES } from '../../../client/strings/strings.ts';
import { PAGE_TEXTS } from '../../../client/strings/pages/page-texts.ts';
import { BUILDER_STRINGS } from '../../../client/strings/builder/builder-strings.ts';
import { LANGUAGE_NAMES } from '../../../client/strings/names.ts';
import { en } from '../../../client/strings/en.ts';
import { fr } from '../../../client/strings/fr.ts';
import type { Strings } from '../../../client/strings/strings.ts';

/** Of the page about relaying: a usual station's, and a large one's. */
const AMOUNTS = [
  [{ bitrateKbps: 128, capKbps: 1000, hourBytes: 57.6e6, hourMaxBytes: 450e6, monthMaxBytes: 20e9 }],
  [{ bitrateKbps: 1411, capKbps: 5000, hourBytes: 635e6, hourMaxBytes: 2.25e9, monthMaxBytes: 20e9 }],
];

/** What each function of the table is tried with: everything about which a language may change its words. */
const ARGUMENTS: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  'swarm.fromListeners': [1, 2, 7, 1200].map((count) => [0.82, count]),
  'swarm.sentence': [[['a']], [['a', 'b']]],
  'player.qualityOf': [
    ['MP3', 128],
    ['FLAC', 1411],
  ],
  'settings.amount': [[0], [12_400_000], [999_600_000], [2_500_000_000]],
  'settings.relayGives': [
    [0, 0],
    [12_400_000_000, 1],
    [2_500_000, 1200],
  ],
  'settings.relayedThisMonth': [[0], [2_500_000_000]],
  'settings.uploadCapOf': [[64], [1000], [2500]],
  'pages.relaying.lead': [['Radio']],
  'pages.relaying.back': [['Radio']],
  'pages.relaying.figures': AMOUNTS,
  'pages.relaying.sections': AMOUNTS,
  'extras.time': [[new Date(2026, 0, 2, 15, 4)]],
};
const COUNTS = [[0], [1], [2], [7], [61], [1200]];

/**
 * Every text of a language by its path, the builder's and the server's pages' too; what is a function is called with
 * each of the arguments that differ.
 */
function textsOf(strings: Strings): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const collect = (value: unknown, path: string): void => {
    if (typeof value === 'string') texts.set(path, value);
    else if (typeof value === 'function')
      for (const args of ARGUMENTS[path] ?? COUNTS)
        collect(
          Reflect.apply(value, undefined, [...args]),
          `${path}(${args.map((each) => JSON.stringify(each)).join()})`,
        );
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) collect(inner, path === '' ? key : `${path}.${key}`);
  };
  collect(strings, '');
  collect(BUILDER_STRINGS[strings.language], 'builder');
  collect(PAGE_TEXTS[strings.language], 'pages');
  return texts;
}

describe('page and widget in each language', () => {
  test.each(LANGUAGES)('$language says everything', (strings) => {
    expect([...textsOf(strings).keys()]).toEqual([...textsOf(en).keys()]);
    for (const [path, text] of textsOf(strings)) {
      expect(text.trim(), path).not.toBe('');
      expect(text, path).not.toMatch(/undefined|NaN|\[object|#/);
    }
  });

  test.each(LANGUAGES.filter((each) => each !== en))('$language leaves nothing in English', (strings) => {
    const english = textsOf(en);
    const same = [...textsOf(strings)].filter(([path, text]) => english.get(path) === text);
    expect(same.map(([path]) => path)).toEqual(
      same.map(([path]) => path).filter((path) => SAME_IN_ALL.some((each) => path.startsWith(each))),
    );
  });

  test('every language is offered by its own name', () => {
    expect(LANGUAGE_NAMES).toEqual(
      Object.fromEntries(LANGUAGES.map(({ language, languageName }) => [language, languageName])),
    );
    const codes = LANGUAGES.map(({ language }) => language);
    expect(Object.keys(BUILDER_STRINGS)).toEqual(codes);
    expect(Object.keys(PAGE_TEXTS)).toEqual(codes);
  });

  test('speaks no technical language', () => {
    for (const strings of LANGUAGES)
      for (const text of textsOf(strings).values())
        expect(text).not.toMatch(
          /\bpeer|\bpair|WebRTC|codec|buffer|chunk|swarm|erreur|error|MediaSource|HTTP|\bP2P\b/i,
        );
  });

  test('numbers, plurals and amounts are the language’s own', () => {
    expect(en.swarm.fromListeners(0.5, 1)).toBe('50% of the sound comes from one other listener');
    expect(en.swarm.fromListeners(0.5, 2)).toBe('50% of the sound comes from 2 other listeners');
    expect(fr.swarm.fromListeners(0.5, 1)).toMatch(/^50\s%\sdu son vient d’un autre auditeur$/);
    expect(fr.swarm.fromListeners(0.5, 1200)).toMatch(/de 1\s200 autres auditeurs$/);
    expect(en.extras.sleepLeft(1)).toBe('Stops in 1 minute');
    expect(en.extras.sleepLeft(2)).toBe('Stops in 2 minutes');
    expect(fr.extras.sleepLeft(0)).toBe('Arrêt dans 0\u00a0minute');
    expect(fr.settings.amount(2_500_000_000)).toBe('2,5\u00a0Go');
    expect(en.settings.amount(999_600_000)).toBe('1\u00a0GB');
    expect(en.player.behindLive(65)).toBe('1:05 behind');
  });

  test('French marks are never torn from their word', () => {
    for (const [path, text] of textsOf(fr)) {
      expect(text, path).not.toMatch(/ [:;!?%»]/);
      expect(text, path).not.toMatch(/« /);
      expect(text, path).not.toContain("'");
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

/** What is written alike in several languages. */
const SAME_IN_ALL = [
  'player.volume',
  'player.pause',
  'player.qualityOf',
  'settings.uploadCapOf',
  'swarm.sentence',
];
