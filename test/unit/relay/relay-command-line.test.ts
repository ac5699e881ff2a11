import { describe, expect, it } from 'vitest';
import { readRelayCommandLine } from '../../../server/relay/relay-command-line.ts';
import type { RelayEnvironment } from '../../../server/relay/relay-command-line.ts';
import type { RelayOptions } from '../../../server/relay/relay-options.ts';

const KEY = 'wpWlEFnSlQkHwuiwafewwDBDigFwMEf-I7OeJAjR_Ao';
const HOME: RelayEnvironment = { HOME: '/home/ann' };

function read(args: readonly string[], environment = HOME): RelayOptions {
  const command = readRelayCommandLine(args, '/work', environment);
  if (command.type !== 'relay') throw new Error('Cannot read options as help was asked for');
  return command.options;
}

const PUBLIC = ['radio.example', '--public-url', 'https://relay.example'];

const metrics = (text: string) => read(['https://radio.example', '--metrics-port', text]).metrics;

describe('the relay’s command line', () => {
  it('takes a key that begins with a dash, as one of 64 does', () => {
    for (const key of [`-${KEY.slice(1)}`, `--${KEY.slice(2)}`]) {
      expect(read(['radio.example', '--key', key, '--json'])).toMatchObject({ address: { key }, json: true });
      expect(read(['--key', key, 'radio.example']).address.key).toBe(key);
    }
    expect(() => read(['radio.example', '--key', '--json'])).toThrow('Cannot read the command line');
  });

  it('asks nothing but an address', () => {
    expect(read(['https://radio.example'])).toEqual({
      address: { server: 'https://radio.example', id: null, key: null },
      mounts: null,
      stateFolder: '/home/ann/.local/state/essaim-relay/radio.example',
      limits: { uploadKbps: null, monthlyBytes: null, schedule: null },
      listenersMax: null,
      nickname: null,
      metrics: null,
      json: false,
      publicAddress: null,
    });
  });

  it('takes the station and its key from the address that the station publishes', () => {
    expect(read([`https://radio.example/jazz/#key=${KEY}`]).address).toEqual({
      server: 'https://radio.example',
      id: 'jazz',
      key: KEY,
    });
    expect(read(['radio.example', '--key', KEY]).address).toMatchObject({
      server: 'https://radio.example',
      key: KEY,
    });
  });

  it('needs no address where the station comes by itself', () => {
    const flags = ['--feed', '--key', KEY, '--public-url', 'https://relay.example'];
    const { address, publicAddress } = read(flags);
    expect([address.server, address.key]).toEqual(['https://relay.example', KEY]);
    expect(publicAddress).toMatchObject({ url: 'https://relay.example', isFed: true });
  });

  it('reads amounts as people write them', () => {
    const flags =
      '--upload 2.5Mbit --monthly 1.5TB --schedule 08:00-23:00 --listeners-max 40 -m /live.mp3 -m live.opus';
    const { limits, listenersMax, mounts } = read(['https://radio.example', ...flags.split(' ')]);
    expect(limits).toMatchObject({ uploadKbps: 2_500, monthlyBytes: 1.5e12 });
    expect(limits.schedule).toMatchObject({ fromMinutes: 480, untilMinutes: 1_380 });
    expect([listenersMax, mounts]).toEqual([40, ['/live.mp3', '/live.opus']]);
  });

  it('keeps its state where it is told to: by flag, by systemd, by XDG, at home', () => {
    const address = 'http://127.0.0.1:8080/jazz';
    const all = { ...HOME, STATE_DIRECTORY: '/var/lib/a:/var/lib/b', XDG_STATE_HOME: '/x' };
    expect(read([address, '--state', 's'], all).stateFolder).toBe('/work/s');
    expect(read([address], all).stateFolder).toBe('/var/lib/a');
    expect(read([address], { ...HOME, XDG_STATE_HOME: '/x' }).stateFolder).toBe(
      '/x/essaim-relay/127.0.0.1-8080-jazz',
    );
    expect(read([address], { ...HOME, XDG_STATE_HOME: 'relative' }).stateFolder).toContain('/home/ann/');
  });

  it('serves metrics to this machine only, unless an address is given', () => {
    expect(metrics('9180')).toEqual({ host: '127.0.0.1', port: 9180 });
    expect(metrics('0.0.0.0:9180')).toEqual({ host: '0.0.0.0', port: 9180 });
    expect(metrics('[::1]:9180')).toEqual({ host: '::1', port: 9180 });
  });

  it('needs no address of a station that connects by itself, but its key', () => {
    const fed = read(['--feed', '--key', KEY, '--public-url', 'https://relay.example']);
    expect(fed.address).toEqual({ server: 'https://relay.example', id: null, key: KEY });
    expect(fed.publicAddress).toMatchObject({ isFed: true });
  });

  it('gives a public relay its ports: STUN with a tracker only, and none where that is wished', () => {
    expect(read(PUBLIC).publicAddress).toMatchObject({ port: 8443, udpPort: 44_300, stunPort: null });
    expect(read([...PUBLIC, '--tracker']).publicAddress).toMatchObject({ stunPort: 3478 });
    const none = [...PUBLIC, '--tracker', '--udp-port', 'none', '--stun-port', 'none'];
    expect(read(none).publicAddress).toMatchObject({ udpPort: null, stunPort: null });
    expect(read([...PUBLIC, '--announce', '192.0.2.1']).publicAddress).toMatchObject({
      announcedAddress: '192.0.2.1',
    });
  });

  it.each([
    [[], "Cannot relay without the station's address"],
    [['a.example', 'b.example'], 'more than one station'],
    [['ftp://radio.example'], "Cannot use the station's address"],
    [['https://radio.example/live.mp3'], "Cannot use the address's path"],
    [['https://radio.example', '--key', 'short'], 'Cannot use the public key'],
    [[`https://radio.example/#key=${KEY}`, '--key', KEY.toLowerCase()], 'two different public keys'],
    [['https://radio.example', '--upload', '20'], 'Cannot use --upload as a speed like 20mbit'],
    [['https://radio.example', '--upload', '0mbit'], 'Cannot use --upload'],
    [['https://radio.example', '--monthly', 'lots'], 'Cannot use --monthly as an amount like 200gb'],
    [['https://radio.example', '--listeners-max', '0'], 'Cannot use --listeners-max'],
    [['https://radio.example', '--nickname', 'a\u001B[2J'], 'Cannot use --nickname'],
    [['https://radio.example', '--metrics-port', '70000'], 'Cannot use --metrics-port'],
    [['https://radio.example', '--mount', '/a/b'], 'Cannot use --mount'],
    [['https://radio.example', '--tracker'], 'Cannot use --tracker without --public-url'],
    [['https://radio.example', '--public-url', 'relay.example/x'], 'Cannot use --public-url'],
    [['https://radio.example', '--tls-key', 'k.pem'], 'Cannot use --tls-key without --public-url'],
    [[...PUBLIC, '--tls-key', 'k.pem'], 'Cannot use --tls-key without --tls-cert'],
    [[...PUBLIC, '--tls-cert', 'c.pem'], 'Cannot use --tls-cert without --tls-key'],
    [
      ['radio.example', '--public-url', 'http://a.example', '--tls-cert', 'c', '--tls-key', 'k'],
      'a --public-url that is not https://: current value is http://a.example',
    ],
    [[...PUBLIC, '--feed'], 'Cannot use --feed without --key'],
    [['--feed', '--key', KEY], 'Cannot use --feed without --public-url'],
    [[...PUBLIC, '--udp-port', 'x'], 'Cannot use --udp-port as a number from 0 to 65535 or none'],
    [[...PUBLIC, '--stun-port', '3478'], 'Cannot use --stun-port without --tracker'],
    [[...PUBLIC, '--announce', 'relay.example'], 'Cannot use --announce as an IP address'],
    [[...PUBLIC, '--port', '65536'], 'Cannot use --port as a number from 0 to 65535'],
    [['https://radio.example', '--uplaod', '20mbit'], 'Cannot read the command line'],
  ])('says what is wrong with %o', (args, text) => {
    expect(() => read(args)).toThrow(text);
  });
});
