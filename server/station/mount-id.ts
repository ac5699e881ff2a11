import { createHash } from 'node:crypto';
import { mountId } from '../../shared/units.ts';
import type { MountId } from '../../shared/units.ts';

/** The first 8 bytes of SHA-256 over the station's public key and the mount's path. */
export const mountIdOf = (publicKey: Uint8Array, path: string): MountId =>
  mountId(createHash('sha256').update(publicKey).update(path).digest('hex').slice(0, 16));
