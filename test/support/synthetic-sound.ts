import { joinBytes } from '../../server/ingest/demux/demuxer.ts';

/** MPEG 1 Layer III frames of 128 kbit/s at 44.1 kHz: right headers, and bodies that hold no header. */
export function mpegFrames(
  count: number,
  options: { readonly mono?: boolean; readonly joint?: boolean } = {},
) {
  const mode = options.mono === true ? 0xc0 : options.joint === true ? 0x40 : 0x00;
  return Array.from({ length: count }, (_, index) => {
    const isPadded = index % 2 === 1;
    const frame = new Uint8Array(isPadded ? 418 : 417).fill(index % 0xe0);
    frame.set([0xff, 0xfb, isPadded ? 0x92 : 0x90, mode]);
    return frame;
  });
}

/** AAC LC frames in ADTS at 44.1 kHz, stereo, each of its own length. */
export function adtsFrames(count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, index) => {
    const frame = new Uint8Array(100 + ((index * 37) % 300)).fill(index % 0xe0);
    const { length } = frame;
    frame.set([
      0xff,
      0xf1,
      0x50,
      0x80 | (length >> 11),
      (length >> 3) & 0xff,
      ((length & 7) << 5) | 0x1f,
      0xfc,
    ]);
    return frame;
  });
}

export const concat = (...parts: readonly Uint8Array[]): Uint8Array =>
  parts.reduce((joined, part) => joinBytes(joined, part), new Uint8Array(0));

export interface PageFields {
  /** 1 continued, 2 first, 4 last. */
  readonly flags: number;
  readonly sequence: number;
  readonly packets: readonly Uint8Array[];
  readonly serial?: number;
  /** The last packet goes on in the next page; its length must be a multiple of 255. */
  readonly isOpen?: boolean;
}

/** An Ogg page with a right checksum, made bit by bit as RFC 3533 says. */
export function oggPage({ flags, sequence, packets, serial = 1, isOpen = false }: PageFields): Uint8Array {
  const laces = packets.flatMap(({ length }, index) => {
    const full = Array.from({ length: Math.floor(length / 255) }, () => 255);
    return isOpen && index === packets.length - 1 ? full : [...full, length % 255];
  });
  const head = new Uint8Array(27);
  head.set(new TextEncoder().encode('OggS'));
  head[5] = flags;
  const view = new DataView(head.buffer);
  view.setUint32(14, serial, true);
  view.setUint32(18, sequence, true);
  head[26] = laces.length;
  const page = concat(head, Uint8Array.from(laces), ...packets);
  new DataView(page.buffer).setUint32(22, checksum(page), true);
  return page;
}

function checksum(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes)
    for (let bit = 7; bit >= 0; bit--) {
      const isOut = ((crc >>> 31) ^ (byte >> bit)) & 1;
      crc = ((crc << 1) ^ (isOut * 0x04c11db7)) >>> 0;
    }
  return crc;
}

export const opusHead = (channelCount = 2): Uint8Array =>
  concat(
    new TextEncoder().encode('OpusHead'),
    Uint8Array.of(1, channelCount, 56, 1, 0x80, 0xbb, 0, 0, 0, 0, 0),
  );

export function opusTags(...entries: readonly string[]): Uint8Array {
  const texts = ['vendor', ...entries].map((entry) => new TextEncoder().encode(entry));
  const [vendor = new Uint8Array(0), ...comments] = texts.map((text) => concat(uint32(text.length), text));
  return concat(new TextEncoder().encode('OpusTags'), vendor, uint32(comments.length), ...comments);
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24);
}
