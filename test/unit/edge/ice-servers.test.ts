import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { credentialsRenewalMs, iceServers } from '../../../server/edge/ice-servers.ts';
import { unixMillis } from '../../../shared/units.ts';

const NOW = unixMillis(1_700_000_000_500);

describe('ICE servers', () => {
  it('names our own STUN server by the host that the listener came by', () => {
    const options = { stunPort: 3478, announcedAddress: null, turn: [] };
    expect(iceServers(options, 'https://radio.example:8443', NOW)).toEqual([
      { urls: 'stun:radio.example:3478' },
    ]);
    expect(iceServers(options, 'http://[2001:db8::1]:80', NOW)).toEqual([
      { urls: 'stun:[2001:db8::1]:3478' },
    ]);
  });

  it('names the announced address where UDP comes in elsewhere', () => {
    const options = { stunPort: 3478, announcedAddress: '2001:db8::2', turn: [] };
    expect(iceServers(options, 'https://cdn.example', NOW)).toEqual([{ urls: 'stun:[2001:db8::2]:3478' }]);
  });

  it('names no third party, and nothing at all when STUN is off', () => {
    expect(iceServers({ stunPort: null, announcedAddress: null, turn: [] }, 'http://x', NOW)).toEqual([]);
  });

  it('are told anew when half of the shortest-lived credentials’ time is over', () => {
    const turn = [600, 3_600].map((credentialLifetimeSeconds) => ({
      urls: ['turn:t.example'],
      secret: 'north',
      credentialLifetimeSeconds,
    }));
    expect(credentialsRenewalMs(turn)).toBe(300_000);
    expect(credentialsRenewalMs([])).toBeNull();
  });

  it('gives TURN credentials that run out, as the TURN REST convention asks', () => {
    const turn = [{ urls: ['turn:t.example'], secret: 'north', credentialLifetimeSeconds: 600 }];
    const [server] = iceServers({ stunPort: null, announcedAddress: null, turn }, 'http://x', NOW);
    expect(server?.username).toBe('1700000600:listener');
    expect(server?.credential).toBe(
      createHmac('sha1', 'north').update('1700000600:listener').digest('base64'),
    );
  });
});
