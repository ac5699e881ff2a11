import type * as fc from 'fast-check';

/**
 * The options of a property test: its seed is new in every run, is printed, and can be given by `FC_SEED` to repeat
 * a run.
 */
export function seeded(title: string, runs = 200): fc.Parameters<unknown> {
  const given = process.env['FC_SEED'];
  const seed = given === undefined ? (Date.now() ^ (Math.random() * 0x1_0000_0000)) | 0 : Number(given);
  process.stdout.write(`${title}: seed ${seed}\n`);
  return { seed, numRuns: runs };
}
