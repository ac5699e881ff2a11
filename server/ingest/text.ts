/** Longest title or artist that is passed on, in UTF-16 units. */
export const TEXT_LENGTH_MAX = 500;

/** Stations send UTF-8 or, old ones, Windows-1252 (Latin-1 and more); what is not valid UTF-8 is the latter. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** One line without control characters, of bounded length, never cut inside a character. */
export function limitText(text: string): string {
  const line = text.replaceAll(/\p{Cc}+/gu, ' ').trim();
  return line.length <= TEXT_LENGTH_MAX
    ? line
    : line.slice(0, TEXT_LENGTH_MAX).replace(/[\uD800-\uDBFF]$/u, '');
}

/** The beginning of what a source sent, for an error message. */
export function quoteBeginning(bytes: Uint8Array): string {
  const text = limitText(decodeText(bytes.subarray(0, QUOTED_BYTES)));
  return JSON.stringify(text);
}

const QUOTED_BYTES = 48;
