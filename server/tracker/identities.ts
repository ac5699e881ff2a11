import { createHash } from 'node:crypto';
import { digestIdentities } from '../../shared/tracker/identity.ts';
import type { Identities } from '../../shared/tracker/identity.ts';

/** The same at every tracker, so that a listener keeps its id from one to the next: SHA-256. */
export const identities: Identities = digestIdentities((secret) =>
  createHash('sha256').update(secret).digest('hex'),
);
