import { shownTitle } from '../icecast/icy-blocks.ts';
import { epochOf, TARGET_SECONDS } from './segmenter.ts';
import type { Segment } from './segmenter.ts';

/** How the segments of a codec are called: `mp3` and `aac` are packed audio, `m4s` needs an initialisation. */
export type SegmentEnding = 'mp3' | 'aac' | 'm4s';

export const segmentName = (segment: Segment, ending: SegmentEnding): string => `${segment.number}.${ending}`;

/** One for an epoch, whose set-up does not change. */
export const initialisationName = (segment: Segment): string => `${epochOf(segment) ?? 0}.mp4`;

/** A live media playlist (RFC 8216): sliding, never ended. @param segments one or more. */
export function mediaPlaylist(
  segments: readonly Segment[],
  ending: SegmentEnding,
  stationName: string,
): string {
  const [first] = segments;
  const lines = [
    '#EXTM3U',
    `#EXT-X-VERSION:${ending === 'm4s' ? 7 : 3}`,
    `#EXT-X-TARGETDURATION:${TARGET_SECONDS}`,
    `#EXT-X-MEDIA-SEQUENCE:${first?.number ?? 0}`,
    // As it was before the first listed one, whose own tag may still stand.
    `#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuitiesBefore(first)}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
  ];
  for (const segment of segments) {
    if (segment.isDiscontinuous) lines.push('#EXT-X-DISCONTINUITY');
    if (ending === 'm4s' && (segment === first || segment.isDiscontinuous))
      lines.push(`#EXT-X-MAP:URI="${initialisationName(segment)}"`);
    lines.push(
      `#EXT-X-PROGRAM-DATE-TIME:${startedAt(segment)}`,
      `#EXTINF:${(segment.durationMs / 1000).toFixed(6)},${shownTitle(segment.title, stationName)}`,
      segmentName(segment, ending),
    );
  }
  return `${lines.join('\n')}\n`;
}

const discontinuitiesBefore = (first: Segment | undefined): number =>
  first === undefined ? 0 : first.discontinuities - (first.isDiscontinuous ? 1 : 0);

/** When its first sample was packaged, about: a chunk is packaged at its end. */
function startedAt({ chunks }: Segment): string {
  const header = chunks[0]?.header;
  return new Date(header === undefined ? 0 : header.packagedAt - header.duration / 1000).toISOString();
}

/** One mount of a station, for a player that chooses by bandwidth and codec. */
export interface Variant {
  /** Relative to the playlist. */
  readonly uri: string;
  readonly bandwidth: number;
  /** RFC 6381. */
  readonly codecs: string;
}

export const multivariantPlaylist = (variants: readonly Variant[]): string =>
  [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...variants.flatMap(({ uri, bandwidth, codecs }) => [
      `#EXT-X-STREAM-INF:BANDWIDTH=${bandwidth},CODECS="${codecs}"`,
      uri,
    ]),
    '',
  ].join('\n');
