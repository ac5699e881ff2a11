import { parseAdtsHeader } from './adts-header.ts';
import { isSelfFraming } from './codec.ts';
import type { CodecName, Frame } from './codec.ts';
import { parseMpegHeader } from './mpeg-header.ts';

/** A payload holds at most this many frames; 250 ms of the shortest Opus frames are 100. */
export const FRAMES_PER_PAYLOAD_MAX = 4096;

export type UnpackResult =
  | { readonly ok: true; readonly frames: readonly Frame[] }
  | { readonly ok: false; readonly reason: UnpackFault };

export type UnpackFault =
  'header invalid' | 'frame cut short' | 'number invalid' | 'frame empty' | 'too many frames';

/**
 * Puts whole frames into one payload. MP3 and AAC frames say how long they are and are simply joined; the others
 * become records: sample count, byte length (both unsigned LEB128), bytes.
 * @throws RangeError if a frame is empty, or there are more than FRAMES_PER_PAYLOAD_MAX.
 */
export function packFrames(codec: CodecName, frames: readonly Frame[]): Uint8Array {
  if (frames.length > FRAMES_PER_PAYLOAD_MAX)
    throw new RangeError(
      `Cannot pack frames as at most ${FRAMES_PER_PAYLOAD_MAX}: current value is ${frames.length}`,
    );
  const parts: Uint8Array[] = [];
  for (const frame of frames) {
    if (frame.bytes.length === 0)
      throw new RangeError('Cannot pack a frame as one byte or more: current value is 0');
    if (!isSelfFraming(codec)) parts.push(encodeNumber(frame.sampleCount), encodeNumber(frame.bytes.length));
    parts.push(frame.bytes);
  }
  const payload = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    payload.set(part, offset);
    offset += part.length;
  }
  return payload;
}

/** Undoes `packFrames`. The frames are views of `payload`. Never throws, never reads beyond the end. */
export function unpackFrames(codec: CodecName, payload: Uint8Array): UnpackResult {
  const frames: Frame[] = [];
  let offset = 0;
  while (offset < payload.length) {
    if (frames.length === FRAMES_PER_PAYLOAD_MAX) return { ok: false, reason: 'too many frames' };
    const extent = isSelfFraming(codec) ? readHeader(codec, payload, offset) : readRecord(payload, offset);
    if (typeof extent === 'string') return { ok: false, reason: extent };
    const end = extent.start + extent.byteLength;
    if (end > payload.length) return { ok: false, reason: 'frame cut short' };
    frames.push({ bytes: payload.subarray(extent.start, end), sampleCount: extent.sampleCount });
    offset = end;
  }
  return { ok: true, frames };
}

interface Extent {
  readonly start: number;
  readonly byteLength: number;
  readonly sampleCount: number;
}

function readHeader(codec: CodecName, payload: Uint8Array, start: number): Extent | UnpackFault {
  const header = codec === 'mp3' ? parseMpegHeader(payload, start) : parseAdtsHeader(payload, start);
  if (header === null) return 'header invalid';
  return { start, byteLength: header.byteLength, sampleCount: header.sampleCount };
}

function readRecord(payload: Uint8Array, offset: number): Extent | UnpackFault {
  const sampleCount = decodeNumber(payload, offset);
  if (sampleCount === null) return 'number invalid';
  const byteLength = decodeNumber(payload, sampleCount.end);
  if (byteLength === null) return 'number invalid';
  if (byteLength.value === 0) return 'frame empty';
  return { start: byteLength.end, byteLength: byteLength.value, sampleCount: sampleCount.value };
}

const NUMBER_BYTES_MAX = 4;
const NUMBER_MAX = 2 ** (7 * NUMBER_BYTES_MAX) - 1;

function encodeNumber(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > NUMBER_MAX)
    throw new RangeError(
      `Cannot pack a number as an integer from 0 to ${NUMBER_MAX}: current value is ${value}`,
    );
  const digits: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    digits.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Uint8Array.from([...digits, rest]);
}

/** Null if the number is cut short, too long, or not in its shortest form: one value has one spelling. */
function decodeNumber(bytes: Uint8Array, offset: number): { value: number; end: number } | null {
  let value = 0;
  for (let index = 0; index < NUMBER_BYTES_MAX; index++) {
    const byte = bytes[offset + index];
    if (byte === undefined) return null;
    value |= (byte & 0x7f) << (7 * index);
    if (byte < 0x80) return byte === 0 && index > 0 ? null : { value, end: offset + index + 1 };
  }
  return null;
}
