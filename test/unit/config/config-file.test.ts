import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../server/config/config-error.ts';
import { parseConfig, readConfigFile } from '../../../server/config/config-file.ts';

const STATION = { id: 'radio', name: 'Radio', mounts: [{ path: '/live.mp3', sources: ['demo'] }] };

describe('configuration file', () => {
  it('needs a station only; all else has a default', () => {
    const config = parse({ stations: [STATION] });
    expect(config.http).toEqual({
      host: null,
      port: 8080,
      publicUrl: null,
      trustedProxies: [],
      forwardedBy: 'x-forwarded',
      tls: null,
    });
    expect(config.dataFolder).toBe('/srv/radio/data');
    expect(config.stun.port).toBe(3478);
    expect(config.playback.playoutDelayMs).toBe(2500);
    expect(config.swarm.smallSwarmSize).toBe(2);
    expect(config.stations[0]?.mounts[0]?.sources).toEqual([{ kind: 'demo' }]);
  });

  it('takes several stations and mounts, with sources in order', () => {
    const config = parse({
      stations: [
        { ...STATION, mounts: [{ path: '/a', sources: ['http://one:8000/a', 'https://two/a', 'demo'] }] },
        { ...STATION, id: 'second' },
      ],
    });
    expect(config.stations[0]?.mounts[0]?.sources).toEqual([
      { kind: 'url', url: 'http://one:8000/a' },
      { kind: 'url', url: 'https://two/a' },
      { kind: 'demo' },
    ]);
    expect(config.stations[1]?.mounts[0]?.path).toBe('/live.mp3');
  });

  it('passes over comments: keys that begin with //', () => {
    expect(parse({ '// mine': 'since 2019', stations: [{ ...STATION, '//': ['x'] }] }).stations).toHaveLength(
      1,
    );
  });

  it.each([
    [{ stations: [] }, 'stations: '],
    [
      { stations: [{ ...STATION, id: 'My Radio' }] },
      'stations[0].id: must be lower-case letters, digits and hyphens: current value is "My Radio"',
    ],
    [{ stations: [{ ...STATION, id: 'api' }] }, 'stations[0].id: is an address that the server itself uses'],
    [
      { stations: [{ ...STATION, mounts: [{ path: 'live', sources: ['demo'] }] }] },
      'stations[0].mounts[0].path: must be a slash',
    ],
    [
      { stations: [{ ...STATION, mounts: [{ path: '/metrics', sources: ['demo'] }] }] },
      'an address that the server itself uses: current value is "/metrics"',
    ],
    [
      { stations: [{ ...STATION, mounts: [{ path: '/a', sources: ['ftp://x/'] }] }] },
      'stations[0].mounts[0].sources[0]: must be "demo" or an http:// or https:// address: current value is "ftp://x/"',
    ],
    [
      { stations: [{ ...STATION, mounts: [{ path: '/a' }] }] },
      'stations[0].mounts[0]: needs "sources" to pull, or a "sourceClient" that may send to it: current value is {"path":"/a"}',
    ],
    [
      { stations: [STATION], http: { port: '80' } },
      'http.port: Invalid input: expected number, received string: current value is "80"',
    ],
    [{ stations: [STATION], http: { port: 70_000 } }, 'http.port: '],
    [
      { stations: [STATION], http: { trustedProxies: ['10.0.0.0/33'] } },
      'http.trustedProxies[0]: must be an IP address or a range like 10.0.0.0/8: current value is "10.0.0.0/33"',
    ],
    [{ stations: [STATION], stun: { port: -1 } }, 'stun.port: '],
    [{ stations: [STATION], http: { tls: { certificate: 'a.pem' } } }, 'http.tls.key: '],
    [
      {
        stations: [STATION],
        http: { tls: { certificate: 'a.pem', key: 'b.pem' }, publicUrl: 'http://radio.example' },
      },
      'with a public address that is not https://: current value is http://radio.example',
    ],
    [{ stations: [STATION, STATION] }, 'current value is /radio twice'],
    [
      { stations: [{ ...STATION, id: 'live', mounts: [{ path: '/live', sources: ['demo'] }] }] },
      'current value is /live twice',
    ],
  ])('refuses %j, naming the field and its value', (value, expected) => {
    expect(() => parse(value)).toThrow(ConfigError);
    expect(() => parse(value)).toThrow(expected);
  });

  it('refuses unknown fields, with a hint where the spelling is near', () => {
    expect(() => parse({ stations: [STATION], http: { prot: 80 } })).toThrow(
      'http: unknown field "prot" (did you mean "port"?)',
    );
    expect(() => parse({ stations: [{ ...STATION, mount: [] }] })).toThrow(
      'stations[0]: unknown field "mount" (did you mean "mounts"?)',
    );
    expect(() => parse({ stations: [STATION], colour: 1 })).toThrow(
      'the file: unknown field "colour" (there are: ',
    );
  });

  it('takes a password from the field itself, from a file beside it, or from the environment', () => {
    const folder = mkdtempSync(join(tmpdir(), 'essaim-config-'));
    try {
      writeFileSync(join(folder, 'dj.txt'), 'from the file\n');
      process.env['ESSAIM_TEST_PASSWORD'] = 'from the environment';
      const mounts = [
        { path: '/a', sourceClient: { password: 'itself' } },
        { path: '/b', sourceClient: { user: 'dj', password: { file: 'dj.txt' } }, sources: ['demo'] },
      ];
      const admin = { password: { env: 'ESSAIM_TEST_PASSWORD' } };
      const config = parseConfig(
        JSON.stringify({ stations: [{ ...STATION, mounts }], admin, shoutcast: { mount: '/a' } }),
        'essaim.json',
        folder,
      );
      expect(config.stations[0]?.mounts.map((mount) => mount.sourceClient)).toEqual([
        { user: 'source', password: 'itself' },
        { user: 'dj', password: 'from the file' },
      ]);
      expect(config.admin).toEqual({ user: 'admin', password: 'from the environment' });
      expect(config.shoutcast).toEqual({ mount: '/a', port: null });
    } finally {
      delete process.env['ESSAIM_TEST_PASSWORD'];
      rmSync(folder, { recursive: true });
    }
  });

  it('says why a password cannot be had, and never shows one', () => {
    const admin = (password: unknown): string =>
      messageOf(() => parse({ stations: [STATION], admin: { password } }));
    expect(admin({ file: 'none.txt' })).toContain(
      'Cannot read /srv/radio/none.txt as a file with a password',
    );
    expect(admin({ env: 'ESSAIM_NOT_SET' })).toContain('ESSAIM_NOT_SET must be set');
    expect(admin([])).toContain('admin.password: must be a password of 1 to 256 characters');
    expect(admin('')).toContain('admin.password: Too small');
    const sourceClient = { password: 'hush', user: 'a:b' };
    const mounts = [{ path: '/a', sourceClient }];
    const text = messageOf(() => parse({ stations: [{ ...STATION, mounts, id: 'x', name: '' }] }));
    expect(text).toContain('sourceClient.user');
    expect(messageOf(() => parse({ stations: [{ ...STATION, mounts: [{ sourceClient }] }] }))).not.toContain(
      'hush',
    );
  });

  it('speaks Shoutcast only for a mount that takes source clients', () => {
    expect(() => parse({ stations: [STATION], shoutcast: { mount: '/live.mp3' } })).toThrow(
      'shoutcast.mount: must be the path of a mount with a "sourceClient": current value is "/live.mp3"',
    );
  });

  it('names every wrong field at once, and never shows a secret', () => {
    const turn = [{ urls: ['http://x'], secret: '' }];
    const text = messageOf(() => parse({ stations: [STATION], turn, logLevel: 'loud' }));
    expect(text.split('\n')).toHaveLength(4);
    expect(text).toContain('turn[0].urls[0]: must begin with turn: or turns:');
    expect(text).toContain('turn[0].secret');
    expect(text).toContain('current value is not shown');
    expect(text).toContain('logLevel');
  });

  it('says where JSON is broken, as an editor counts', () => {
    const text = messageOf(() => parseConfig('{\n  "stations": [],,\n}', 'essaim.json', '/'));
    expect(text).toContain('Cannot read essaim.json as JSON');
    expect(text).toMatch(/line 2,? column 18/);
  });

  it('is read from its file, whose folder the data folder is relative to', () => {
    const folder = mkdtempSync(join(tmpdir(), 'essaim-config-'));
    try {
      const file = join(folder, 'essaim.json');
      writeFileSync(file, JSON.stringify({ stations: [STATION], dataFolder: 'state' }));
      expect(readConfigFile(file).dataFolder).toBe(join(folder, 'state'));
      expect(() => readConfigFile(join(folder, 'none.json'))).toThrow('there is no such file');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

const parse = (value: unknown): ReturnType<typeof parseConfig> =>
  parseConfig(JSON.stringify(value), 'essaim.json', '/srv/radio');

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  return '';
}
