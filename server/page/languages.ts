import { ANY_LANGUAGE } from '../../shared/station/page.ts';
import type { Texts } from '../../shared/station/page.ts';
import { PAGE_TEXTS } from '../../client/strings/pages/page-texts.ts';
import type { PageTexts } from '../../client/strings/pages/page-texts.ts';
import { escapeAttribute } from '../../shared/embed/snippet.ts';
import { escapeText } from './escape.ts';

type ToHtml = (text: string) => string;

/** Languages that the server's own pages speak. */
export const PAGE_LANGUAGES: readonly string[] = Object.keys(PAGE_TEXTS);
const FALLBACK = 'en';

/** The first language of an `Accept-Language` that we speak (RFC 9110: by weight, then in order); else English. */
export function preferredLanguage(accepted: string | undefined): string {
  const wanted = (accepted ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
      const weight = parameters
        .find((each) => each.trim().startsWith('q='))
        ?.trim()
        .slice(2);
      return { code: tag.split('-')[0] ?? '', weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ code, weight }) => weight > 0 && PAGE_LANGUAGES.includes(code))
    .toSorted((left, right) => right.weight - left.weight);
  return wanted[0]?.code ?? FALLBACK;
}

/** The text for a reader of that language: in it, else in English, else the first there is; null: there is none. */
export function textFor(texts: Texts, language: string): { code: string; text: string } | null {
  const codes = [language, ANY_LANGUAGE, FALLBACK, ...Object.keys(texts)];
  const code = codes.find((each) => (texts[each] ?? '') !== '');
  return code === undefined ? null : { code, text: texts[code] ?? '' };
}

/**
 * HTML of a text in all languages, of which the reader's is shown (by the station's style sheet): the language can be
 * changed while the page is open, and there need be no script.
 * @param html how one text becomes HTML.
 */
export function inLanguages(texts: Texts, html: ToHtml = escapeText): string {
  const readers = new Map<string, { readonly text: string; readonly languages: string[] }>();
  for (const language of PAGE_LANGUAGES) {
    const found = textFor(texts, language);
    if (found === null) return '';
    const { languages } = readers.get(found.code) ?? { languages: [] };
    readers.set(found.code, { text: found.text, languages: [...languages, language] });
  }
  const [only, ...others] = readers;
  if (only !== undefined && others.length === 0) return element(only[0], '', html(only[1].text));
  return [...readers]
    .map(([code, { text, languages }]) => element(code, ` data-in="${languages.join(' ')}"`, html(text)))
    .join('');
}

/** One of our own texts, in all languages. */
export const pageText = (choose: (texts: PageTexts) => string): string =>
  inLanguages(Object.fromEntries(Object.entries(PAGE_TEXTS).map(([code, texts]) => [code, choose(texts)])));

const element = (code: string, attributes: string, html: string): string =>
  `<span${code === ANY_LANGUAGE ? '' : ` lang="${escapeAttribute(code)}"`}${attributes}>${html}</span>`;
