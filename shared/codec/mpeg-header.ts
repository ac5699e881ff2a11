/** What an MPEG audio Layer III frame header says (ISO/IEC 11172-3 §2.4.2.3, 13818-3, and the "2.5" extension). */
export interface MpegHeader {
  /** Bytes of the whole frame, header included. */
  readonly byteLength: number;
  readonly sampleCount: number;
  readonly sampleRateHz: number;
  readonly channelCount: 1 | 2;
}

export const MPEG_HEADER_BYTES = 4;

/**
 * Reads the frame header at `offset`. Null if there is none, if it is cut short, or if it is of a kind that is not
 * relayed: Layers I and II, and "free format" frames, whose header does not say how long they are.
 */
export function parseMpegHeader(bytes: Uint8Array, offset: number): MpegHeader | null {
  const [first, second, third, fourth] = bytes.subarray(offset, offset + MPEG_HEADER_BYTES);
  if (first === undefined || second === undefined || third === undefined || fourth === undefined) return null;
  if (first !== 0xff || (second & 0xe0) !== 0xe0 || (second & 0x06) !== LAYER_III) return null;
  const version = (second >> 3) & 3;
  const rateDivisor = RATE_DIVISORS[version] ?? 0;
  const baseRateHz = BASE_RATES_HZ[(third >> 2) & 3] ?? 0;
  const isVersion1 = version === 3;
  const bitrateKbps = (isVersion1 ? BITRATES_V1_KBPS : BITRATES_V2_KBPS)[third >> 4] ?? 0;
  const isReservedEmphasis = (fourth & 3) === 2;
  if (rateDivisor === 0 || baseRateHz === 0 || bitrateKbps === 0 || isReservedEmphasis) return null;
  const sampleCount = isVersion1 ? 1152 : 576;
  const sampleRateHz = baseRateHz / rateDivisor;
  const padding = (third >> 1) & 1;
  return {
    byteLength: Math.floor((sampleCount * bitrateKbps * 125) / sampleRateHz) + padding,
    sampleCount,
    sampleRateHz,
    channelCount: fourth >> 6 === 3 ? 1 : 2,
  };
}

const LAYER_III = 0b010;
/** By version bits: 2.5, reserved, 2, 1. */
const RATE_DIVISORS = [4, 0, 2, 1];
const BASE_RATES_HZ = [44_100, 48_000, 32_000];
const BITRATES_V1_KBPS = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const BITRATES_V2_KBPS = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
