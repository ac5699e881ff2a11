import { oggChecksum } from '../ingest/demux/ogg-page-reader.ts';

/** One packet, and the granule position of its last sample. */
export interface OggPacket {
  readonly bytes: Uint8Array;
  readonly granule: bigint;
}

export interface OggPageFields {
  readonly serial: number;
  readonly sequence: number;
  /** The stream's first page. */
  readonly isFirst: boolean;
}

const HEADER_LENGTH = 27;
/** A page's table has one byte for its length. */
const SEGMENTS_MAX = 255;

/**
 * Whole packets as pages (RFC 3533, section 6): one page where they fit, as 250 ms of any usual stream do. By hand,
 * since a muxing library makes files: here a chunk's page must be the same bytes for every player, whenever it
 * joined. A packet that fits into no page (65 kB) is left out.
 */
export function oggPages(fields: OggPageFields, packets: readonly OggPacket[]): Uint8Array {
  const pages: Buffer[] = [];
  let batch: OggPacket[] = [];
  let segments = 0;
  const flush = (): void => {
    if (batch.length === 0) return;
    const { serial, sequence, isFirst } = fields;
    pages.push(
      page({ serial, sequence: sequence + pages.length, isFirst: isFirst && pages.length === 0 }, batch),
    );
    batch = [];
    segments = 0;
  };
  for (const packet of packets) {
    const needed = segmentsOf(packet);
    if (needed > SEGMENTS_MAX) continue;
    if (segments + needed > SEGMENTS_MAX) flush();
    batch.push(packet);
    segments += needed;
  }
  flush();
  return Buffer.concat(pages);
}

/** A lace of 255 says that the packet goes on, so a packet ends with a shorter one, perhaps 0. */
const segmentsOf = (packet: OggPacket): number => Math.floor(packet.bytes.length / 255) + 1;

function page({ serial, sequence, isFirst }: OggPageFields, packets: readonly OggPacket[]): Buffer {
  const laces = packets.flatMap((packet) =>
    Array.from({ length: segmentsOf(packet) }, (_, index) =>
      Math.min(255, packet.bytes.length - index * 255),
    ),
  );
  const header = Buffer.alloc(HEADER_LENGTH + laces.length);
  header.write('OggS', 0, 'latin1');
  header.writeUInt8(isFirst ? 2 : 0, 5);
  header.writeBigUInt64LE(packets.at(-1)?.granule ?? 0n, 6);
  header.writeUInt32LE(serial, 14);
  header.writeUInt32LE(sequence, 18);
  header.writeUInt8(laces.length, 26);
  header.set(laces, HEADER_LENGTH);
  const whole = Buffer.concat([header, ...packets.map((packet) => packet.bytes)]);
  whole.writeUInt32LE(oggChecksum(whole), 22);
  return whole;
}
