export interface ApiSong {
  readonly artist: string;
  readonly title: string;
  readonly playlist?: string;
}

/** AzuraCast's now-playing object of one station, with the fields that its documentation shows. */
export const nowPlayingObject = (
  current: ApiSong,
  history: readonly ApiSong[] = [],
): Readonly<Record<string, unknown>> => ({
  station: { id: 1, name: 'Radio', shortcode: 'radio', frontend: 'icecast', mounts: [], remotes: [] },
  listeners: { total: 3, unique: 2, current: 3 },
  live: { is_live: false, streamer_name: '', broadcast_start: null, art: null },
  now_playing: {
    sh_id: 1,
    played_at: 1_700_000_000,
    duration: 200,
    elapsed: 10,
    remaining: 190,
    is_request: false,
    ...entry(current),
  },
  playing_next: null,
  song_history: history.map((song, index) => ({
    sh_id: index + 2,
    played_at: 1_700_000_000 - index,
    duration: 200,
    is_request: false,
    ...entry(song),
  })),
  is_online: true,
  cache: 'station',
});

const entry = ({ artist, title, playlist = '' }: ApiSong): Readonly<Record<string, unknown>> => ({
  playlist,
  streamer: '',
  song: {
    id: 'f00',
    text: `${artist} - ${title}`,
    artist,
    title,
    album: `Album of ${title}`,
    genre: '',
    isrc: '',
    lyrics: '',
    art: `/api/station/radio/art/${encodeURIComponent(title)}.jpg`,
    custom_fields: [],
  },
});
