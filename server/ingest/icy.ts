import { joinBytes } from './demux/demuxer.ts';
import type { TitleEvent } from './events.ts';
import { decodeText, limitText } from './text.ts';

/** The interval between ICY metadata that is believed; Icecast's default is 16,000 bytes. */
export const ICY_INTERVAL_BYTES_MAX = 1_048_576;

export type IcyPart = { readonly type: 'sound'; readonly bytes: Uint8Array } | TitleEvent;

/**
 * Takes ICY metadata out of a body that carries it: after each `interval` bytes of sound, one byte that says how
 * many blocks of 16 follow, then the text, padded with zeros. (The protocol was never written down by its makers;
 * this is what Shoutcast and Icecast send.) Memory is bounded by one text: 4,080 bytes.
 */
export class IcySplitter {
  readonly #intervalBytes: number;
  #soundLeft: number;
  /** The text that is being collected; null while sound is passing. */
  #text: { readonly bytes: Uint8Array; readonly left: number } | null = null;

  /** @throws RangeError if the interval is not 1 to ICY_INTERVAL_BYTES_MAX. */
  constructor(intervalBytes: number) {
    if (!Number.isInteger(intervalBytes) || intervalBytes < 1 || intervalBytes > ICY_INTERVAL_BYTES_MAX)
      throw new RangeError(
        `Cannot read icy-metaint as 1 to ${ICY_INTERVAL_BYTES_MAX} bytes: current value is ${intervalBytes}`,
      );
    this.#intervalBytes = intervalBytes;
    this.#soundLeft = intervalBytes;
  }

  push(bytes: Uint8Array): readonly IcyPart[] {
    const parts: IcyPart[] = [];
    let offset = 0;
    while (offset < bytes.length) {
      if (this.#text !== null) {
        const taken = bytes.subarray(offset, offset + this.#text.left);
        offset += taken.length;
        this.#text = { bytes: joinBytes(this.#text.bytes, taken), left: this.#text.left - taken.length };
      } else if (this.#soundLeft > 0) {
        const taken = bytes.subarray(offset, offset + this.#soundLeft);
        offset += taken.length;
        this.#soundLeft -= taken.length;
        parts.push({ type: 'sound', bytes: taken });
        continue;
      } else {
        this.#text = { bytes: new Uint8Array(0), left: (bytes[offset] ?? 0) * 16 };
        offset += 1;
      }
      if (this.#text.left > 0) continue;
      const title = readIcyTitle(this.#text.bytes);
      if (title !== null) parts.push(title);
      this.#text = null;
      this.#soundLeft = this.#intervalBytes;
    }
    return parts;
  }
}

/**
 * Reads `StreamTitle='Artist - Title';StreamUrl='…';`. Quotes inside the title are not escaped by anyone, so it ends
 * at the last `';` before the next key or the end. Null if the text names no title.
 */
export function readIcyTitle(text: Uint8Array): TitleEvent | null {
  const padding = text.indexOf(0);
  const line = decodeText(padding === -1 ? text : text.subarray(0, padding));
  const match = /StreamTitle='(?<name>.*?)(?:';\s*(?=[A-Za-z]+='|$)|'?;?\s*$)/su.exec(line);
  const name = match?.groups?.['name'];
  if (name === undefined) return null;
  return splitTitle(limitText(name));
}

/** `Artist - Title`, as most stations write it; anything else is a title. */
export function splitTitle(text: string): TitleEvent {
  const [artist, ...rest] = text.split(' - ');
  if (artist === undefined || rest.length === 0) return { type: 'title', title: artist ?? '' };
  return { type: 'title', title: rest.join(' - ').trim(), artist: artist.trim() };
}
