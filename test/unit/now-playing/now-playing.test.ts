import { describe, expect, it } from 'vitest';
import { readAzuraCast } from '../../../server/now-playing/now-playing.ts';
import { nowPlayingObject } from '../../support/azuracast-now-playing.ts';

describe('AzuraCast’s now-playing', () => {
  it('is read with artist, title, album, artwork and show of every song', () => {
    const value = nowPlayingObject({ artist: 'Zoë', title: 'Tide', playlist: 'Night' }, [
      { artist: 'A', title: 'B', playlist: 'General Rotation' },
    ]);
    expect(readAzuraCast(value, 'https://azuracast.example/api/nowplaying_static/radio.json')).toEqual({
      current: {
        text: 'Zoë - Tide',
        title: 'Tide',
        artist: 'Zoë',
        album: 'Album of Tide',
        artworkUrl: 'https://azuracast.example/api/station/radio/art/Tide.jpg',
        show: 'Night',
      },
      others: [expect.objectContaining({ text: 'A - B', show: '' })],
    });
  });

  it('takes who is live for the show', () => {
    const value = {
      ...nowPlayingObject({ artist: 'a', title: 'b', playlist: 'Night' }),
      live: { is_live: true, streamer_name: 'DJ Zoë' },
    };
    expect(readAzuraCast(value, null)?.current?.show).toBe('DJ Zoë');
  });

  it('is read where much is missing', () => {
    expect(readAzuraCast({ now_playing: null }, null)).toEqual({ current: null, others: [] });
    expect(readAzuraCast({ now_playing: { song: { text: 'x' } } }, null)?.current).toMatchObject({
      text: 'x',
      artist: '',
      artworkUrl: '',
    });
  });

  it.each([
    null,
    7,
    'x',
    [],
    {},
    { now_playing: 7 },
    { now_playing: { song: { title: 7 } } },
    [nowPlayingObject({ artist: 'a', title: 'b' })],
  ])('is nothing else: %j', (value) => {
    expect(readAzuraCast(value, null)).toBeNull();
  });
});
