import { decodeBase64Url } from './base64url.ts';
import type { Verifier } from './environment.ts';

/** As much of WebCrypto as is used. */
export interface Subtle<Key> {
  importKey(
    format: 'raw',
    key: PlainBytes,
    algorithm: 'Ed25519',
    extractable: false,
    usages: ['verify'],
  ): Promise<Key>;
  verify(algorithm: 'Ed25519', key: Key, signature: PlainBytes, message: PlainBytes): Promise<boolean>;
}
type PlainBytes = Uint8Array<ArrayBuffer>;

const PUBLIC_KEY_LENGTH = 32;

/**
 * Ed25519 by WebCrypto, or by a library, loaded then, where that does not exist (an insecure context) or does not know
 * the algorithm. The key is imported once.
 * @param publicKey 32 bytes in base64url
 * @throws RangeError if `publicKey` is not.
 */
export function createVerifier<Key>(publicKey: string, subtle: Subtle<Key> | null): Verifier {
  const key = decodeBase64Url(publicKey, PUBLIC_KEY_LENGTH);
  let verifying: Promise<Verifier> | null = null;
  return async (message, signature) => {
    verifying ??=
      subtle === null ? byLibrary(key) : byWebCrypto(key, subtle).catch(async () => byLibrary(key));
    const verify = await verifying;
    return await verify(message, signature);
  };
}

async function byWebCrypto<Key>(key: PlainBytes, subtle: Subtle<Key>): Promise<Verifier> {
  const imported = await subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
  return async (message, signature) =>
    await subtle.verify('Ed25519', imported, unshared(signature), unshared(message));
}

async function byLibrary(key: Uint8Array): Promise<Verifier> {
  const [{ hashes, verify }, { sha512 }] = await Promise.all([
    import('@noble/ed25519'),
    import('./sha512.ts'),
  ]);
  hashes.sha512 = (message) => Uint8Array.from(sha512(message));
  // Strict (RFC 8032) as WebCrypto is: two listeners must never disagree about a signature.
  return async (message, signature) =>
    await Promise.resolve(verify(signature, message, key, { zip215: false }));
}

/** WebCrypto takes no view of shared memory; ours never is, which the compiler cannot know. */
function unshared(bytes: Uint8Array): PlainBytes {
  return isUnshared(bytes) ? bytes : Uint8Array.from(bytes);
}

const isUnshared = (bytes: Uint8Array): bytes is PlainBytes => bytes.buffer instanceof ArrayBuffer;
