import { createHash } from 'node:crypto';
import { decodeChunk } from '../../shared/chunk/chunk-codec.ts';
import { FrameReader } from '../../shared/chunk/chunk-framing.ts';

/** What the origin signed, by its own account: digests of all chunks from the moment of asking. */
export interface OriginRecord {
  /** SHA-256 of the whole chunk as signed, in hexadecimal; undefined if the origin sent no such chunk. */
  digest(epoch: number, sequence: number): string | undefined;
  readonly chunkCount: () => number;
  close(): void;
}

/** Reads a mount's live stream. @param mountUrl base of the mount's API addresses */
export async function recordOrigin(mountUrl: string): Promise<OriginRecord> {
  const abort = new AbortController();
  const digests = new Map<string, string>();
  const add = (wires: readonly Uint8Array[]): void => {
    for (const wire of wires) {
      const decoded = decodeChunk(wire);
      if (!decoded.ok) throw new Error(`Cannot read the origin's chunk: ${decoded.reason}`);
      const { epoch, sequence } = decoded.chunk.header;
      digests.set(`${epoch}/${sequence}`, createHash('sha256').update(wire).digest('hex'));
    }
  };
  const response = await fetch(`${mountUrl}/stream`, { signal: abort.signal });
  const follow = async (): Promise<void> => {
    const frames = new FrameReader();
    const reader = response.body?.getReader();
    for (;;) {
      const part = await reader?.read();
      if (part?.value === undefined) return;
      add(frames.push(part.value));
    }
  };
  follow().catch((error: unknown) => {
    if (!abort.signal.aborted) throw error;
  });
  // What a joiner's burst holds is older than the stream's first chunk.
  const burst = await fetch(`${mountUrl}/burst?seconds=30`);
  add(new FrameReader().push(new Uint8Array(await burst.arrayBuffer())));
  return {
    digest: (epoch, sequence) => digests.get(`${epoch}/${sequence}`),
    chunkCount: () => digests.size,
    close: () => abort.abort(),
  };
}
