import { FrameReader } from '../../shared/chunk/chunk-framing.ts';
import { decodeChunk } from '../../shared/chunk/chunk-codec.ts';
import type { Chunk } from '../../shared/chunk/chunk.ts';

/** A live response being read. */
export interface OpenStream {
  readonly status: number;
  readonly headers: Headers;
  /** Bytes so far. */
  readonly received: () => Uint8Array;
  /** The response has ended, by either side. */
  readonly isEnded: () => boolean;
  readonly close: () => void;
}

/** Reads a response as it comes, until it ends or is closed. */
export async function openStream(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<OpenStream> {
  const abort = new AbortController();
  const response = await fetch(url, { headers, signal: abort.signal });
  const parts: Uint8Array[] = [];
  let ended = false;
  const read = async (): Promise<void> => {
    const reader = response.body?.getReader();
    for (;;) {
      const part = await reader?.read();
      if (part?.value === undefined) return;
      parts.push(part.value);
    }
  };
  const end = (): void => {
    ended = true;
  };
  read().then(end, end);
  return {
    status: response.status,
    headers: response.headers,
    received: () => Buffer.concat(parts),
    isEnded: () => ended,
    close: () => {
      abort.abort();
    },
  };
}

/** The chunks in framed bytes; throws where there is none. */
export const chunksIn = (data: Uint8Array): readonly Chunk[] =>
  new FrameReader().push(data).map((wire) => {
    const decoded = decodeChunk(wire);
    if (!decoded.ok) throw new Error(decoded.reason);
    return decoded.chunk;
  });

export const sequencesIn = (data: Uint8Array): readonly number[] =>
  chunksIn(data).map((chunk) => chunk.header.sequence);
