import type { CodecConfig } from '../../../shared/codec/codec.ts';
import { copyBytes, joinBytes } from './demuxer.ts';
import { readVorbisModes, vorbisSampleCounter } from './vorbis-blocks.ts';

/** What a logical Ogg stream of one codec looks like, packet by packet. One object serves one logical stream. */
export interface OggCodec {
  /**
   * Takes packets from the first one on until it says `ready`; `comment` is the Vorbis comment block to look for a
   * title in. `audio`: this packet is sound already. A string that starts with "invalid" ends the stream.
   */
  header(packet: Uint8Array): HeaderVerdict;
  /** Samples per channel of a sound packet; null if it is not one. */
  sampleCount(packet: Uint8Array): number | null;
}

export interface HeaderVerdict {
  readonly kind: 'more' | 'ready' | 'audio' | 'invalid';
  readonly comment?: Uint8Array;
  readonly config?: CodecConfig;
}

/** What fits into a chunk's metadata. libvorbis makes 3 to 6 KB. */
export const SETUP_BYTES_MAX = 9_000;

/** The codec whose stream begins with this packet; null if it is none that we relay. */
export function oggCodecOf(packet: Uint8Array): OggCodec | null {
  if (startsWith(packet, 'OpusHead') && packet.length >= 19) return opusCodec(packet);
  if (startsWith(packet, '\u0001vorbis') && packet.length === 30) return vorbisCodec(packet);
  if (startsWith(packet, '\u007fFLAC') && packet.length === FLAC_FIRST_BYTES) return flacCodec(packet);
  return null;
}

/** RFC 7845 (packets), RFC 6716 §3.1 (the first byte of a packet). */
function opusCodec(head: Uint8Array): OggCodec {
  const channelCount = head[9] ?? 0;
  const config: CodecConfig = { codec: 'opus', sampleRateHz: 48_000, channelCount, setup: copyBytes(head) };
  return {
    header(packet) {
      if (channelCount === 0 || !startsWith(packet, 'OpusTags')) return { kind: 'invalid' };
      return { kind: 'ready', comment: packet.subarray(8), config };
    },
    sampleCount: opusSampleCount,
  };
}

const OPUS_SAMPLES_MAX = 5760;

function opusSampleCount(packet: Uint8Array): number | null {
  const [first, second = 0] = packet;
  if (first === undefined) return null;
  const mode = first >> 3;
  const step = mode & 3;
  const silkSamples = [480, 960, 1920, 2880][step] ?? 0;
  const hybridSamples = (mode & 1) === 0 ? 480 : 960;
  const frameSamples = mode < 12 ? silkSamples : mode < 16 ? hybridSamples : 120 << step;
  const code = first & 3;
  const frameCount = code === 0 ? 1 : code < 3 ? 2 : second & 63;
  const sampleCount = frameSamples * frameCount;
  return sampleCount > 0 && sampleCount <= OPUS_SAMPLES_MAX ? sampleCount : null;
}

/** Vorbis I specification §4.2 and §5. */
function vorbisCodec(identification: Uint8Array): OggCodec {
  const view = new DataView(identification.buffer, identification.byteOffset, identification.byteLength);
  const channelCount = view.getUint8(11);
  const sampleRateHz = view.getUint32(12, true);
  let hasComment = false;
  let counter: ((packet: Uint8Array) => number | null) | null = null;
  return {
    header(packet) {
      if (channelCount === 0 || sampleRateHz === 0) return { kind: 'invalid' };
      if (!hasComment) {
        if (!startsWith(packet, '\u0003vorbis')) return { kind: 'invalid' };
        hasComment = true;
        return { kind: 'more', comment: packet.subarray(7) };
      }
      const modes = startsWith(packet, '\u0005vorbis') ? readVorbisModes(packet) : null;
      if (modes === null) return { kind: 'invalid' };
      counter = vorbisSampleCounter(modes, view.getUint8(28));
      const setup = xiphLaced([identification, EMPTY_VORBIS_COMMENT, packet]);
      if (setup.length > SETUP_BYTES_MAX) return { kind: 'invalid' };
      return { kind: 'ready', config: { codec: 'vorbis', sampleRateHz, channelCount, setup } };
    },
    sampleCount: (packet) => counter?.(packet) ?? null,
  };
}

/**
 * Stands in for the station's own comment packet, so that a new title alone does not look like a new decoder:
 * vendor "" and no entries. Decoders do not read it.
 */
const EMPTY_VORBIS_COMMENT = Uint8Array.from([...asciiBytes('\u0003vorbis'), 0, 0, 0, 0, 0, 0, 0, 0, 1]);

function xiphLaced(packets: readonly [Uint8Array, Uint8Array, Uint8Array]): Uint8Array {
  const laces = packets.slice(0, -1).flatMap(({ length }) => {
    return [...Array.from({ length: Math.floor(length / 255) }, () => 255), length % 255];
  });
  const head = Uint8Array.from([packets.length - 1, ...laces]);
  return packets.reduce((joined, packet) => joinBytes(joined, packet), head);
}

/** The Ogg mapping of FLAC (xiph.org/flac/ogg_mapping.html): 0x7f FLAC, version, packet count, fLaC, STREAMINFO. */
function flacCodec(first: Uint8Array): OggCodec {
  const streamInfo = copyBytes(first, FLAC_STREAMINFO_OFFSET);
  const view = new DataView(streamInfo.buffer);
  // From here: block header (4), block sizes (2 × 2), frame sizes (2 × 3), rate 20 bits, channels 3 bits, …
  const rateAndChannels = view.getUint32(14);
  const sampleRateHz = rateAndChannels >>> 12;
  const channelCount = ((rateAndChannels >>> 9) & 7) + 1;
  // What only a finished file knows (frame sizes, length, checksum) is set to "unknown", as a live encoder does,
  // so that the next title of the same encoder does not look like a new decoder.
  streamInfo.fill(0, 8, 14);
  streamInfo[17] = (streamInfo[17] ?? 0) & 0xf0;
  streamInfo.fill(0, 18);
  streamInfo[0] = 0x80; // the last metadata block, of type STREAMINFO
  const setup = joinBytes(asciiBytes('fLaC'), streamInfo);
  const config: CodecConfig = { codec: 'flac', sampleRateHz, channelCount, setup };
  return {
    header(packet) {
      if (sampleRateHz === 0) return { kind: 'invalid' };
      const [type = 0] = packet;
      if (type === 0xff) return { kind: 'audio', config };
      const isComment = (type & 0x7f) === 4;
      const isLast = (type & 0x80) !== 0;
      return {
        kind: isLast ? 'ready' : 'more',
        ...(isComment && { comment: packet.subarray(4) }),
        ...(isLast && { config }),
      };
    },
    sampleCount: flacSampleCount,
  };
}

const FLAC_FIRST_BYTES = 51;
const FLAC_STREAMINFO_OFFSET = 13;

/** RFC 9639 §9.1: the block size code, and the number that follows the frame's own number for codes 6 and 7. */
function flacSampleCount(packet: Uint8Array): number | null {
  const [first, second = 0, third = 0, , fifth = 0] = packet;
  if (first !== 0xff || (second & 0xfe) !== 0xf8) return null;
  const code = third >> 4;
  if (code === 0) return null;
  if (code === 1) return 192;
  if (code < 6) return 576 << (code - 2);
  if (code > 7) return 256 << (code - 8);
  // The frame's or first sample's number is coded like UTF-8, in up to 7 bytes.
  const leadingOnes = Math.clz32(~(fifth << 24));
  const at = 4 + (leadingOnes === 0 ? 1 : leadingOnes);
  const high = packet[at];
  const low = packet[at + 1];
  if (high === undefined || low === undefined) return null;
  return code === 6 ? high + 1 : high * 256 + low + 1;
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return asciiBytes(text).every((byte, index) => bytes[index] === byte);
}

function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
