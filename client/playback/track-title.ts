import type { Chunk } from '../../shared/chunk/chunk.ts';
import { decodeMetadata } from '../../shared/chunk/metadata-codec.ts';

/** What is playing; empty where the station does not say. */
export interface TrackTitle {
  readonly title: string;
  readonly artist: string;
  readonly album: string;
  /** http or https. */
  readonly artworkUrl: string;
  /** The programme, or who is live. */
  readonly show: string;
}

/** Null if the chunk says nothing of it: what played before still does. */
export function titleOf(chunk: Chunk): TrackTitle | null {
  const metadata = decodeMetadata(chunk);
  if (metadata === null || (metadata.title === undefined && metadata.artist === undefined)) return null;
  const { title = '', artist = '', album = '', artworkUrl = '', show = '' } = metadata;
  return { title, artist, album, artworkUrl, show };
}
