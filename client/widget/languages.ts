import type { Strings } from '../strings/strings.ts';

/** A file per language, each fetched when its language is wanted: the widget's first file stays small. */
const FILES = import.meta.glob<Readonly<Record<string, Strings>>>('../strings/??.ts');

/** The texts in the first language that is preferred and there; English otherwise. Rejects when they cannot be had. */
export async function loadStrings(preferred: readonly string[]): Promise<Strings> {
  for (const tag of [...preferred, 'en']) {
    const code = tag.toLowerCase().split('-')[0] ?? '';
    const strings = (await FILES[`../strings/${code}.ts`]?.())?.[code];
    if (strings !== undefined) return strings;
  }
  throw new Error('Cannot speak without a language as there must be one: current value is none');
}
