import { CHUNK_LENGTH_MAX } from './chunk.ts';

/** Chunks in a byte stream (burst, live stream): each is preceded by its length, four bytes, big-endian. */
export const FRAME_PREFIX_LENGTH = 4;

export type FramingFault = 'frame-empty' | 'frame-too-long';

/** The stream is not a stream of chunks: what follows cannot be understood. */
export class FramingError extends Error {
  readonly fault: FramingFault;
  constructor(fault: FramingFault, length: number) {
    super(`Cannot read a frame as 1 to ${CHUNK_LENGTH_MAX} bytes: current value is ${length} bytes`);
    this.name = 'FramingError';
    this.fault = fault;
  }
}

/**
 * Cuts a byte stream into frames, however the stream is cut up. It holds less than one frame and its prefix, and
 * allocates only for bytes that have come. Frames are copies: a chunk outlives the network's block it came in.
 */
export class FrameReader {
  #parts: Uint8Array[] = [];
  #held = 0;
  /** Length of the frame being read; null while its prefix is not whole. */
  #expected: number | null = null;
  #error: FramingError | null = null;

  /** Bytes of an unfinished frame: not 0 when the stream ends means that it was cut. */
  get pendingLength(): number {
    return this.#held;
  }

  /**
   * The frames that `bytes` complete, in order.
   * @throws FramingError if a length is not allowed, now and at every later call. Frames before it are lost: a stream
   * that lies about one length is not worth more.
   */
  push(bytes: Uint8Array): Uint8Array[] {
    if (this.#error !== null) throw this.#error;
    if (bytes.length > 0) this.#append(bytes);
    const frames: Uint8Array[] = [];
    for (;;) {
      if (this.#expected === null) {
        if (this.#held < FRAME_PREFIX_LENGTH) return frames;
        this.#expected = this.#readPrefix();
      }
      if (this.#held < this.#expected) return frames;
      frames.push(this.#take(this.#expected));
      this.#expected = null;
    }
  }

  #readPrefix(): number {
    const prefix = this.#take(FRAME_PREFIX_LENGTH);
    const length = new DataView(prefix.buffer).getUint32(0);
    if (length >= 1 && length <= CHUNK_LENGTH_MAX) return length;
    this.#error = new FramingError(length === 0 ? 'frame-empty' : 'frame-too-long', length);
    this.#parts = [];
    this.#held = 0;
    throw this.#error;
  }

  #append(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#held += bytes.length;
    if (this.#parts.length <= PARTS_MAX) return;
    // A stream that comes in crumbs must not cost an object per crumb.
    const held = this.#held;
    this.#parts = [this.#take(held)];
    this.#held = held;
  }

  #take(length: number): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(length);
    let filled = 0;
    let used = 0;
    for (const part of this.#parts) {
      const wanted = length - filled;
      if (wanted < part.length) {
        taken.set(part.subarray(0, wanted), filled);
        this.#parts[used] = part.subarray(wanted);
        break;
      }
      taken.set(part, filled);
      filled += part.length;
      used += 1;
    }
    this.#parts.splice(0, used);
    this.#held -= length;
    return taken;
  }
}

/** The prefix alone, for a writer that must not copy the chunk. */
export function framePrefix(length: number): Uint8Array {
  if (!Number.isInteger(length) || length < 1 || length > CHUNK_LENGTH_MAX) {
    throw new RangeError(
      `Cannot write a frame as 1 to ${CHUNK_LENGTH_MAX} bytes: current value is ${length} bytes`,
    );
  }
  const prefix = new Uint8Array(FRAME_PREFIX_LENGTH);
  new DataView(prefix.buffer).setUint32(0, length);
  return prefix;
}

/** All these chunks framed, as one piece: a burst's body. */
export function frameChunks(wires: readonly Uint8Array[]): Uint8Array {
  const total = wires.reduce((sum, wire) => sum + FRAME_PREFIX_LENGTH + wire.length, 0);
  const framed = new Uint8Array(total);
  let offset = 0;
  for (const wire of wires) {
    framed.set(framePrefix(wire.length), offset);
    framed.set(wire, offset + FRAME_PREFIX_LENGTH);
    offset += FRAME_PREFIX_LENGTH + wire.length;
  }
  return framed;
}

/** Parts kept apart before they are joined. */
const PARTS_MAX = 256;
