import { describe, expect, test } from 'vitest';
import type { EdgeLoad, Room } from '../../../server/edge/room.ts';
import { ClosableRoom } from '../../../server/edge/room.ts';
import { relayRoom, shareInUse } from '../../../server/relay/public/relay-room.ts';
import type { LiveMount } from '../../../server/station/live-mount.ts';

const LIMITS = { uploadKbps: 1_000, listenersMax: 3 };

const roomAt = (load: EdgeLoad, limits: Parameters<typeof relayRoom>[0] = LIMITS): Room =>
  relayRoom(limits, () => load);
const mountOf = (bitrateKbps: number): Pick<LiveMount, 'bitrateKbps'> => ({ bitrateKbps });

describe('the room of a public relay', () => {
  test('is for so many listeners, and no more', () => {
    expect(roomAt({ listeners: 2, kbps: 0 }).whyNot(mountOf(128), 1)).toBeNull();
    expect(roomAt({ listeners: 3, kbps: 0 }).whyNot(mountOf(128), 1)).toContain(
      'as many listeners as it may: 3',
    );
    const unlimited = { uploadKbps: 1_000, listenersMax: null };
    expect(roomAt({ listeners: 3, kbps: 0 }, unlimited).whyNot(mountOf(128), 1)).toBeNull();
  });

  test('keeps a tenth of the upload for first seconds and repairs', () => {
    expect(roomAt({ listeners: 0, kbps: 772 }).whyNot(mountOf(128), 1)).toBeNull();
    expect(roomAt({ listeners: 0, kbps: 773 }).whyNot(mountOf(128), 1)).toContain('1000 kbit/s');
    expect(roomAt({ listeners: 0, kbps: 773 }).whyNot(mountOf(128), 0.25)).toBeNull();
  });

  test('has first seconds for whoever asks, even at the listeners’ limit, until all of the upload is in use', () => {
    expect(roomAt({ listeners: 3, kbps: 999 }).whyNot(mountOf(128), 0)).toBeNull();
    expect(roomAt({ listeners: 0, kbps: 1_000 }).whyNot(mountOf(128), 0)).toContain('gives all');
  });

  test('is told to the station as the fuller of the two shares', () => {
    expect(shareInUse(LIMITS, { listeners: 0, kbps: 500 })).toBe(0.5);
    expect(shareInUse(LIMITS, { listeners: 3, kbps: 500 })).toBe(1);
    expect(shareInUse({ uploadKbps: 0, listenersMax: null }, { listeners: 0, kbps: 900 })).toBe(1);
  });

  test('is closed to those who would stay, and to nobody else, once it is closed', () => {
    const room = new ClosableRoom(roomAt({ listeners: 0, kbps: 0 }));
    room.close('stopping');
    expect(room.whyNot(mountOf(128), 1)).toBe('stopping');
    expect(room.whyNot(mountOf(128), 0)).toBeNull();
  });
});
