import type { CodecConfig, CodecName } from '../../shared/codec/codec.ts';

/** How frames are handed to a SourceBuffer: as they came, or wrapped in a container that is made here. */
export type Packing = 'raw' | 'mp4' | 'webm';

export interface SinkFormat {
  readonly packing: Packing;
  /** What SourceBuffer is opened with. */
  readonly mimeType: string;
}

/**
 * The first way in which this browser's MediaSource takes the codec, or null if there is none. The browser is asked,
 * never guessed: Chromium takes raw MP3 but not MP3 in MP4, Firefox the reverse, Safari spells Opus with a capital.
 */
export function chooseFormat(
  config: CodecConfig,
  isTypeSupported: (mimeType: string) => boolean,
): SinkFormat | null {
  return candidates(config).find((format) => isTypeSupported(format.mimeType)) ?? null;
}

/** In order of preference: no container first (nothing to load, nothing to get wrong), then the smaller one. */
function candidates(config: CodecConfig): readonly SinkFormat[] {
  if (config.codec === 'aac') {
    const objectType = aacObjectType(config.setup);
    return [
      { packing: 'raw', mimeType: 'audio/aac' },
      { packing: 'mp4', mimeType: `audio/mp4; codecs="mp4a.40.${objectType}"` },
    ];
  }
  return CANDIDATES[config.codec];
}

const CANDIDATES: Readonly<Record<Exclude<CodecName, 'aac'>, readonly SinkFormat[]>> = {
  mp3: [
    { packing: 'raw', mimeType: 'audio/mpeg' },
    { packing: 'mp4', mimeType: 'audio/mp4; codecs="mp3"' },
    { packing: 'mp4', mimeType: 'audio/mp4; codecs="mp4a.6B"' },
  ],
  opus: [
    { packing: 'mp4', mimeType: 'audio/mp4; codecs="opus"' },
    { packing: 'mp4', mimeType: 'audio/mp4; codecs="Opus"' },
    { packing: 'webm', mimeType: 'audio/webm; codecs="opus"' },
  ],
  flac: [
    { packing: 'mp4', mimeType: 'audio/mp4; codecs="flac"' },
    { packing: 'mp4', mimeType: 'audio/mp4; codecs="fLaC"' },
  ],
  vorbis: [{ packing: 'webm', mimeType: 'audio/webm; codecs="vorbis"' }],
};

const AAC_LC = 2;

/** The first five bits of an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1); low complexity where there is none. */
function aacObjectType(setup: Uint8Array | null): number {
  const first = setup?.[0];
  return first === undefined ? AAC_LC : first >> 3;
}
