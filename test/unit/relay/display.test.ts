import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { displayLines, statusLine } from '../../../server/relay/display.ts';
import { statusJson } from '../../../server/relay/relay-status.ts';
import type { RelayStatus } from '../../../server/relay/relay-status.ts';

const status = (changes: Partial<RelayStatus> = {}): RelayStatus => ({
  state: 'serving',
  detail: '',
  address: 'https://radio.example',
  station: 'Radio Exemple',
  relayKey: 'L9-Qa1kPIdHAyc682kY44a4L8x_Icx2BKGgdzA7ApPc',
  nickname: 'the library',
  uptimeSeconds: 98_000,
  mounts: [
    {
      path: '/live.mp3',
      bitrateKbps: 128,
      title: { title: 'Window Seat', artist: 'Essaim', album: '', artworkUrl: '', show: '' },
      listeners: 12,
      neighbours: 20,
      childCount: 40,
      childSlots: 192,
      sentBytes: 2e9,
      takenFromEdgesBytes: 2e8,
      takenFromPeersBytes: 0,
      isLive: true,
      playedOnTime: 1,
    },
  ],
  listeners: 12,
  listenersMax: 40,
  uploadKbps: 1_600,
  uploadMaxKbps: 20_000,
  usage: { month: '2026-11', monthBytes: 41.2e9, day: '2026-11-24', dayBytes: 1.3e9, totalBytes: 90e9 },
  monthlyBytes: 200e9,
  sentBytes: 2e9,
  takenFromEdgesBytes: 2e8,
  takenFromPeersBytes: 0,
  ...changes,
});

const shown = (changes: Partial<RelayStatus> = {}, columns = 80): string =>
  displayLines(status(changes), columns).map(stripVTControlCharacters).join('\n');

describe('the display of a relay', () => {
  it('tells whom it serves, what plays, and what that costs against the ceiling', () => {
    const text = shown();
    for (const part of [
      'Radio Exemple',
      'Essaim – Window Seat',
      '12 listeners of at most 40',
      '1.6 Mbit/s of 20.0 Mbit/s',
      '1.3 GB',
      '41.2 GB of 200 GB',
      '2.0 GB since the start: 10.0 times',
      '1 d 3 h',
      'the library',
    ])
      expect(text).toContain(part);
  });

  it.each([80, 64, 44, 30, 12])('fits into a terminal of %i columns', (columns) => {
    const detail = 'the station says no: it takes only relays that it knows';
    const long = { station: 'R'.repeat(200), address: `https://${'a'.repeat(200)}.example`, detail };
    for (const changes of [{}, long])
      for (const line of shown(changes, columns).split('\n')) expect(line.length).toBeLessThan(columns);
  });

  it('tells how much goes out in a narrow terminal, rather than draw it', () => {
    expect(shown({}, 44)).toContain('upload now    1.6 Mbit/s of 20.0 Mbit/s');
  });

  it('says all of a long reason, in lines of its own', () => {
    const detail =
      'the station says no: it takes only relays that it knows: give its operator this relay’s key';
    const text = shown({ detail, state: 'resting' }, 60);
    expect(text.replaceAll(/\s+/g, ' ')).toContain(detail);
  });

  it('lets no title steer the terminal', () => {
    const [mount] = status().mounts;
    if (mount === undefined) throw new Error('Cannot look at the mount as there is one');
    const title = { title: '\u001B[2J\u0007', artist: '', album: '', artworkUrl: '', show: '' };
    const lines = displayLines(status({ mounts: [{ ...mount, title }] }), 80).join('\n');
    expect(lines).not.toContain('\u001B[2J');
    expect(lines).not.toContain('\u0007');
    expect(statusLine(status({ mounts: [{ ...mount, title }] }))).not.toContain('\u001B');
  });

  it('says why it does not serve', () => {
    expect(shown({ state: 'resting', detail: 'until 08:00', mounts: [] })).toContain('resting until 08:00');
    expect(statusLine(status({ state: 'resting', detail: 'until 08:00' }))).toContain(
      'resting (until 08:00)',
    );
  });

  it('is one JSON object a line for machines', () => {
    const line = statusJson(status(), 0);
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toMatchObject({
      time: '1970-01-01T00:00:00.000Z',
      state: 'serving',
      listeners: 12,
      timesPassedOn: 10,
      mounts: [{ path: '/live.mp3', title: 'Window Seat' }],
    });
  });
});
