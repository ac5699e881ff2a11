/** Where a source's body ends, and what of its bytes is sound. */
export interface BodyReader {
  /** What of these bytes is sound. Nothing once it is over. */
  push(bytes: Uint8Array): readonly Uint8Array[];
  /** Null: more may come. `end`: it was whole; anything else says what is wrong with it. */
  readonly over: string | null;
}

export const BODY_END = 'the source ended the stream';

/** A chunk's size line with its extensions. */
const LINE_BYTES_MAX = 1024;

/**
 * By HTTP/1.1's rules where the client keeps to them; else, as with `SOURCE`, the body goes on until the connection ends.
 * @param headers by lower-case name.
 */
export function bodyReader(method: string, headers: ReadonlyMap<string, string>): BodyReader {
  if (/\bchunked\b/i.test(headers.get('transfer-encoding') ?? '')) return new ChunkedBody();
  const length = headers.get('content-length') ?? '';
  // SOURCE never had a length: what some clients write there means nothing.
  if (method === 'PUT' && /^\d{1,15}$/.test(length)) return new MeasuredBody(Number(length));
  return { push: (bytes) => [bytes], over: null };
}

class MeasuredBody implements BodyReader {
  #left: number;

  constructor(length: number) {
    this.#left = length;
  }

  get over(): string | null {
    return this.#left === 0 ? BODY_END : null;
  }

  push(bytes: Uint8Array): readonly Uint8Array[] {
    const taken = bytes.subarray(0, this.#left);
    this.#left -= taken.length;
    return taken.length === 0 ? [] : [taken];
  }
}

/** RFC 9112, section 7.1; lines may end in LF alone. */
class ChunkedBody implements BodyReader {
  over: string | null = null;
  #state: 'size' | 'data' | 'after-data' | 'trailer' = 'size';
  #line = '';
  #left = 0;

  push(bytes: Uint8Array): readonly Uint8Array[] {
    const parts: Uint8Array[] = [];
    let offset = 0;
    while (offset < bytes.length && this.over === null) {
      if (this.#state === 'data') {
        const taken = bytes.subarray(offset, offset + this.#left);
        parts.push(taken);
        offset += taken.length;
        this.#left -= taken.length;
        if (this.#left === 0) this.#state = 'after-data';
        continue;
      }
      const end = bytes.indexOf(LF, offset);
      const upTo = end === -1 ? bytes.length : end;
      this.#line += String.fromCharCode(
        ...bytes.subarray(offset, Math.min(upTo, offset + LINE_BYTES_MAX + 1)),
      );
      offset = upTo + 1;
      if (this.#line.length > LINE_BYTES_MAX) this.over = 'a line of its chunked encoding is too long';
      else if (end !== -1) this.#takeLine();
    }
    return parts;
  }

  #takeLine(): void {
    const line = this.#line.replace(/\r+$/, '');
    this.#line = '';
    if (this.#state === 'trailer') {
      if (line === '') this.over = BODY_END;
      return;
    }
    if (this.#state === 'after-data') {
      if (line === '') this.#state = 'size';
      else this.over = FAULT;
      return;
    }
    const size = /^([0-9a-f]{1,8})(?:\s*;.*)?\s*$/i.exec(line)?.[1];
    if (size === undefined) {
      this.over = FAULT;
      return;
    }
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailer' : 'data';
  }
}

const FAULT = 'its chunked encoding is broken';
const LF = 10;
