import * as fc from 'fast-check';
import type { ChunkFields } from '../../shared/chunk/chunk-codec.ts';
import { CODEC_NAMES } from '../../shared/codec/codec.ts';
import { epoch, micros, mountId, sequence, unixMillis } from '../../shared/units.ts';

const UINT32_MAX = 2 ** 32 - 1;
const UINT48_MAX = 2 ** 48 - 1;
const hexDigit = fc.constantFrom(...'0123456789abcdef'.split(''));

export const arbitraryMountId = fc.string({ unit: hexDigit, minLength: 16, maxLength: 16 }).map(mountId);
export const arbitraryEpoch = fc.maxSafeNat().map((value) => epoch(value % (UINT48_MAX + 1)));
export const arbitrarySequence = fc.integer({ min: 0, max: UINT32_MAX }).map(sequence);

export const arbitraryFields: fc.Arbitrary<ChunkFields> = fc.record({
  codec: fc.constantFrom(...CODEC_NAMES),
  discontinuity: fc.boolean(),
  mountId: arbitraryMountId,
  epoch: arbitraryEpoch,
  sequence: arbitrarySequence,
  mediaTime: fc.maxSafeNat().map((value) => micros(value % (UINT48_MAX + 1))),
  duration: fc.integer({ min: 0, max: UINT32_MAX }).map(micros),
  packagedAt: fc.maxSafeNat().map((value) => unixMillis(value % (UINT48_MAX + 1))),
});

export const arbitraryPayload = fc.uint8Array({ minLength: 1, maxLength: 400 });

/** Fields of an ordinary chunk, for tests that need just one. */
export const plainFields: ChunkFields = {
  codec: 'mp3',
  discontinuity: false,
  mountId: mountId('0123456789abcdef'),
  epoch: epoch(1_700_000_000_000),
  sequence: sequence(7),
  mediaTime: micros(1_750_000),
  duration: micros(250_000),
  packagedAt: unixMillis(1_700_000_001_750),
};
