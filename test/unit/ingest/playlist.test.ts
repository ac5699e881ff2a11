import { describe, expect, it } from 'vitest';
import {
  isHls,
  isPlaylist,
  PLAYLIST_ENTRIES_MAX,
  readPlaylist,
} from '../../../server/ingest/http/playlist.ts';
import { redactUrl } from '../../../server/ingest/source-error.ts';

const BASE = 'http://radio.example:8000/dir/live.m3u';

describe('a playlist', () => {
  it('in M3U gives its addresses in order, relative ones resolved, comments passed over', () => {
    const text = '\uFEFF#EXTM3U\r\n#EXTINF:-1,Radio\r\n  live.mp3  \r\n\r\n/root\rhttps://other.example/x\n';
    expect(readPlaylist(text, BASE)).toEqual([
      'http://radio.example:8000/dir/live.mp3',
      'http://radio.example:8000/root',
      'https://other.example/x',
    ]);
  });

  it('in PLS gives its files', () => {
    const text = '[Playlist]\nNumberOfEntries=2\nFile1=http://a.example/\nTitle1=A\nLength1=-1\nfile2 = b\n';
    expect(readPlaylist(text, BASE)).toEqual(['http://a.example/', 'http://radio.example:8000/dir/b']);
  });

  it('gives neither files of the machine nor other protocols, and only so many entries', () => {
    expect(readPlaylist('file:///etc/passwd\nftp://a/\njavascript:1\n', BASE)).toEqual([]);
    expect(readPlaylist('a\n'.repeat(1000), BASE)).toHaveLength(PLAYLIST_ENTRIES_MAX);
  });

  it.each([
    ['audio/x-mpegurl', '/x', true],
    ['audio/x-scpls', '/x', true],
    ['text/plain', '/x.PLS', true],
    ['', '/x.m3u', true],
    ['audio/mpeg', '/x.m3u', false],
    ['text/plain', '/x', false],
  ])('%s at %s is one: %s', (contentType, path, expected) => {
    expect(isPlaylist(contentType, path)).toBe(expected);
  });

  it('of HLS is told from one of streams', () => {
    expect(isHls('#EXTM3U\n#EXT-X-VERSION:3\n')).toBe(true);
    expect(isHls('#EXTM3U\n#EXTINF:-1,x\nlive\n')).toBe(false);
  });
});

describe('an address for people', () => {
  it.each([
    ['http://user:secret@host/x', 'http://***:***@host/x'],
    ['http://host/x?api_key=secret&a=b', 'http://host/x?api_key=***&a=b'],
    ['not an address secret', '(not a URL)'],
  ])('%s has no secrets', (address, shown) => {
    expect(redactUrl(address)).toBe(shown);
  });
});
