import type { Chunk } from '../../shared/chunk/chunk.ts';
import { frameChunks } from '../../shared/chunk/chunk-framing.ts';

const framedByChunk = new WeakMap<Chunk, Uint8Array>();

/** The chunk behind its length, made once for all clients that get it. */
export function framedChunk(chunk: Chunk): Uint8Array {
  const known = framedByChunk.get(chunk);
  if (known !== undefined) return known;
  const framed = frameChunks([chunk.wire]);
  framedByChunk.set(chunk, framed);
  return framed;
}
