import {
  ADTS_HEADER_BYTES,
  audioSpecificConfig,
  parseAdtsHeader,
} from '../../../shared/codec/adts-header.ts';
import { sameConfig } from '../../../shared/codec/codec.ts';
import type { CodecConfig } from '../../../shared/codec/codec.ts';
import { MPEG_HEADER_BYTES, parseMpegHeader } from '../../../shared/codec/mpeg-header.ts';
import { copyBytes, joinBytes } from './demuxer.ts';
import type { Demuxer, DemuxEvent } from './demuxer.ts';

/** Garbage is told from sound by this many headers in a row, each where the one before says, all of one kind. */
export const SYNC_HEADERS = 3;

export const mpegDemuxer = (): Demuxer => new SelfFramingDemuxer(MPEG);
export const adtsDemuxer = (): Demuxer => new SelfFramingDemuxer(ADTS);

interface FrameHeader {
  readonly byteLength: number;
  readonly sampleCount: number;
  readonly config: CodecConfig;
}

interface Framing {
  readonly headerBytes: number;
  parse(bytes: Uint8Array, offset: number): FrameHeader | null;
}

const MPEG: Framing = {
  headerBytes: MPEG_HEADER_BYTES,
  parse(bytes, offset) {
    const header = parseMpegHeader(bytes, offset);
    if (header === null) return null;
    const { sampleRateHz, channelCount } = header;
    return { ...header, config: { codec: 'mp3', sampleRateHz, channelCount, setup: null } };
  },
};

const ADTS: Framing = {
  headerBytes: ADTS_HEADER_BYTES,
  parse(bytes, offset) {
    const header = parseAdtsHeader(bytes, offset);
    if (header === null) return null;
    const { sampleRateHz, channelCount } = header;
    return {
      ...header,
      config: { codec: 'aac', sampleRateHz, channelCount, setup: audioSpecificConfig(header) },
    };
  },
};

/**
 * For formats whose frames carry their own header and length and follow each other directly.
 *
 * A frame comes out when the header of the next one is there: only then is it known to be whole. If something else
 * is there, the search for the next run of headers starts one byte into the frame in question: found inside the
 * frame's extent, the frame was cut short, so it is thrown away and a gap reported; found at its end or later, the
 * frame was whole and what lies between is garbage (a tag, a stray byte), which costs no sound.
 */
class SelfFramingDemuxer implements Demuxer {
  readonly #framing: Framing;
  #pending: Uint8Array = new Uint8Array(0);
  #config: CodecConfig | null = null;
  /** The frame at the start of `pending`, when its header stands where it was expected. */
  #expected: FrameHeader | null = null;

  constructor(framing: Framing) {
    this.#framing = framing;
  }

  push(bytes: Uint8Array): readonly DemuxEvent[] {
    this.#pending = joinBytes(this.#pending, bytes);
    return this.#drain(false);
  }

  end(): readonly DemuxEvent[] {
    const events = this.#drain(true);
    if (this.#pending.length > 0) events.push({ type: 'discarded', byteCount: this.#pending.length });
    this.#pending = new Uint8Array(0);
    this.#expected = null;
    return events;
  }

  #drain(isEnd: boolean): DemuxEvent[] {
    const events: DemuxEvent[] = [];
    let offset = 0;
    for (;;) {
      const next = this.#step(offset, isEnd, events);
      if (next === null) break;
      offset = next;
    }
    this.#pending = this.#pending.subarray(offset);
    return events;
  }

  /** One step from `offset`: the new offset, or null if more bytes are needed. */
  #step(offset: number, isEnd: boolean, events: DemuxEvent[]): number | null {
    const current = this.#expected;
    if (current === null) return this.#search(offset, offset, isEnd, events);
    const end = offset + current.byteLength;
    const isLast = isEnd && end === this.#pending.length;
    if (end + this.#framing.headerBytes > this.#pending.length && !isLast) {
      // At the end of the source nothing more comes: what is left is a frame cut short, or one with garbage after it.
      return isEnd && offset < this.#pending.length ? this.#search(offset, offset + 1, isEnd, events) : null;
    }
    const next = isLast ? null : this.#framing.parse(this.#pending, end);
    const isNextAlike = next !== null && sameConfig(next.config, current.config);
    if (!isLast && !isNextAlike) return this.#search(offset, offset + 1, isEnd, events);
    this.#emit(offset, current, events);
    this.#expected = next;
    return end;
  }

  /** Looks for a run of headers from `from` on; `offset` is where the frame in question or the garbage begins. */
  #search(offset: number, from: number, isEnd: boolean, events: DemuxEvent[]): number | null {
    const suspect = this.#expected;
    for (let at = from; at < this.#pending.length; at++) {
      const verdict = findRun(this.#framing, this.#pending, at, isEnd);
      if (verdict === 'no') continue;
      // Without a frame in question, the garbage before a possible run can go at once.
      if (verdict === 'unsure')
        return suspect === null && at > offset ? this.#discard(offset, at, events) : null;
      const found = this.#framing.parse(this.#pending, at);
      this.#settle(offset, at, events);
      this.#expected = found;
      return at;
    }
    if (suspect !== null && !isEnd && this.#pending.length - offset < suspect.byteLength + SEARCH_BYTES)
      return null;
    if (offset === this.#pending.length) return null;
    this.#settle(offset, this.#pending.length, events);
    this.#expected = null;
    return this.#pending.length;
  }

  /** Decides on the frame in question, now that sound (or the end) is known to begin at `at`. */
  #settle(offset: number, at: number, events: DemuxEvent[]): void {
    const suspect = this.#expected;
    if (suspect === null) {
      this.#discard(offset, at, events);
      return;
    }
    const end = offset + suspect.byteLength;
    if (end <= at) {
      this.#emit(offset, suspect, events);
      this.#discard(end, at, events);
    } else {
      this.#discard(offset, at, events);
      events.push({ type: 'gap', reason: 'a frame was cut short' });
    }
  }

  #discard(from: number, to: number, events: DemuxEvent[]): number {
    if (to > from) events.push({ type: 'discarded', byteCount: to - from });
    return to;
  }

  #emit(offset: number, header: FrameHeader, events: DemuxEvent[]): void {
    if (this.#config === null || !sameConfig(this.#config, header.config)) {
      this.#config = header.config;
      events.push({ type: 'config', config: header.config });
    }
    const bytes = copyBytes(this.#pending, offset, offset + header.byteLength);
    events.push({ type: 'frame', frame: { bytes, sampleCount: header.sampleCount } });
  }
}

/** A frame in question is held at most this long beyond its end while no run of headers is found. */
const SEARCH_BYTES = 16_384;

/** Whether SYNC_HEADERS alike headers follow each other from `at`; `unsure` if the bytes end before that is known. */
function findRun(framing: Framing, bytes: Uint8Array, at: number, isEnd: boolean): 'yes' | 'no' | 'unsure' {
  let first: FrameHeader | null = null;
  let offset = at;
  for (let count = 0; count < SYNC_HEADERS; count++) {
    // At the end of the source, a run that ends exactly with it is as long as it can be.
    if (isEnd && count > 0 && offset === bytes.length) return 'yes';
    if (offset + framing.headerBytes > bytes.length) {
      const isPossible = offset >= bytes.length || bytes[offset] === 0xff;
      return isPossible && !isEnd ? 'unsure' : 'no';
    }
    const header = framing.parse(bytes, offset);
    if (header === null || (first !== null && !sameConfig(first.config, header.config))) return 'no';
    first ??= header;
    offset += header.byteLength;
  }
  return 'yes';
}
