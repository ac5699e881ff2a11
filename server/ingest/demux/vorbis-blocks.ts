/** For each mode of a Vorbis stream: whether its packets are long blocks. */
export type VorbisModes = readonly boolean[];

/**
 * Reads the list of modes, which ends the setup packet (Vorbis I §4.2.4). Reading forwards would mean to parse the
 * code books, so it is read backwards: from the framing bit, entries of 41 bits (block flag 1, window 16,
 * transform 16, mapping 8) as long as window and transform are 0, where the 6 bits before say how many there are.
 */
export function readVorbisModes(setup: Uint8Array): VorbisModes | null {
  let framingBit = setup.length * 8 - 1;
  while (framingBit >= 0 && readBits(setup, framingBit, 1) === 0) framingBit--;
  let modes: boolean[] = [];
  let found: VorbisModes | null = null;
  for (let count = 1; count <= MODES_MAX; count++) {
    const entry = framingBit - count * MODE_BITS;
    if (entry < COUNT_BITS) break;
    const isModeEntry =
      readBits(setup, entry + 1, 16) === 0 &&
      readBits(setup, entry + 17, 16) === 0 &&
      readBits(setup, entry + 33, 8) < MAPPINGS_MAX;
    if (!isModeEntry) break;
    modes = [readBits(setup, entry, 1) === 1, ...modes];
    if (readBits(setup, entry - COUNT_BITS, COUNT_BITS) + 1 === count) found = modes;
  }
  return found;
}

const MODES_MAX = 64;
const MAPPINGS_MAX = 64;
const MODE_BITS = 41;
const COUNT_BITS = 6;

/** Counts a stream's samples packet by packet: a packet yields half of its block and half of the one before. */
export function vorbisSampleCounter(
  modes: VorbisModes,
  blockSizes: number,
): (packet: Uint8Array) => number | null {
  const shortSamples = 1 << (blockSizes & 15);
  const longSamples = 1 << (blockSizes >> 4);
  const modeBits = Math.ceil(Math.log2(modes.length));
  let previousSamples: number | null = null;
  return (packet) => {
    if (packet.length === 0 || readBits(packet, 0, 1) !== 0) return null;
    const isLong = modes[readBits(packet, 1, modeBits)];
    if (isLong === undefined) return null;
    const samples = isLong ? longSamples : shortSamples;
    // The first packet only primes the decoder.
    const sampleCount = previousSamples === null ? 0 : (previousSamples + samples) / 4;
    previousSamples = samples;
    return sampleCount;
  };
}

/** Vorbis packs bits from the least significant one on. */
function readBits(bytes: Uint8Array, from: number, count: number): number {
  let value = 0;
  for (let index = 0; index < count; index++) {
    const bit = from + index;
    value |= (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1) << index;
  }
  return value;
}
