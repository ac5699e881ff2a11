import type { RandomSource } from '../../shared/units.ts';

/** The same seed gives the same numbers: mulberry32, 32 bits of state, made for tests and simulation only. */
export function seededRandom(seed: number): RandomSource {
  // Signed, as V8 keeps such a number without allocating memory for it.
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
