import { Buffer } from 'node:buffer';
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
    this.#bySequence.set(number, { chunk, message: null });
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

  /** The one shared copy of a chunk message; null if the message is not a chunk; 'forged' if it is not the origin's. */
  shared(message: Uint8Array): Uint8Array | 'forged' | null {
    if (message[0] !== CHUNK_MESSAGE_TYPE) return null;
    const genuine = this.#bySequence.get(sequenceIn(message));
    if (genuine === undefined) return 'forged';
    const known = genuine.message;
    if (known !== null) return sameBytes(known, message) ? known : 'forged';
    if (!sameBytes(genuine.chunk.wire, message.subarray(MESSAGE_HEADER_LENGTH))) return 'forged';
    genuine.message = message;
    return message;
  }
}

function sequenceIn(message: Uint8Array): Sequence {
  const at = MESSAGE_HEADER_LENGTH + SEQUENCE_OFFSET;
  if (message.length < at + 4) return sequence(0);
  return sequence(Buffer.from(message.buffer, message.byteOffset, message.length).readUInt32BE(at));
}

const sameBytes = (one: Uint8Array, other: Uint8Array): boolean =>
  one === other ||
  (one.buffer === other.buffer && one.byteOffset === other.byteOffset && one.length === other.length) ||
  Buffer.compare(one, other) === 0;
