import type { CodecName } from '../codec/codec.ts';
import { stripeOf } from '../units.ts';
import type { Epoch, Micros, MountId, Sequence, Stripe, UnixMillis } from '../units.ts';

/**
 * A chunk on the wire, big-endian, version 1:
 *
 * | offset | bytes | field |
 * | ---: | ---: | --- |
 * | 0 | 2 | magic `0x45 0x73` ("Es") |
 * | 2 | 1 | version |
 * | 3 | 1 | codec id |
 * | 4 | 1 | flags: bit 0 discontinuity, bit 1 carries metadata, others 0 |
 * | 5 | 8 | mount id |
 * | 13 | 6 | epoch, Unix ms |
 * | 19 | 4 | sequence |
 * | 23 | 6 | media time since the epoch's start, µs |
 * | 29 | 4 | duration, µs |
 * | 33 | 6 | packaged at, Unix ms on the origin's clock |
 * | 39 | 2 | metadata length |
 * | 41 | 3 | payload length |
 * | 44 | | metadata (UTF-8 JSON), then payload |
 * | last 64 | 64 | Ed25519 signature over everything before it |
 */
export interface ChunkHeader {
  readonly codec: CodecName;
  /** The first chunk of an epoch, or one that follows lost sound. */
  readonly discontinuity: boolean;
  readonly mountId: MountId;
  readonly epoch: Epoch;
  readonly sequence: Sequence;
  readonly mediaTime: Micros;
  readonly duration: Micros;
  readonly packagedAt: UnixMillis;
  readonly metadataLength: number;
  readonly payloadLength: number;
}

/** A chunk whose layout is right. Whether it is genuine, only its signature tells. */
export interface Chunk {
  readonly header: ChunkHeader;
  /** The whole chunk as sent: header, metadata, payload, signature. */
  readonly wire: Uint8Array;
}

export const CHUNK_MAGIC = 0x4573;
export const CHUNK_VERSION = 1;
export const CHUNK_HEADER_LENGTH = 44;
export const SIGNATURE_LENGTH = 64;
/** Metadata is text about the sound and, in an epoch's first chunk, codec set-up. */
export const METADATA_LENGTH_MAX = 16_384;
/** 250 ms of 24-bit 96 kHz stereo FLAC fits; the whole stays under WebRTC's 256 KiB message. */
export const PAYLOAD_LENGTH_MAX = 196_608;
export const CHUNK_LENGTH_MAX: number =
  CHUNK_HEADER_LENGTH + METADATA_LENGTH_MAX + PAYLOAD_LENGTH_MAX + SIGNATURE_LENGTH;

/** The part that is signed. */
export const signedPart = (chunk: Chunk): Uint8Array =>
  chunk.wire.subarray(0, chunk.wire.length - SIGNATURE_LENGTH);
export const signaturePart = (chunk: Chunk): Uint8Array =>
  chunk.wire.subarray(chunk.wire.length - SIGNATURE_LENGTH);
export const metadataPart = (chunk: Chunk): Uint8Array =>
  chunk.wire.subarray(CHUNK_HEADER_LENGTH, CHUNK_HEADER_LENGTH + chunk.header.metadataLength);
export const payloadPart = (chunk: Chunk): Uint8Array => {
  const start = CHUNK_HEADER_LENGTH + chunk.header.metadataLength;
  return chunk.wire.subarray(start, start + chunk.header.payloadLength);
};

export const chunkStripe = (chunk: Chunk): Stripe => stripeOf(chunk.header.sequence);
