import { isIP } from 'node:net';
import { tlsFlags } from '../config/command-line.ts';
import { ConfigError } from '../config/config-error.ts';
import { publicUrlSchema } from '../relays/relay-messages.ts';
import type { PublicAddress } from './relay-options.ts';

/** The flags that only a relay with a public address has. */
export interface PublicFlags {
  readonly 'public-url'?: string;
  readonly port?: string;
  readonly host?: string;
  readonly 'tls-cert'?: string;
  readonly 'tls-key'?: string;
  readonly 'udp-port'?: string;
  readonly 'stun-port'?: string;
  readonly announce?: string;
  readonly 'trusted-proxy'?: string[];
  readonly tracker?: boolean;
  readonly feed?: boolean;
}

const PORT_DEFAULT = '8443';
const UDP_PORT_DEFAULT = '44300';
const STUN_PORT_DEFAULT = '3478';
/** In place of a port: not at all. */
const NONE = 'none';

/**
 * @param folder that relative paths begin at.
 * @returns null: a relay at home.
 * @throws ConfigError naming the flag.
 */
export function publicAddressOf(flags: PublicFlags, folder: string): PublicAddress | null {
  const { host, tracker, feed } = flags;
  const text = flags['public-url'];
  if (text === undefined) {
    refuseAtHome(flags);
    return null;
  }
  const url = text.replace(/\/+$/, '');
  if (!publicUrlSchema.safeParse(url).success)
    throw new ConfigError(
      `Cannot use --public-url as an address like https://relay.example: current value is ${text}`,
    );
  const tls = tlsFlags(flags['tls-cert'], flags['tls-key'], folder);
  if (tls !== null && !url.startsWith('https:'))
    throw new ConfigError(
      `Cannot use --tls-cert with a --public-url that is not https://: current value is ${text}`,
    );
  return {
    url,
    host: host ?? null,
    port: portOf('--port', flags.port ?? PORT_DEFAULT),
    tls,
    udpPort: portOrNone('--udp-port', flags['udp-port'] ?? UDP_PORT_DEFAULT),
    stunPort: stunPortOf(flags),
    announcedAddress: flags.announce === undefined ? null : announcedOf(flags.announce),
    isTracking: tracker === true,
    isFed: feed === true,
    trustedProxies: flags['trusted-proxy'] ?? [],
  };
}

function refuseAtHome(flags: PublicFlags): void {
  const given = PUBLIC_FLAGS.find((name) => flags[name] !== undefined);
  if (given !== undefined)
    throw new ConfigError(`Cannot use --${given} without --public-url: a relay at home has no port`);
}

const PUBLIC_FLAGS = [
  'port',
  'host',
  'tls-cert',
  'tls-key',
  'udp-port',
  'stun-port',
  'announce',
  'trusted-proxy',
  'tracker',
  'feed',
] as const;

/** Only members of a tracker here are told of it: without one nobody asks. */
function stunPortOf({ 'stun-port': text, tracker }: PublicFlags): number | null {
  if (text !== undefined && tracker !== true)
    throw new ConfigError('Cannot use --stun-port without --tracker: STUN is for the members of a tracker');
  return tracker === true ? portOrNone('--stun-port', text ?? STUN_PORT_DEFAULT) : null;
}

function announcedOf(text: string): string {
  if (isIP(text) > 0) return text;
  throw new ConfigError(
    `Cannot use --announce as an IP address like 192.0.2.1, by which listeners reach this machine: current value is ${text}`,
  );
}

const portOrNone = (flag: string, text: string): number | null =>
  text === NONE ? null : portOf(flag, text, ` or ${NONE}`);

function portOf(flag: string, text: string, orElse = ''): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new ConfigError(`Cannot use ${flag} as a number from 0 to 65535${orElse}: current value is ${text}`);
}
