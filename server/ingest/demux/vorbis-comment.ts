import type { TitleEvent } from '../events.ts';
import { decodeText, limitText } from '../text.ts';

/** A comment packet is read up to this many entries; artwork counts as one. */
const ENTRIES_MAX = 1024;

/**
 * Finds title and artist in a Vorbis comment block (xiph.org/vorbis/doc/v-comment.html), the form in which Vorbis,
 * Opus and FLAC all carry them. A block that is cut short gives what could be read; null: it names no title.
 */
export function readTitle(block: Uint8Array): TitleEvent | null {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const values = new Map<string, string>();
  let offset = 0;
  const readNumber = (): number | null => {
    if (offset + 4 > block.length) return null;
    offset += 4;
    return view.getUint32(offset - 4, true);
  };
  const vendorByteLength = readNumber();
  if (vendorByteLength === null) return null;
  offset += vendorByteLength;
  const entryCount = Math.min(readNumber() ?? 0, ENTRIES_MAX);
  for (let index = 0; index < entryCount; index++) {
    const byteLength = readNumber();
    if (byteLength === null || offset + byteLength > block.length) break;
    const entry = block.subarray(offset, offset + byteLength);
    offset += byteLength;
    const equals = entry.indexOf(0x3d);
    if (equals < 1 || equals > NAME_BYTES_MAX) continue;
    const name = decodeText(entry.subarray(0, equals)).toUpperCase();
    if ((name === 'TITLE' || name === 'ARTIST') && !values.has(name))
      values.set(name, limitText(decodeText(entry.subarray(equals + 1))));
  }
  const title = values.get('TITLE');
  const artist = values.get('ARTIST');
  if (title === undefined) return null;
  return artist === undefined ? { type: 'title', title } : { type: 'title', title, artist };
}

const NAME_BYTES_MAX = 64;
