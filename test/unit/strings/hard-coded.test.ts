import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { textsInCode, textsInHtml } from '../../support/hard-coded-texts.ts';

const CLIENT = new URL('../../../client/', import.meta.url).pathname;
/** Names are the same in every language. */
const NAMES = ['Essaim'];
/** Where the texts of all languages are. */
const STRINGS = 'strings/';

const files = (kind: string): readonly string[] =>
  globSync(`**/*.${kind}`, { cwd: CLIENT }).filter((file) => !file.startsWith(STRINGS));
const read = (file: string): string => readFileSync(`${CLIENT}${file}`, 'utf8');

describe('no text stands in the client’s own code', () => {
  test('in its programs', () => {
    const all = files('ts');
    expect(all.length).toBeGreaterThan(50);
    const found = all.flatMap((file) => textsInCode(read(file)).map((text) => `${file}: ${text}`));
    expect(found).toEqual([]);
  });

  test.each(files('html'))('in %s', (file) => {
    expect(textsInHtml(read(file)).filter((text) => !NAMES.includes(text))).toEqual([]);
  });
});

describe('a text would be found', () => {
  test.each([
    [`make('p', { class: 'es-quiet', text: 'Loading' })`, ['Loading']],
    [`make('p', {}, 'Loading', strings.more)`, ['Loading']],
    [`make('a', { attributes: { title: 'Open', href: '/open' } })`, ['Open']],
    [`make('a', { attributes: { 'aria-label': isOpen ? 'Close' : 'Open' } })`, ['Close', 'Open']],
    [`setText(element, name || 'Nobody')`, ['Nobody']],
    ['setText(element, `Played ${time}`)', ['Played …']],
    [`element.textContent = 'On ' + 'air'`, ['On ', 'air']],
    [`element.ariaLabel = 'Close'`, ['Close']],
    [`document.title = 'Radio'`, ['Radio']],
    [`element.setAttribute('aria-label', 'Close')`, ['Close']],
    [`setAttribute(element, 'title', 'Close')`, ['Close']],
    [`new Option('None', '')`, ['None']],
    [`element.replaceChildren('Nothing here')`, ['Nothing here']],
    [`globalThis.prompt('Copy this', address)`, ['Copy this']],
  ])('in %s', (code, texts) => {
    expect(textsInCode(code)).toEqual(texts);
  });

  test.each([
    ['<p>Hello</p>', ['Hello']],
    ['<noscript><p>No scripts</p></noscript>', ['No scripts']],
    ['<button title="Close" class="close-it"></button>', ['Close']],
    ['<img src="a.png" alt="A picture">', ['A picture']],
    ['<!doctype html><!-- words --><script>words</script><style>p {}</style><p id="words">–</p>', []],
  ])('in %s', (html, texts) => {
    expect(textsInHtml(html)).toEqual(texts);
  });
});
