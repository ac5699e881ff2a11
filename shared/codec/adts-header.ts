/** What an ADTS frame header says (ISO/IEC 13818-7 §6.2, 14496-3 §1.A.2.2). */
export interface AdtsHeader {
  /** Bytes of the whole frame, header included. */
  readonly byteLength: number;
  /** Bytes of the header: what comes after it is the raw AAC data that MP4 holds. */
  readonly headerByteLength: 7 | 9;
  readonly sampleCount: number;
  /** HE-AAC is signalled inside the frames, so this is the base rate: half of what the ear gets. */
  readonly sampleRateHz: number;
  readonly channelCount: number;
  /** MPEG-4 audio object type: 2 is AAC LC. */
  readonly objectType: number;
}

export const ADTS_HEADER_BYTES = 7;

/**
 * Reads the frame header at `offset`. Null if there is none, if it is cut short, or if its channels are described
 * inside the frame (configuration 0), which no web radio was seen to use.
 */
export function parseAdtsHeader(bytes: Uint8Array, offset: number): AdtsHeader | null {
  const [b0, b1, b2, b3, b4, b5, b6] = bytes.subarray(offset, offset + ADTS_HEADER_BYTES);
  if (b0 === undefined || b1 === undefined || b2 === undefined || b3 === undefined) return null;
  if (b4 === undefined || b5 === undefined || b6 === undefined) return null;
  if (b0 !== 0xff || (b1 & 0xf6) !== 0xf0) return null;
  const sampleRateHz = SAMPLE_RATES_HZ[(b2 >> 2) & 15] ?? 0;
  const channelCount = CHANNEL_COUNTS[((b2 & 1) << 2) | (b3 >> 6)] ?? 0;
  const headerByteLength = (b1 & 1) === 1 ? 7 : 9;
  const byteLength = ((b3 & 3) << 11) | (b4 << 3) | (b5 >> 5);
  if (sampleRateHz === 0 || channelCount === 0 || byteLength <= headerByteLength) return null;
  return {
    byteLength,
    headerByteLength,
    sampleCount: SAMPLES_PER_BLOCK * ((b6 & 3) + 1),
    sampleRateHz,
    channelCount,
    objectType: (b2 >> 6) + 1,
  };
}

/** The two bytes that start an AAC decoder outside ADTS (ISO/IEC 14496-3 §1.6.2.1). */
export function audioSpecificConfig(header: AdtsHeader): Uint8Array {
  const rateIndex = SAMPLE_RATES_HZ.indexOf(header.sampleRateHz);
  const channelConfiguration = CHANNEL_COUNTS.indexOf(header.channelCount);
  const bits = (header.objectType << 11) | (rateIndex << 7) | (channelConfiguration << 3);
  return Uint8Array.of(bits >> 8, bits & 0xff);
}

const SAMPLES_PER_BLOCK = 1024;
const SAMPLE_RATES_HZ = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
];
/** By channel configuration; 0 is "described in the frame". */
const CHANNEL_COUNTS = [0, 1, 2, 3, 4, 5, 6, 8];
