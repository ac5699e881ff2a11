import { describe, expect, test } from 'vitest';
import { withToldIceServers } from '../../../client/listener/ice-servers.ts';

const stun = (host: string) => ({ urls: `stun:${host}:3478` });
const turn = (username: string) => ({ urls: ['turn:t.example'], username, credential: 'c' });

describe('the ICE servers that a tracker tells', () => {
  test('take the place of those before, kind by kind', () => {
    expect(withToldIceServers([stun('a'), turn('1')], [stun('b'), turn('2')])).toEqual([
      stun('b'),
      turn('2'),
    ]);
  });

  test('leave what they do not name: a relay’s tracker knows no TURN of the station', () => {
    expect(withToldIceServers([stun('a'), turn('1')], [stun('relay')])).toEqual([stun('relay'), turn('1')]);
    expect(withToldIceServers([stun('a'), turn('1')], [])).toEqual([stun('a'), turn('1')]);
  });
});
