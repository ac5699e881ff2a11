import type { Title } from '../station/title.ts';

/** Bytes of sound between metadata blocks: Icecast's default, the interval that every player knows. */
export const ICY_INTERVAL_BYTES = 16_000;
/** One byte counts blocks of 16. */
const BLOCK_BYTES = 16;
const BLOCKS_MAX = 255;

/**
 * Puts ICY metadata between the sound of one connection: after each ICY_INTERVAL_BYTES one byte that says how many
 * blocks of 16 follow, then the text. A title is said once, in the first block after it has changed.
 */
export class IcyBlocks {
  #soundLeft = ICY_INTERVAL_BYTES;
  #text: Uint8Array;
  #isSaid = false;

  constructor(text: Uint8Array) {
    this.#text = text;
  }

  /** From the next block on. */
  setText(text: Uint8Array): void {
    if (text === this.#text || Buffer.compare(text, this.#text) === 0) return;
    this.#text = text;
    this.#isSaid = false;
  }

  /** The sound with what belongs into it, in order; views of `sound`, no copies. */
  push(sound: Uint8Array): readonly Uint8Array[] {
    const parts: Uint8Array[] = [];
    let offset = 0;
    while (sound.length - offset >= this.#soundLeft) {
      const end = offset + this.#soundLeft;
      parts.push(sound.subarray(offset, end), this.#isSaid ? NOTHING_NEW : this.#text);
      this.#isSaid = true;
      this.#soundLeft = ICY_INTERVAL_BYTES;
      offset = end;
    }
    if (offset < sound.length) parts.push(offset === 0 ? sound : sound.subarray(offset));
    this.#soundLeft -= sound.length - offset;
    return parts;
  }
}

const NOTHING_NEW = Uint8Array.of(0);

/** `StreamTitle='Artist - Title';` as a block, with the artwork as `StreamUrl` where there is one and it fits. */
export function icyText({ title, artist, artworkUrl }: Title, stationName: string): Uint8Array {
  const line = shownTitle({ title, artist }, stationName);
  // Nobody can escape a quotation mark; one that ends the field early would cut the title.
  const field = `StreamTitle='${line.replaceAll("';", "' ;")}';`;
  const withUrl = artworkUrl === '' ? field : `${field}StreamUrl='${artworkUrl.replaceAll("'", '%27')}';`;
  return block(withUrl) ?? block(field) ?? NOTHING_NEW;
}

function block(text: string): Uint8Array | null {
  const bytes = Buffer.from(text);
  const count = Math.ceil(bytes.length / BLOCK_BYTES);
  if (count > BLOCKS_MAX) return null;
  const whole = Buffer.alloc(1 + count * BLOCK_BYTES);
  whole.writeUInt8(count, 0);
  whole.set(bytes, 1);
  return whole;
}

/** One line, never empty: players and pollers take an empty title for a station that is off. */
export const shownTitle = ({ title, artist }: Pick<Title, 'title' | 'artist'>, stationName: string): string =>
  [artist, title].filter((part) => part !== '').join(' - ') || stationName;
