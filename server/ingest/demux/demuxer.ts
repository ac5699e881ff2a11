import type { SoundEvent } from '../events.ts';

/**
 * Cuts a source's bytes into frames. Pure: the same bytes in any cuts give the same events. What belongs to no frame
 * is discarded and counted. Memory is bounded by the longest frame or page of the format.
 *
 * `codec-parser` 2.5 did this first and was measured out: each piece of garbage cost it a whole frame without a sign
 * of it (15 of 768 with garbage after every 50th), ten bytes of an ID3 header that promised 128 MB made it swallow
 * the stream until then, a comment packet longer than a page came out as a sound frame, and Ogg checksums were not
 * checked. The header parsers were needed anyway, for payloads.
 */
export interface Demuxer {
  push(bytes: Uint8Array): readonly DemuxEvent[];
  /** The source ended: what is whole comes out, the rest is discarded. */
  end(): readonly DemuxEvent[];
}

export type DemuxEvent = SoundEvent | { readonly type: 'discarded'; readonly byteCount: number };

/** A copy that owns its memory. (`slice` of a Node Buffer would be a view.) */
export const copyBytes = (bytes: Uint8Array, from = 0, to = bytes.length): Uint8Array =>
  new Uint8Array(bytes.subarray(from, to));

/** Joins without copying when one side is empty. */
export function joinBytes(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length === 0) return right;
  if (right.length === 0) return left;
  const joined = new Uint8Array(left.length + right.length);
  joined.set(left);
  joined.set(right, left.length);
  return joined;
}
