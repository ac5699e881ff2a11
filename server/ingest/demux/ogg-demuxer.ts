import { sameConfig } from '../../../shared/codec/codec.ts';
import type { CodecConfig } from '../../../shared/codec/codec.ts';
import { copyBytes, joinBytes } from './demuxer.ts';
import type { Demuxer, DemuxEvent } from './demuxer.ts';
import { oggCodecOf } from './ogg-codecs.ts';
import type { OggCodec } from './ogg-codecs.ts';
import { OggPageReader } from './ogg-page-reader.ts';
import type { OggPage } from './ogg-page-reader.ts';
import { readTitle } from './vorbis-comment.ts';

/** A packet is kept up to this length; of a longer comment packet (artwork) the beginning is used. */
export const PACKET_BYTES_MAX = 1_048_576;

export const oggDemuxer = (): Demuxer => new OggDemuxer();

/** The logical stream that is being read. Others beside it (video, skeleton) are passed over. */
interface LogicalStream {
  readonly serial: number;
  readonly codec: OggCodec;
  phase: 'headers' | 'sound';
  /** The sequence number that the next page should have; null until a page of sound has been read. */
  nextSequence: number | null;
  /** The beginning of a packet that goes on in the next page; `lost`: its beginning is missing or it is too long. */
  open: { readonly bytes: Uint8Array; readonly isWhole: boolean } | null;
}

/**
 * Opus, Vorbis and FLAC in Ogg, as Icecast sends them: headers to every new listener, then pages from the live
 * position on; a new logical stream ("chain") at each title. A chain whose decoder set-up is the same goes on without
 * a break; only its title is reported.
 */
class OggDemuxer implements Demuxer {
  readonly #reader = new OggPageReader();
  #stream: LogicalStream | null = null;
  #config: CodecConfig | null = null;

  push(bytes: Uint8Array): readonly DemuxEvent[] {
    return this.#reader.push(bytes).flatMap((event) => {
      return event.type === 'page' ? this.#takePage(event.page) : [event];
    });
  }

  end(): readonly DemuxEvent[] {
    this.#stream = null;
    return this.#reader.end();
  }

  #takePage(page: OggPage): DemuxEvent[] {
    if (page.isFirst) this.#beginStream(page);
    const stream = this.#stream;
    if (stream === null || stream.serial !== page.serial || page.isFirst) return [];
    const events: DemuxEvent[] = [];
    const isSound = stream.phase === 'sound';
    const isLoss = stream.nextSequence !== null && stream.nextSequence !== page.sequence;
    if (isLoss) {
      stream.open = null;
      events.push({ type: 'gap', reason: 'Ogg pages are missing' });
    }
    for (const packet of this.#packetsOf(page, stream, events)) this.#takePacket(stream, packet, events);
    if (isSound) stream.nextSequence = (page.sequence + 1) >>> 0;
    if (page.isLast) this.#stream = null;
    return events;
  }

  /** A stream that is still in its headers keeps its place: what begins beside it is multiplexed with it. */
  #beginStream(page: OggPage): void {
    if (this.#stream?.phase === 'headers' && this.#stream.serial !== page.serial) return;
    const [packet] = page.segments;
    const codec = packet === undefined ? null : oggCodecOf(packet);
    if (codec === null) return;
    this.#stream = { serial: page.serial, codec, phase: 'headers', nextSequence: null, open: null };
  }

  #packetsOf(page: OggPage, stream: LogicalStream, events: DemuxEvent[]): Uint8Array[] {
    const packets: Uint8Array[] = [];
    for (const [index, segment] of page.segments.entries()) {
      const isContinuation = index === 0 && page.isContinued;
      const before = isContinuation ? stream.open : { bytes: new Uint8Array(0), isWhole: true };
      // Joined in the middle of a packet, or the page before was lost: the rest of it is of no use.
      const bytes = before === null ? segment : limit(joinBytes(before.bytes, segment));
      const isWhole =
        before !== null && before.isWhole && before.bytes.length + segment.length === bytes.length;
      stream.open = null;
      if (index === page.segments.length - 1 && page.isLastSegmentOpen)
        stream.open = { bytes: before === null ? new Uint8Array(0) : bytes, isWhole };
      else if (isWhole || (stream.phase === 'headers' && before !== null)) packets.push(bytes);
      else {
        events.push({ type: 'discarded', byteCount: bytes.length });
        if (before !== null) events.push({ type: 'gap', reason: 'an Ogg packet was too long or cut short' });
      }
    }
    return packets;
  }

  #takePacket(stream: LogicalStream, packet: Uint8Array, events: DemuxEvent[]): void {
    if (packet.length === 0) return;
    if (stream.phase === 'headers') {
      const verdict = stream.codec.header(packet);
      if (verdict.kind === 'invalid') {
        this.#stream = null;
        events.push({ type: 'discarded', byteCount: packet.length });
        return;
      }
      const title = verdict.comment === undefined ? null : readTitle(verdict.comment);
      if (verdict.kind !== 'more') stream.phase = 'sound';
      if (
        verdict.config !== undefined &&
        (this.#config === null || !sameConfig(this.#config, verdict.config))
      ) {
        this.#config = verdict.config;
        events.push({ type: 'config', config: verdict.config });
      }
      if (title !== null) events.push(title);
      if (verdict.kind !== 'audio') return;
    }
    const sampleCount = this.#stream === stream ? stream.codec.sampleCount(packet) : null;
    if (sampleCount === null) {
      events.push({ type: 'discarded', byteCount: packet.length });
      if (this.#stream === stream) events.push({ type: 'gap', reason: 'an Ogg packet is not sound' });
      return;
    }
    events.push({ type: 'frame', frame: { bytes: copyBytes(packet), sampleCount } });
  }
}

const limit = (bytes: Uint8Array): Uint8Array =>
  bytes.length > PACKET_BYTES_MAX ? bytes.subarray(0, PACKET_BYTES_MAX) : bytes;
