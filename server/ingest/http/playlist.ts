/** More entries than this are not looked at. */
export const PLAYLIST_ENTRIES_MAX = 32;
/** A playlist is a few lines; more bytes than this are not read. */
export const PLAYLIST_BYTES_MAX = 65_536;

const PLAYLIST_TYPES = new Set([
  'audio/x-mpegurl',
  'audio/mpegurl',
  'application/x-mpegurl',
  'application/mpegurl',
  'application/vnd.apple.mpegurl',
  'audio/x-scpls',
  'audio/scpls',
  'application/pls+xml',
  'application/x-scpls',
]);
const VAGUE_TYPES = new Set(['', 'text/plain', 'application/octet-stream', 'binary/octet-stream']);

/** By content type, or by the path's ending where the content type says nothing. */
export function isPlaylist(contentType: string, path: string): boolean {
  return PLAYLIST_TYPES.has(contentType) || (VAGUE_TYPES.has(contentType) && /\.(?:m3u8?|pls)$/iu.test(path));
}

/** An HLS playlist names files of a few seconds each, not streams. */
export const isHls = (text: string): boolean => /^#EXT-X-/mu.test(text);

/**
 * The http and https addresses that an M3U or PLS file names, in its order, relative ones resolved against `base`.
 * Lines that are no such address are passed over.
 */
export function readPlaylist(text: string, base: string): readonly string[] {
  const lines = text
    .replace(/^\uFEFF/u, '')
    .split(/\r\n|\r|\n/u)
    .map((line) => line.trim());
  const isPls = lines.some((line) => /^\[playlist\]$/iu.test(line));
  const entries = isPls
    ? lines.flatMap((line) => /^File\d+\s*=\s*(?<entry>.+)$/iu.exec(line)?.groups?.['entry'] ?? [])
    : lines.filter((line) => line !== '' && !line.startsWith('#'));
  return entries
    .filter((entry) => URL.canParse(entry, base))
    .map((entry) => new URL(entry, base))
    .filter(({ protocol }) => protocol === 'http:' || protocol === 'https:')
    .slice(0, PLAYLIST_ENTRIES_MAX)
    .map(({ href }) => href);
}
