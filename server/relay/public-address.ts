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
  readonly 'trusted-proxy'?: string[];
  readonly tracker?: boolean;
  readonly feed?: boolean;
}

const PORT_DEFAULT = '8443';

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

const PUBLIC_FLAGS = ['port', 'host', 'tls-cert', 'tls-key', 'trusted-proxy', 'tracker', 'feed'] as const;

function portOf(flag: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new ConfigError(`Cannot use ${flag} as a number from 0 to 65535: current value is ${text}`);
}
