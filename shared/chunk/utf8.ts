/**
 * UTF-8 from what ECMAScript itself offers: the core knows no TextEncoder. The URI functions are specified over
 * UTF-8 octets, and decoding refuses overlong forms, surrogates and truncated sequences.
 * Source: ECMAScript 2024, 19.2.6 (URI Handling Functions).
 */
export function encodeUtf8(text: string): Uint8Array {
  const escaped = encodeURIComponent(text.toWellFormed());
  const octets: number[] = [];
  for (let index = 0; index < escaped.length; index += 1) {
    if (escaped[index] === '%') {
      octets.push(Number.parseInt(escaped.slice(index + 1, index + 3), 16));
      index += 2;
    } else octets.push(escaped.charCodeAt(index));
  }
  return Uint8Array.from(octets);
}

/** The text, or null if `octets` is not well-formed UTF-8. */
export function decodeUtf8(octets: Uint8Array): string | null {
  const escaped: string[] = [];
  for (const octet of octets) escaped.push(ESCAPES[octet] ?? '');
  try {
    return decodeURIComponent(escaped.join(''));
  } catch {
    return null;
  }
}

const ESCAPES: readonly string[] = Array.from(
  { length: 256 },
  (_, octet) => `%${octet.toString(16).padStart(2, '0')}`,
);
