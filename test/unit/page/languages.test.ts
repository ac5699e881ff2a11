import { describe, expect, it } from 'vitest';
import { inLanguages, preferredLanguage, textFor } from '../../../server/page/languages.ts';

describe('a page’s languages', () => {
  it.each([
    ['fr-FR,fr;q=0.9,en;q=0.8', 'fr'],
    ['de,en;q=0.5,fr;q=0.7', 'fr'],
    ['de', 'en'],
    ['fr;q=0,en;q=0.1', 'en'],
    [undefined, 'en'],
  ])('of %s the first is chosen that we speak, by weight', (accepted, expected) => {
    expect(preferredLanguage(accepted)).toBe(expected);
  });

  it('give each reader a text in their own, else in English, else in whichever there is', () => {
    expect(textFor({ fr: 'un', en: 'one' }, 'fr')?.text).toBe('un');
    expect(textFor({ en: 'one', de: 'eins' }, 'fr')?.text).toBe('one');
    expect(textFor({ de: 'eins' }, 'fr')?.text).toBe('eins');
    expect(textFor({ und: 'Essaim' }, 'fr')?.text).toBe('Essaim');
    expect(textFor({}, 'fr')).toBeNull();
  });

  it('say of each text who reads it, and nothing where all read the same', () => {
    expect(inLanguages({ fr: 'un', en: 'one' })).toBe(
      '<span lang="en" data-in="en">one</span><span lang="fr" data-in="fr">un</span>',
    );
    expect(inLanguages({ de: 'eins & zwei' })).toBe('<span lang="de">eins &amp; zwei</span>');
    expect(inLanguages({ und: '<b>' })).toBe('<span>&lt;b&gt;</span>');
  });
});
