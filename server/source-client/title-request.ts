import type { TitleEvent } from '../ingest/events.ts';
import { splitTitle } from '../ingest/icy.ts';
import { decodeText, limitText } from '../ingest/text.ts';

/** The fields of a query or a form, their bytes as they came: which characters they are is said by one of them. */
export type RawFields = ReadonlyMap<string, Uint8Array>;

/** More are not looked at. */
const FIELDS_MAX = 64;

/** @param text `application/x-www-form-urlencoded`, each byte one character (Latin-1). Of several of one name, the first counts. */
export function readFields(text: string): RawFields {
  const fields = new Map<string, Uint8Array>();
  for (const pair of text.split('&').slice(0, FIELDS_MAX)) {
    const equals = pair.indexOf('=');
    const name = decodeText(percentBytes(equals === -1 ? pair : pair.slice(0, equals)));
    if (name !== '' && !fields.has(name))
      fields.set(name, percentBytes(equals === -1 ? '' : pair.slice(equals + 1)));
  }
  return fields;
}

/** A field that is ASCII in all charsets; null: it is not there. */
export function plainField(fields: RawFields, name: string): string | null {
  const bytes = fields.get(name);
  return bytes === undefined ? null : decodeText(bytes);
}

/**
 * What is playing: `song`, or `title` with `artist`. Null: it does not say.
 *
 * Icecast takes it for ISO-8859-1 unless `charset` says otherwise, and passes the bytes on. Many clients send UTF-8 and
 * do not say so; as Latin-1 text is hardly ever valid UTF-8, that is tried first.
 */
export function readTitle(fields: RawFields): TitleEvent | null {
  const charset = plainField(fields, 'charset') ?? '';
  const text = (name: string): string | null => {
    const bytes = fields.get(name);
    return bytes === undefined ? null : limitText(decode(bytes, charset));
  };
  const song = text('song');
  if (song !== null) return splitTitle(song);
  const title = text('title');
  const artist = text('artist');
  if (title === null) return null;
  return { type: 'title', title, ...(artist === null ? {} : { artist }) };
}

function decode(bytes: Uint8Array, charset: string): string {
  try {
    if (charset !== '') return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    // A charset that nobody knows, or that is not the one it was written in.
  }
  return decodeText(bytes);
}

function percentBytes(text: string): Uint8Array {
  const plain = text
    .replaceAll('+', ' ')
    .replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(plain, 'latin1');
}
