import { describe, expect, it } from 'vitest';
import { readStreamInfo } from '../../../server/source-client/stream-info.ts';

const info = (headers: Readonly<Record<string, string>>): ReturnType<typeof readStreamInfo> =>
  readStreamInfo(new Map(Object.entries(headers)));

describe('what a source says of its stream', () => {
  it.each(['ice-', 'icy-', 'x-audiocast-'])('is understood with the prefix %s', (prefix) => {
    const said = info({
      [`${prefix}name`]: 'Radio',
      [`${prefix}genre`]: 'Talk',
      [`${prefix}url`]: 'http://radio.example',
      [`${prefix}description`]: 'All day',
      [`${prefix}public`]: '1',
      [`${prefix}bitrate`]: '96',
    });
    expect(said).toMatchObject({
      name: 'Radio',
      genre: 'Talk',
      url: 'http://radio.example',
      description: 'All day',
      isPublic: true,
      bitrateKbps: 96,
    });
  });

  it('has Shoutcast’s short names too, and Icecast’s come first', () => {
    expect(info({ 'icy-br': '128', 'icy-pub': '1' })).toMatchObject({ bitrateKbps: 128, isPublic: true });
    expect(info({ 'icy-name': 'old', 'ice-name': 'new' }).name).toBe('new');
  });

  it('has audio information with and without the prefix, percent-encoded', () => {
    const said = info({ 'ice-audio-info': 'ice-samplerate=44100;bitrate=192%2e5; ice-channels=2;;=;x' });
    expect(Object.fromEntries(said.audioInfo)).toEqual({
      samplerate: '44100',
      bitrate: '192.5',
      channels: '2',
    });
    expect(said.bitrateKbps).toBe(192);
  });

  it('may be nothing, or nonsense', () => {
    const said = info({ 'ice-bitrate': 'loud', 'ice-name': '\0\n', 'ice-audio-info': '%%%=%%' });
    expect(said).toMatchObject({ name: '', bitrateKbps: null, isPublic: false });
  });
});
