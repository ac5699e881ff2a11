import { join } from 'node:path';
import type { Log } from '../log.ts';
import { openSigningKey } from '../signing-key.ts';

/** Who a relay is, from one start to the next: its own key, which has nothing to do with a station's. */
export interface RelayIdentity {
  /** 32 bytes in base64url, 43 characters: what an operator allows or bans. */
  readonly publicKeyText: string;
  /** A signature of 64 bytes (RFC 8032, Ed25519). */
  sign(message: Uint8Array): Uint8Array;
}

/**
 * Reads the relay's key from its state folder, or makes it there at the first start (mode 0600).
 * @throws Error if the file cannot be read or made, is no Ed25519 key, or stays readable by others.
 */
export function openRelayIdentity(folder: string, log: Log): RelayIdentity {
  const key = openSigningKey(join(folder, 'relay.key'), 'relay', (warning) => {
    log.warn({ file: warning.file }, warning.text);
  });
  if (key.isNew) log.debug({ relay: key.publicKeyText }, 'this relay has a key of its own now');
  return { publicKeyText: key.publicKeyText, sign: (message) => key.sign(message) };
}
