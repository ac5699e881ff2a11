import { getRandomValues } from 'node:crypto';
import type { RandomSource } from '../../shared/units.ts';

/** Numbers fetched from the system at once: one at a time would cost more than all that is done with it. */
const POOL_LENGTH = 1024;

/** Uniform numbers of 32 random bits in [0, 1) that nobody can foresee: what they make may be a secret. */
export function strongRandom(): RandomSource {
  const pool = new Uint32Array(POOL_LENGTH);
  let used = POOL_LENGTH;
  return () => {
    if (used === POOL_LENGTH) {
      getRandomValues(pool);
      used = 0;
    }
    const value = pool[used] ?? 0;
    used += 1;
    return value / 0x1_0000_0000;
  };
}
