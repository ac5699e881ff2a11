import { describe, expect, test } from 'vitest';
import type { Chunk } from '../../../shared/chunk/chunk.ts';
import { decodeChunk } from '../../../shared/chunk/chunk-codec.ts';
import type { MountDescription } from '../../../shared/station/description.ts';
import { FollowedMount } from '../../../server/follow/followed-mount.ts';
import { madeChunk } from '../../support/made-chunks.ts';

const DESCRIBED: MountDescription = {
  id: '0123456789abcdef',
  path: '/live.mp3',
  bitrateKbps: 128,
  chunkDurationMs: 250,
  stripeCount: 4,
  codec: { codec: 'mp3', sampleRateHz: 44_100, channelCount: 2, setup: null },
  live: { epoch: 1, oldest: 0, newest: 9 },
  title: 'Un',
  artist: '',
  album: '',
  artworkUrl: '',
  show: '',
};

const GENUINE = (): boolean => true;
const FORGED = (): boolean => false;

const chunk = (epoch: number, sequence: number): Chunk => madeChunk({ epoch, sequence });

describe('a followed mount', () => {
  test('takes chunks in order, each once, and tells those who listen', () => {
    const mount = new FollowedMount(DESCRIBED, GENUINE);
    const heard: number[] = [];
    mount.onChunk(({ header }) => heard.push(header.sequence));
    expect([0, 1, 1, 0, 2].map((number) => mount.take(chunk(1, number), false))).toEqual([
      'taken',
      'taken',
      'known',
      'known',
      'taken',
    ]);
    expect(heard).toEqual([0, 1, 2]);
    expect(mount.newest).toEqual({ epoch: 1, sequence: 2 });
  });

  test('does not take a chunk before its time, unless those before it are given up', () => {
    const mount = new FollowedMount(DESCRIBED, GENUINE);
    mount.take(chunk(1, 0), false);
    expect(mount.take(chunk(1, 2), false)).toBe('ahead');
    expect(mount.take(chunk(2, 3), false)).toBe('ahead');
    expect(mount.take(chunk(1, 2), true)).toBe('taken');
  });

  test('enters a new epoch by its first chunk', () => {
    const mount = new FollowedMount(DESCRIBED, GENUINE);
    mount.take(chunk(1, 7), false);
    expect(mount.take(chunk(2, 0), false)).toBe('taken');
    expect(mount.take(chunk(1, 8), false)).toBe('known');
  });

  test('keeps out what the station did not sign, and what is of another mount', () => {
    const mount = new FollowedMount(DESCRIBED, FORGED);
    expect(mount.take(chunk(1, 0), false)).toBe('forged');
    const other = new FollowedMount({ ...DESCRIBED, id: 'fedcba9876543210' }, GENUINE);
    expect(other.take(chunk(1, 0), false)).toBe('foreign');
    expect(mount.newest).toBeNull();
  });

  test('believes an edge about titles only until a chunk has come', () => {
    const mount = new FollowedMount(DESCRIBED, GENUINE);
    mount.describe({ ...DESCRIBED, title: 'Deux' });
    expect(mount.description().title).toBe('Deux');
    mount.take(chunk(1, 0), false);
    mount.describe({ ...DESCRIBED, title: 'Faux' });
    expect(mount.description().title).toBe('Deux');
  });

  test('passes on the bytes that it was given', () => {
    const mount = new FollowedMount(DESCRIBED, GENUINE);
    const given = chunk(1, 0);
    const decoded = decodeChunk(given.wire.slice());
    if (!decoded.ok) throw new Error(decoded.reason);
    mount.take(decoded.chunk, false);
    expect(mount.window.newest?.wire).toEqual(given.wire);
  });
});
