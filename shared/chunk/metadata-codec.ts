import { METADATA_LENGTH_MAX, metadataPart } from './chunk.ts';
import type { Chunk } from './chunk.ts';
import { chunkMetadataSchema } from './metadata.ts';
import type { ChunkMetadata } from './metadata.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

/**
 * Compact JSON in UTF-8, as it rides in a chunk; no bytes at all if there is nothing to say.
 * @throws RangeError if a field breaks the schema's limits, or the whole is longer than METADATA_LENGTH_MAX bytes.
 */
export function encodeMetadata(metadata: ChunkMetadata): Uint8Array {
  const checked = chunkMetadataSchema.safeParse(metadata);
  if (!checked.success) {
    const field = checked.error.issues[0]?.path.join('.') ?? '';
    throw new RangeError(
      `Cannot write metadata as the schema asks: current value is ${field}: ${checked.error.issues[0]?.message}`,
    );
  }
  const text = JSON.stringify(checked.data);
  if (text === '{}') return new Uint8Array(0);
  const octets = encodeUtf8(text);
  if (octets.length > METADATA_LENGTH_MAX) {
    throw new RangeError(
      `Cannot write metadata as at most ${METADATA_LENGTH_MAX} bytes: current value is ${octets.length} bytes`,
    );
  }
  return octets;
}

/** What a chunk says of its sound; null if it says nothing, or what it carries is not metadata. */
export function decodeMetadata(chunk: Chunk): ChunkMetadata | null {
  if (chunk.header.metadataLength === 0) return null;
  const text = decodeUtf8(metadataPart(chunk));
  if (text === null) return null;
  try {
    const parsed = chunkMetadataSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
