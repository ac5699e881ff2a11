import { decodeText } from '../ingest/text.ts';

/** Longer heads are refused, as Node's HTTP does. */
export const HEAD_BYTES_MAX = 16_384;
export const HEADERS_MAX = 100;

export interface RequestHead {
  /** As it came: `SOURCE`, `PUT`, … */
  readonly method: string;
  /** Decoded, without a query, e.g. `/live.mp3`. */
  readonly path: string;
  /** By lower-case name; of several with one name, the last. */
  readonly headers: ReadonlyMap<string, string>;
}

/**
 * Where the head ends, i.e. the index of the body's first byte; null: more bytes are needed. Source clients end their
 * lines with LF, CR LF or CR CR LF, so an empty line is two LF with nothing but CR between. Empty lines before the head
 * are part of it.
 */
export function headEnd(bytes: Uint8Array): number | null {
  let lineIsEmpty = true;
  let hasText = false;
  for (const [index, byte] of bytes.entries()) {
    if (byte === CR) continue;
    if (byte === LF) {
      if (lineIsEmpty && hasText) return index + 1;
      lineIsEmpty = true;
    } else {
      lineIsEmpty = false;
      hasText = true;
    }
  }
  return null;
}

/** Null: the first line is no request. */
export function parseHead(bytes: Uint8Array): RequestHead | null {
  const [first = '', ...lines] = textLines(bytes);
  const [method = '', target = ''] = first.trim().split(/\s+/);
  const path = readPath(target);
  if (!/^[A-Z]{1,16}$/.test(method) || path === null) return null;
  return { method, path, headers: readHeaders(lines) };
}

/** @param lines `Name: value`, of which those that are something else are passed over. */
export function readHeaders(lines: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    lines.slice(0, HEADERS_MAX).flatMap((line): readonly (readonly [string, string])[] => {
      const colon = line.indexOf(':');
      return colon < 1 ? [] : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]];
    }),
  );
}

/** The lines with something in them. Names of stations come in Latin-1 or UTF-8. */
export const textLines = (bytes: Uint8Array): readonly string[] =>
  decodeText(bytes)
    .split(/\r*\n/)
    .filter((line) => line !== '');

/** `/live.mp3`, `/live.mp3?x=1`, `http://host/live.mp3`, `*`; null: none of these. */
function readPath(target: string): string | null {
  if (target === '*') return target;
  const local = target.replace(/^https?:\/\/[^/]*/i, '').replace(/[?#].*$/, '');
  if (!local.startsWith('/')) return null;
  try {
    return decodeURIComponent(local);
  } catch {
    return null;
  }
}

const CR = 13;
const LF = 10;
