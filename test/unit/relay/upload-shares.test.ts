import { describe, expect, it } from 'vitest';
import { shareListeners, shareUpload } from '../../../server/relay/upload-shares.ts';

const demand = (usedKbps: number, bitrateKbps = 128) => ({ usedKbps, bitrateKbps });

describe('the uplink', () => {
  it('is dealt to mounts by bit rate while nobody uses it', () => {
    expect(shareUpload(20_000, [demand(0, 128), demand(0, 128)])).toEqual([10_000, 10_000]);
    expect(shareUpload(20_000, [demand(0, 192), demand(0, 64)])).toEqual([15_000, 5_000]);
    expect(shareUpload(20_000, [])).toEqual([]);
  });

  it('is never taken from children that it carries', () => {
    const shares = shareUpload(10_000, [demand(9_000), demand(0)]);
    expect(shares).toEqual([9_500, 500]);
  });

  it('is never given out twice', () => {
    for (const used of [0, 3_000, 20_000]) {
      const shares = shareUpload(10_000, [demand(used), demand(500), demand(0, 320)]);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(10_000);
    }
  });
});

describe('places for listeners', () => {
  it('are all given, first to those who are served', () => {
    expect(shareListeners(10, [0, 0, 0])).toEqual([4, 3, 3]);
    expect(shareListeners(10, [8, 0])).toEqual([9, 1]);
    expect(shareListeners(3, [3, 0])).toEqual([3, 0]);
  });

  it('are taken where most are served when there are too many', () => {
    expect(shareListeners(4, [5, 2])).toEqual([2, 2]);
  });
});
