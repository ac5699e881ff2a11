import { z } from 'zod';

/** A song as the station's software knows it; empty where it does not. */
export interface Song {
  /** Artist and title in one line, as the stream says them. */
  readonly text: string;
  readonly title: string;
  readonly artist: string;
  readonly album: string;
  readonly artworkUrl: string;
  /** Who is live, or the playlist. */
  readonly show: string;
}

/** What plays there now, and before and after it: the sound that arrives here may be of any of them. */
export interface NowPlaying {
  /** Null: nothing that has a name. */
  readonly current: Song | null;
  readonly others: readonly Song[];
}

const text = z.string().nullish();
const songSchema = z.object({ text, artist: text, title: text, album: text, art: text });
const entrySchema = z.object({ song: songSchema, playlist: text, streamer: text });
const azuraCastSchema = z.object({
  now_playing: entrySchema.nullish(),
  playing_next: entrySchema.nullish(),
  song_history: z.array(entrySchema).max(200).nullish(),
  live: z.object({ is_live: z.boolean().nullish(), streamer_name: text }).nullish(),
  is_online: z.boolean().nullish(),
});
type Entry = z.infer<typeof entrySchema>;

/** Names that station software gives to the list from which everything is drawn: no show. */
const NO_SHOW = /^(?:default|general rotation)?$/i;

/**
 * AzuraCast's now-playing object, as its API, its static files and its webhook give it: fields that we do not know are
 * passed over, and those that are missing are not known. Null: it is something else.
 * @param baseUrl what relative addresses of artwork are relative to.
 */
export function readAzuraCast(value: unknown, baseUrl: string | null): NowPlaying | null {
  const parsed = azuraCastSchema.safeParse(value);
  if (!parsed.success || parsed.data.now_playing === undefined) return null;
  const { now_playing: now, playing_next: next, song_history: history, live } = parsed.data;
  const liveName = live?.is_live === true ? (live.streamer_name ?? '') : '';
  const others = [next, ...(history ?? [])].flatMap((entry) =>
    entry === null || entry === undefined ? [] : [songOf(entry, '', baseUrl)],
  );
  return { current: now === null ? null : songOf(now, liveName, baseUrl), others };
}

function songOf({ song, playlist, streamer }: Entry, liveName: string, baseUrl: string | null): Song {
  const { artist, title, album, art } = song;
  const list = playlist ?? '';
  return {
    text: song.text ?? '',
    title: title ?? '',
    artist: artist ?? '',
    album: album ?? '',
    artworkUrl: URL.parse(art ?? '', baseUrl ?? undefined)?.href ?? '',
    show: liveName || (streamer ?? '') || (NO_SHOW.test(list) ? '' : list),
  };
}
