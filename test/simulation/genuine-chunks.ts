import { Buffer } from 'node:buffer';
import { decodeChunk } from '../../shared/chunk/chunk-codec.ts';
import type { ChunkDecoded } from '../../shared/chunk/chunk-codec.ts';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import { sequence } from '../../shared/units.ts';
import type { Sequence } from '../../shared/units.ts';

/** Longer than the window and any play-out. */
const KEPT_MAX = 400;
/** A wire message of type chunk: its type comes before the chunk's own bytes. */
const CHUNK_MESSAGE_TYPE = 2;
const MESSAGE_HEADER_LENGTH = 1;
/** Where the chunk's number stands in its bytes. */
const SEQUENCE_OFFSET = 19;

interface Genuine {
  readonly chunk: Chunk;
  /** `chunk`, as reading its bytes gives it. */
  readonly read: ChunkDecoded;
  /** The wire message: the same bytes for all peers, so that ten thousand windows fit in memory. */
  message: Uint8Array | null;
}

/**
 * What the origin has made: stands in for its signature. Bytes are genuine when they are the origin's, every one of
 * them, which is what a signature proves.
 */
export class GenuineChunks {
  readonly #bySequence = new Map<Sequence, Genuine>();
  #newest = -1;

  add(chunk: Chunk): void {
    const number = chunk.header.sequence;
    this.#bySequence.set(number, { chunk, read: { ok: true, chunk }, message: null });
    this.#bySequence.delete(sequence(number - KEPT_MAX));
    this.#newest = number;
  }

  get(number: Sequence): Chunk | undefined {
    return this.#bySequence.get(number)?.chunk;
  }

  /** The newest `count`, oldest first. */
  latest(count: number): readonly Chunk[] {
    const chunks: Chunk[] = [];
    for (let number = this.#newest - count + 1; number <= this.#newest; number += 1) {
      const chunk = this.get(sequence(number));
      if (chunk !== undefined) chunks.push(chunk);
    }
    return chunks;
  }

  get newest(): number {
    return this.#newest;
  }

  isGenuine(chunk: Chunk): boolean {
    const original = this.get(chunk.header.sequence);
    return original !== undefined && sameBytes(original.wire, chunk.wire);
  }

  /** As `decodeChunk`; those who read the origin's own bytes, or the shared copy of its message, get one chunk. */
  read(data: Uint8Array): ChunkDecoded {
    const genuine = this.#bySequence.get(sequenceIn(data, 0));
    if (genuine === undefined) return decodeChunk(data);
    const { chunk, message, read } = genuine;
    if (data === chunk.wire) return read;
    const isShared =
      message !== null &&
      data.length === message.length - MESSAGE_HEADER_LENGTH &&
      data.byteOffset === message.byteOffset + MESSAGE_HEADER_LENGTH &&
      data.buffer === message.buffer;
    return isShared ? read : decodeChunk(data);
  }

  /** The one shared copy of a chunk message; null if the message is not a chunk; 'forged' if it is not the origin's. */
  shared(message: Uint8Array): Uint8Array | 'forged' | null {
    if (message[0] !== CHUNK_MESSAGE_TYPE) return null;
    const genuine = this.#bySequence.get(sequenceIn(message, MESSAGE_HEADER_LENGTH));
    if (genuine === undefined) return 'forged';
    const known = genuine.message;
    if (known !== null) return sameBytes(known, message) ? known : 'forged';
    if (!sameBytes(genuine.chunk.wire, message.subarray(MESSAGE_HEADER_LENGTH))) return 'forged';
    genuine.message = message;
    return message;
  }
}

/** The number of the chunk whose bytes begin at `offset`. */
function sequenceIn(data: Uint8Array, offset: number): Sequence {
  let number = 0;
  for (let at = offset + SEQUENCE_OFFSET; at < offset + SEQUENCE_OFFSET + 4; at += 1)
    number = number * 256 + (data[at] ?? 0);
  return sequence(number);
}

const sameBytes = (one: Uint8Array, other: Uint8Array): boolean =>
  one === other ||
  (one.buffer === other.buffer && one.byteOffset === other.byteOffset && one.length === other.length) ||
  Buffer.compare(one, other) === 0;
