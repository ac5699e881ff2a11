import { payloadPart } from '../../shared/chunk/chunk.ts';
import type { Title } from '../station/title.ts';
import type { Segment } from './segmenter.ts';

/**
 * A segment of packed audio (RFC 8216, 3.4): MPEG or ADTS frames as they came, after an ID3 tag that says when they
 * are: no muxer.
 */
export function packedAudio({ chunks, title }: Segment): Uint8Array {
  const mediaTime = chunks[0]?.header.mediaTime ?? 0;
  return Buffer.concat([id3(mediaTime, title), ...chunks.map((chunk) => payloadPart(chunk))]);
}

/** @param mediaTime µs. */
function id3(mediaTime: number, { title, artist }: Title): Buffer {
  const frames = Buffer.concat([
    frame('PRIV', timestamp(mediaTime)),
    ...(title === '' ? [] : [frame('TIT2', text(title))]),
    ...(artist === '' ? [] : [frame('TPE1', text(artist))]),
  ]);
  return Buffer.concat([Buffer.from('ID3\u0004\u0000\u0000', 'latin1'), syncsafe(frames.length), frames]);
}

const frame = (id: string, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from(id, 'latin1'), syncsafe(content.length), Buffer.alloc(2), content]);

/** A 33-bit MPEG-2 time stamp, in ticks of 90 kHz. */
function timestamp(mediaTime: number): Buffer {
  const ticks = Buffer.alloc(8);
  ticks.writeBigUInt64BE(((BigInt(mediaTime) * 9n) / 100n) % 2n ** 33n);
  return Buffer.concat([Buffer.from('com.apple.streaming.transportStreamTimestamp\u0000', 'latin1'), ticks]);
}

/** UTF-8, ended by a zero. */
const text = (line: string): Buffer => Buffer.from(`\u0003${line}\u0000`);

/** Seven bits a byte (ID3v2.4, 6.2). */
const syncsafe = (length: number): Buffer =>
  Buffer.from([21, 14, 7, 0].map((shift) => (length >>> shift) & 0x7f));
