import { Buffer } from 'node:buffer';
import { decodeChunk } from '../../shared/chunk/chunk-codec.ts';
import type { ChunkDecoded } from '../../shared/chunk/chunk-codec.ts';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { Readers } from '../../shared/swarm/engine-io.ts';
import { sequence } from '../../shared/units.ts';
import type { Sequence } from '../../shared/units.ts';
import { decodeWire } from '../../shared/wire/wire-codec.ts';
import type { WireDecoded } from '../../shared/wire/wire-codec.ts';

/** Longer than the window and any play-out. */
const KEPT_MAX = 400;
/** A wire message of type chunk: its type comes before the chunk's own bytes. */
const CHUNK_MESSAGE_TYPE = 2;
const MESSAGE_HEADER_LENGTH = 1;
/** Where the chunk's number stands in its bytes. */
const SEQUENCE_OFFSET = 19;

interface Genuine {
  readonly chunk: Chunk;
  /** `chunk`, as reading its bytes, or the message's, gives it. */
  readonly asChunk: ChunkDecoded;
  readonly asMessage: WireDecoded;
  /** The wire message: the same bytes for all peers, so that ten thousand windows fit in memory. */
  message: Uint8Array | null;
}

/**
 * What the origin has made: stands in for its signature. Bytes are genuine when they are the origin's, every one of
 * them, which is what a signature proves.
 */
export class GenuineChunks {
  /** By number modulo KEPT_MAX. */
  readonly #ring: Genuine[] = [];
  #newest = -1;

  add(chunk: Chunk): void {
    const number = chunk.header.sequence;
    this.#ring[number % KEPT_MAX] = {
      chunk,
      asChunk: { ok: true, chunk },
      asMessage: { ok: true, message: { type: 'chunk', wire: chunk.wire } },
      message: null,
    };
    this.#newest = number;
  }

  get(number: Sequence): Chunk | undefined {
    return this.#find(number)?.chunk;
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

  /** As the codecs read; but the origin's own bytes, and the shared copy of its message, are one chunk for all. */
  readonly readers: Readers = {
    message: (data) => {
      if (data[0] !== CHUNK_MESSAGE_TYPE) return decodeWire(data);
      const genuine = this.#find(sequenceIn(data, MESSAGE_HEADER_LENGTH));
      return genuine?.message === data ? genuine.asMessage : decodeWire(data);
    },
    chunk: (data) => {
      const genuine = this.#find(sequenceIn(data, 0));
      return genuine?.chunk.wire === data ? genuine.asChunk : decodeChunk(data);
    },
  };

  /** The one shared copy of a chunk message; null if the message is not a chunk; 'forged' if it is not the origin's. */
  shared(message: Uint8Array): Uint8Array | 'forged' | null {
    if (message[0] !== CHUNK_MESSAGE_TYPE) return null;
    const genuine = this.#find(sequenceIn(message, MESSAGE_HEADER_LENGTH));
    if (genuine === undefined) return 'forged';
    const known = genuine.message;
    if (known !== null) return sameBytes(known, message) ? known : 'forged';
    if (!sameBytes(genuine.chunk.wire, message.subarray(MESSAGE_HEADER_LENGTH))) return 'forged';
    genuine.message = message;
    return message;
  }

  #find(number: Sequence): Genuine | undefined {
    const genuine = this.#ring[number % KEPT_MAX];
    return genuine?.chunk.header.sequence === number ? genuine : undefined;
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
