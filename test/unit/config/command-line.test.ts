import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCommandLine } from '../../../server/config/command-line.ts';
import type { Config } from '../../../server/config/config.ts';

describe('command line', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'essaim-cli-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const start = (...args: readonly string[]): Config => {
    const command = readCommandLine(args, folder);
    if (command.type !== 'start') throw new Error(command.text);
    return command.config;
  };

  it('plays the demo when it says nothing', () => {
    const config = start();
    expect(config.stations.map((station) => station.mounts)).toMatchObject([
      [{ sources: [{ kind: 'demo' }] }],
    ]);
    expect(config.dataFolder).toBe(join(folder, 'data'));
  });

  it('takes --source again and again as fallbacks, and names the mount after the first', () => {
    const [station] = start('--source', 'http://a:8000/live.mp3', '-s', 'http://b/x').stations;
    expect(station?.mounts).toEqual([
      {
        path: '/live.mp3',
        sourceClient: null,
        bitrateKbps: null,
        sources: [
          { kind: 'url', url: 'http://a:8000/live.mp3' },
          { kind: 'url', url: 'http://b/x' },
        ],
      },
    ]);
    expect(start('--source', 'http://a/listen/my/radio.pls').stations[0]?.mounts[0]?.path).toBe('/live');
    expect(start('--source', 'http://a/').stations[0]?.mounts[0]?.path).toBe('/live');
  });

  it('puts flags over the file, and finds essaim.json by itself', () => {
    const station = { id: 'mine', name: 'Mine', mounts: [{ path: '/m', sources: ['demo'] }] };
    writeFileSync(join(folder, 'essaim.json'), JSON.stringify({ stations: [station], http: { port: 1 } }));
    const config = start(
      '--port',
      '0',
      '--host',
      '127.0.0.1',
      '--data',
      'd',
      '--public-url',
      'https://r.example/',
    );
    expect(config.stations[0]?.id).toBe('mine');
    expect(config.http).toMatchObject({ port: 0, host: '127.0.0.1', publicUrl: 'https://r.example' });
    expect(config.dataFolder).toBe(join(folder, 'd'));
    expect(start('--config', 'essaim.json').http.port).toBe(1);
  });

  it('takes a certificate and its key from the folder it is called in', () => {
    expect(start('--tls-cert', 'a.pem', '--tls-key', '/b.pem').http.tls).toEqual({
      certificateFile: join(folder, 'a.pem'),
      keyFile: '/b.pem',
    });
  });

  it('explains itself when asked', () => {
    expect(readCommandLine(['--help'], folder)).toMatchObject({ type: 'help' });
  });

  it.each([
    [['--sorce', 'x'], "Unknown option '--sorce'"],
    [['http://x'], 'Unexpected argument'],
    [['--port', '99999'], 'Cannot use --port as a number from 0 to 65535: current value is 99999'],
    [['--port', 'x'], 'current value is x'],
    [['--public-url', 'radio.example'], 'Cannot use --public-url'],
    [['--tls-cert', 'a.pem'], 'Cannot use --tls-cert without --tls-key: current value is a.pem'],
    [['--tls-key', 'a.pem'], 'Cannot use --tls-key without --tls-cert: current value is a.pem'],
    [
      ['--tls-cert', 'a.pem', '--tls-key', 'b.pem', '--public-url', 'http://radio.example'],
      'not https://: current value is http://radio.example',
    ],
    [['--source', 'nowhere'], 'stations[0].mounts[0].sources[0]'],
    [['--source', 'http://x/', '--config', 'y'], 'Cannot use --source and --config together'],
    [['--config', 'none.json'], 'there is no such file'],
  ])('refuses %j clearly', (args, expected) => {
    expect(() => start(...args)).toThrow(expected);
  });
});
