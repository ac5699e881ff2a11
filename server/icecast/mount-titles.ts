import type { Chunk } from '../../shared/chunk/chunk.ts';
import { decodeMetadata } from '../../shared/chunk/metadata-codec.ts';
import type { LiveMount } from '../station/live-mount.ts';
import { NO_TITLE } from '../station/title.ts';
import type { Title } from '../station/title.ts';

/** What a chunk says of what plays; null: nothing, so what played before still does. Read once for all players. */
export function titleIn(chunk: Chunk): Title | null {
  if (chunk.header.metadataLength === 0) return null;
  const known = titleByChunk.get(chunk);
  if (known !== undefined) return known;
  const metadata = decodeMetadata(chunk);
  const isSaid = metadata?.title !== undefined || metadata?.artist !== undefined;
  const title = isSaid ? { ...NO_TITLE, ...shownFields(metadata) } : null;
  titleByChunk.set(chunk, title);
  return title;
}

/** What plays when this chunk begins. */
export function titleAt(mount: LiveMount, chunk: Chunk): Title {
  const { oldest } = mount.window;
  if (oldest === null) return mount.description();
  const { epoch, sequence } = chunk.header;
  const held = mount.window.from(oldest.header.epoch, oldest.header.sequence);
  const before = held.filter(
    ({ header }) => header.epoch < epoch || (header.epoch === epoch && header.sequence <= sequence),
  );
  for (const earlier of before.toReversed()) {
    const title = titleIn(earlier);
    if (title !== null) return title;
  }
  return NO_TITLE;
}

const titleByChunk = new WeakMap<Chunk, Title | null>();

const shownFields = ({
  title = '',
  artist = '',
  album = '',
  artworkUrl = '',
  show = '',
}: Partial<Record<keyof Title, string | undefined>>): Title => ({ title, artist, album, artworkUrl, show });
