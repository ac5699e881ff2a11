import { copyBytes, joinBytes } from './demuxer.ts';

/** One Ogg page (RFC 3533 §6) whose checksum was right. */
export interface OggPage {
  readonly isContinued: boolean;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly serial: number;
  readonly sequence: number;
  /** The page's share of each packet; views of the page's own memory. */
  readonly segments: readonly Uint8Array[];
  /** The last segment goes on in the next page. */
  readonly isLastSegmentOpen: boolean;
}

export type OggPageEvent = { readonly type: 'page'; readonly page: OggPage } | DiscardedEvent;
type DiscardedEvent = { readonly type: 'discarded'; readonly byteCount: number };

/** Finds pages in bytes that come in any cuts. A page with a wrong checksum is garbage like any other. */
export class OggPageReader {
  #pending: Uint8Array = new Uint8Array(0);

  push(bytes: Uint8Array): readonly OggPageEvent[] {
    this.#pending = joinBytes(this.#pending, bytes);
    const events: OggPageEvent[] = [];
    let garbageFrom = 0;
    let offset = 0;
    while (offset < this.#pending.length) {
      const extent = readExtent(this.#pending, offset);
      if (extent === 'cut short') break;
      if (extent === 'no page') {
        const next = this.#pending.indexOf(CAPTURE_PATTERN[0], offset + 1);
        offset = next === -1 ? this.#pending.length : next;
        continue;
      }
      if (offset > garbageFrom) events.push({ type: 'discarded', byteCount: offset - garbageFrom });
      events.push({
        type: 'page',
        page: readPage(copyBytes(this.#pending, offset, offset + extent.byteLength)),
      });
      offset += extent.byteLength;
      garbageFrom = offset;
    }
    if (offset > garbageFrom) events.push({ type: 'discarded', byteCount: offset - garbageFrom });
    this.#pending = this.#pending.subarray(offset);
    return events;
  }

  end(): readonly DiscardedEvent[] {
    const byteCount = this.#pending.length;
    this.#pending = new Uint8Array(0);
    return byteCount === 0 ? [] : [{ type: 'discarded', byteCount }];
  }
}

const CAPTURE_PATTERN = [0x4f, 0x67, 0x67, 0x53] as const; // OggS
const HEADER_BYTES = 27;
const CHECKSUM_OFFSET = 22;

function readExtent(bytes: Uint8Array, offset: number): { byteLength: number } | 'no page' | 'cut short' {
  for (const [index, expected] of CAPTURE_PATTERN.entries()) {
    const byte = bytes[offset + index];
    if (byte === undefined) return 'cut short';
    if (byte !== expected) return 'no page';
  }
  const segmentCount = bytes[offset + HEADER_BYTES - 1];
  if (segmentCount === undefined) return 'cut short';
  if (bytes[offset + 4] !== 0) return 'no page';
  const bodyOffset = offset + HEADER_BYTES + segmentCount;
  if (bodyOffset > bytes.length) return 'cut short';
  const laces = bytes.subarray(offset + HEADER_BYTES, bodyOffset);
  const byteLength = HEADER_BYTES + segmentCount + laces.reduce((sum, lace) => sum + lace, 0);
  if (offset + byteLength > bytes.length) return 'cut short';
  return hasRightChecksum(bytes.subarray(offset, offset + byteLength)) ? { byteLength } : 'no page';
}

function readPage(bytes: Uint8Array): OggPage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.getUint8(5);
  const laceCount = view.getUint8(HEADER_BYTES - 1);
  const segments: Uint8Array[] = [];
  let start = HEADER_BYTES + laceCount;
  let end = start;
  let lace = 0;
  for (let index = 0; index < laceCount; index++) {
    lace = view.getUint8(HEADER_BYTES + index);
    end += lace;
    if (lace < 255 || index === laceCount - 1) {
      segments.push(bytes.subarray(start, end));
      start = end;
    }
  }
  return {
    isContinued: (flags & 1) !== 0,
    isFirst: (flags & 2) !== 0,
    isLast: (flags & 4) !== 0,
    serial: view.getUint32(14, true),
    sequence: view.getUint32(18, true),
    segments,
    isLastSegmentOpen: lace === 255,
  };
}

const hasRightChecksum = (page: Uint8Array): boolean =>
  oggChecksum(page) === new DataView(page.buffer, page.byteOffset).getUint32(CHECKSUM_OFFSET, true);

/** CRC-32 of Ogg: polynomial 0x04c11db7, not reflected, start 0, the checksum's own bytes taken as 0. */
export function oggChecksum(page: Uint8Array): number {
  let crc = 0;
  for (let index = 0; index < page.length; index++) {
    const isChecksum = index >= CHECKSUM_OFFSET && index < CHECKSUM_OFFSET + 4;
    const byte = isChecksum ? 0 : (page[index] ?? 0);
    crc = ((crc << 8) ^ (CRC_TABLE[(crc >>> 24) ^ byte] ?? 0)) >>> 0;
  }
  return crc;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value < 0 ? 0x04c11db7 : 0);
  return value;
});
