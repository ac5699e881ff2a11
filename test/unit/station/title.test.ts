import { describe, expect, it } from 'vitest';
import { METADATA_LENGTH_MAX } from '../../../shared/chunk/chunk.ts';
import { encodeMetadata } from '../../../shared/chunk/metadata-codec.ts';
import { Packager } from '../../../server/station/packager.ts';
import {
  NO_TITLE,
  sameTitle,
  TITLE_LENGTH_MAX,
  titleFrom,
  titleMetadata,
} from '../../../server/station/title.ts';
import { epoch, micros } from '../../../shared/units.ts';

describe('title', () => {
  it('is cut and made one line, so that what is no title fits into a chunk', () => {
    const { title } = titleFrom({ title: `a\u0000\n${'é'.repeat(5000)}\uD800` });
    expect(title).toHaveLength(TITLE_LENGTH_MAX);
    expect(title.startsWith('a é')).toBe(true);
  });

  it('takes web addresses as artwork, and nothing else', () => {
    expect(artwork('https://radio.example/art/é.jpg')).toBe('https://radio.example/art/%C3%A9.jpg');
    expect(artwork('javascript:alert(1)')).toBe('');
    expect(artwork('data:image/png;base64,AAAA')).toBe('');
    expect(artwork('/art/1.jpg')).toBe('');
    expect(artwork(`https://radio.example/${'a'.repeat(1024)}`)).toBe('');
  });

  it('says title and artist always, and of the others what is known', () => {
    expect(titleMetadata(titleFrom({ title: 'Tide' }))).toEqual({ title: 'Tide', artist: '' });
    expect(titleMetadata(titleFrom({ title: 'Tide', show: 'Dawn' }))).toEqual({
      title: 'Tide',
      artist: '',
      show: 'Dawn',
    });
    expect(sameTitle(titleFrom({ title: '' }), NO_TITLE)).toBe(true);
    expect(sameTitle(titleFrom({ title: '', album: 'A' }), NO_TITLE)).toBe(false);
  });

  it('fits into an epoch’s first chunk even when everything is as long as it may be', () => {
    const packager = new Packager(() => epoch(2 ** 47));
    packager.setConfig({
      codec: 'vorbis',
      sampleRateHz: 768_000,
      channelCount: 255,
      setup: new Uint8Array(8550),
    });
    const long = '🌙'.repeat(400);
    packager.setTitle(
      titleFrom({
        title: long,
        artist: long,
        album: long,
        show: long,
        artworkUrl: `https://radio.example/${'a'.repeat(1002)}`,
      }),
    );
    packager.addFrame({ bytes: Uint8Array.of(1), sampleCount: 1 });
    packager.gap();
    packager.addFrame({ bytes: Uint8Array.of(1), sampleCount: 1 });
    const [draft] = packager.gap();
    expect(draft?.metadata).toMatchObject({ setup: expect.any(String), after: { sequence: 0 } });
    expect(draft?.metadata?.artworkUrl).toHaveLength(1024);
    expect(encodeMetadata(draft?.metadata ?? {}).length).toBeLessThanOrEqual(METADATA_LENGTH_MAX);
    expect(draft?.mediaTime).toBe(micros(0));
  });
});

const artwork = (artworkUrl: string): string => titleFrom({ title: '', artworkUrl }).artworkUrl;
