import { createPublicKey, verify } from 'node:crypto';
import { signaturePart, signedPart } from '../../shared/chunk/chunk.ts';
import type { Chunk } from '../../shared/chunk/chunk.ts';

/** Whether a chunk is signed by the station. About 0.1 ms. */
export type ChunkCheck = (chunk: Chunk) => boolean;

/** @param publicKeyText Ed25519, 32 bytes in base64url. @throws Error if it is no such key. */
export function createChunkCheck(publicKeyText: string): ChunkCheck {
  const key = publicKeyFrom(publicKeyText);
  return (chunk) => verify(null, signedPart(chunk), key, signaturePart(chunk));
}

/** Whether `signature` over `text` is that key's; false as well if the key is none. */
export function isSignedBy(publicKeyText: string, text: string, signature: Uint8Array): boolean {
  try {
    return verify(null, Buffer.from(text), publicKeyFrom(publicKeyText), signature);
  } catch {
    return false;
  }
}

const publicKeyFrom = (text: string): ReturnType<typeof createPublicKey> =>
  createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: text } });
