import { homedir } from 'node:os';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError } from '../config/config-error.ts';
import { MOUNT_PATH_PATTERN } from '../config/config-schema.ts';
import { errorText } from '../error.ts';
import { rateOf, sizeOf } from './amounts.ts';
import { publicAddressOf } from './public-address.ts';
import type { PublicFlags } from './public-address.ts';
import type { MetricsAddress, RelayOptions } from './relay-options.ts';
import { scheduleOf } from './schedule.ts';
import { stationAddress } from './station-address.ts';
import type { StationAddress } from './station-address.ts';

export type RelayCommandLine =
  | { readonly type: 'help'; readonly text: string }
  | { readonly type: 'relay'; readonly options: RelayOptions };

/** As much of the process's environment as counts. */
export type RelayEnvironment = Readonly<
  Partial<Record<'STATE_DIRECTORY' | 'XDG_STATE_HOME' | 'HOME', string | undefined>>
>;

/**
 * What `npm run relay -- …` asks for.
 * @param args without the program's own name.
 * @throws ConfigError naming the flag.
 */
export function readRelayCommandLine(
  args: readonly string[],
  folder: string,
  environment: RelayEnvironment,
): RelayCommandLine {
  const { flags, addresses } = parseFlags(args);
  if (flags.help === true) return { type: 'help', text: HELP };
  // Who waits to be fed asks no station: its own address names what it keeps.
  const [text = flags.feed === true ? flags['public-url'] : undefined, ...more] = addresses;
  const publicAddress = publicAddressOf(flags, folder);
  if (text === undefined)
    throw new ConfigError(
      "Cannot relay without the station's address, like https://radio.example\nTry: npm run relay -- --help",
    );
  if (more.length > 0)
    throw new ConfigError(
      `Cannot relay more than one station in one process: current values are ${addresses.join(' ')}`,
    );
  const address = stationAddress(text, flags.key ?? null);
  if (publicAddress?.isFed === true && address.key === null)
    throw new ConfigError(
      "Cannot use --feed without --key: whoever connects must prove the station's key, and nothing else tells it",
    );
  return {
    type: 'relay',
    options: {
      address,
      mounts: flags.mount === undefined ? null : flags.mount.map(mountOf),
      stateFolder: stateFolder(flags.state, folder, environment, address),
      limits: {
        uploadKbps: flags.upload === undefined ? null : rateOf('--upload', flags.upload),
        monthlyBytes: flags.monthly === undefined ? null : sizeOf('--monthly', flags.monthly),
        schedule: flags.schedule === undefined ? null : scheduleOf(flags.schedule),
      },
      listenersMax: flags['listeners-max'] === undefined ? null : countOf(flags['listeners-max']),
      nickname: flags.nickname === undefined ? null : nicknameOf(flags.nickname),
      metrics: flags['metrics-port'] === undefined ? null : metricsOf(flags['metrics-port']),
      json: flags.json === true,
      publicAddress,
    },
  };
}

const OPTIONS = {
  key: { type: 'string' },
  mount: { type: 'string', multiple: true, short: 'm' },
  upload: { type: 'string', short: 'u' },
  monthly: { type: 'string' },
  schedule: { type: 'string' },
  'listeners-max': { type: 'string' },
  nickname: { type: 'string', short: 'n' },
  state: { type: 'string' },
  json: { type: 'boolean' },
  'metrics-port': { type: 'string' },
  'public-url': { type: 'string' },
  port: { type: 'string', short: 'p' },
  host: { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'udp-port': { type: 'string' },
  'stun-port': { type: 'string' },
  announce: { type: 'string' },
  'trusted-proxy': { type: 'string', multiple: true },
  tracker: { type: 'boolean' },
  feed: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const HELP = `Essaim relay: passes a station's sound on to its listeners. Nothing to configure, no port to open.

  npm run relay -- https://radio.example            relay all of the station's mounts
  npm run relay -- 'https://radio.example/#key=…'   the same, and trust this key only

      --key KEY          the station's public key, as the station publishes it
  -m, --mount PATH       only this mount (again for more)
  -u, --upload RATE      of your uplink at most, like 20mbit (measured gently, and half of it)
      --monthly SIZE     sent in a calendar month at most, like 200gb (no ceiling)
      --schedule HOURS   only then, like 08:00-23:00 or 22:00-06:00 (always)
      --listeners-max N  listeners served at a time (as many as the upload carries)
  -n, --nickname NAME    shown by the station among those whom it thanks (unnamed)
      --state DIR        folder for this relay's key and the month's count
      --json             status as JSON, one object a line
      --metrics-port P   Prometheus at http://127.0.0.1:P/metrics; ADDRESS:P for another address
  -h, --help             this text

With a public address, it serves over HTTP as well, as the station's own server does:

      --public-url URL   by which listeners reach it, like https://relay.example
  -p, --port PORT        to listen on (8443)
      --host ADDRESS     to listen on (all)
      --tls-cert FILE    certificate for https (PEM, with its chain), where no reverse proxy has one
      --tls-key FILE     its private key (PEM); both are taken up again when they are renewed
      --udp-port PORT    of WebRTC (44300; none: over HTTP only); open it in the firewall, UDP and TCP
      --stun-port PORT   UDP, with --tracker, where listeners learn their own address (3478; none)
      --announce ADDRESS by which listeners reach the UDP ports, where that is not this machine's own
      --trusted-proxy A  address of the reverse proxy, whose headers are believed (again for more)
      --tracker          introduce listeners to each other, too
      --feed             wait for the station to connect and feed it; needs --key, and no address. Where
                         --upload is not said, 20mbit are given, as there is nothing to measure with
`;

interface Parsed {
  readonly flags: PublicFlags & {
    readonly key?: string;
    readonly mount?: string[];
    readonly upload?: string;
    readonly monthly?: string;
    readonly schedule?: string;
    readonly 'listeners-max'?: string;
    readonly nickname?: string;
    readonly state?: string;
    readonly json?: boolean;
    readonly 'metrics-port'?: string;
    readonly help?: boolean;
  };
  readonly addresses: readonly string[];
}

/** One key of 64 begins with a dash, which `parseArgs` would take for another option. */
function withKeyJoined(args: readonly string[]): string[] {
  const at = args.findIndex((arg, index) => arg === '--key' && KEY_WITH_DASH.test(args[index + 1] ?? ''));
  return at < 0 ? [...args] : args.toSpliced(at, 2, `--key=${args[at + 1] ?? ''}`);
}
const KEY_WITH_DASH = /^-[\w-]{42}$/;

function parseFlags(args: readonly string[]): Parsed {
  try {
    const { values, positionals } = parseArgs({
      args: withKeyJoined(args),
      options: OPTIONS,
      strict: true,
      allowPositionals: true,
    });
    return { flags: values, addresses: positionals };
  } catch (error) {
    throw new ConfigError(`Cannot read the command line: ${errorText(error)}\nTry: npm run relay -- --help`, {
      cause: error,
    });
  }
}

/** One folder per station, so that each has its own count and its own relay key. */
function stateFolder(
  flag: string | undefined,
  folder: string,
  { STATE_DIRECTORY, XDG_STATE_HOME, HOME }: RelayEnvironment,
  { server, id }: StationAddress,
): string {
  if (flag !== undefined) return resolve(folder, flag);
  // systemd names several with colons between them; ours is the first.
  const [fromSystemd = ''] = (STATE_DIRECTORY ?? '').split(':');
  if (fromSystemd !== '') return fromSystemd;
  // The convention has it that a relative path is to be ignored.
  const base = XDG_STATE_HOME?.startsWith('/') === true ? XDG_STATE_HOME : null;
  const station = `${new URL(server).host}${id === null ? '' : `-${id}`}`.replaceAll(/[^A-Za-z0-9.-]/g, '-');
  return join(base ?? join(HOME ?? homedir(), '.local', 'state'), 'essaim-relay', station);
}

function mountOf(text: string): string {
  const path = text.startsWith('/') ? text : `/${text}`;
  if (MOUNT_PATH_PATTERN.test(path)) return path;
  throw new ConfigError(`Cannot use --mount as a mount's path like /live.mp3: current value is ${text}`);
}

function countOf(text: string): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (value >= 1) return value;
  throw new ConfigError(`Cannot use --listeners-max as a whole number from 1: current value is ${text}`);
}

/** It is shown on web pages and in terminals: printable, and short. */
function nicknameOf(text: string): string {
  const nickname = text.trim().normalize('NFC');
  if (/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,40}$/u.test(nickname)) return nickname;
  throw new ConfigError(`Cannot use --nickname as 1 to 40 printable characters: current value is ${text}`);
}

function metricsOf(text: string): MetricsAddress {
  const [, host = '127.0.0.1', port = ''] = /^(?:\[?([0-9A-Fa-f:.]+)\]?:)?(\d{1,5})$/.exec(text) ?? [];
  if (isIP(host) !== 0 && port !== '' && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new ConfigError(
    `Cannot use --metrics-port as a port, or an address and a port like 192.0.2.1:9180: current value is ${text}`,
  );
}
