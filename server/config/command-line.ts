import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { errorText } from '../error.ts';
import { ConfigError } from './config-error.ts';
import { parseConfig, readConfigFile, refuseUnusedTls } from './config-file.ts';
import { MOUNT_PATH_PATTERN, RESERVED_PATHS } from './config-schema.ts';
import type { Config, TlsConfig } from './config.ts';

/** Found in the working folder, it is used without being named. */
export const CONFIG_FILE_DEFAULT = 'essaim.json';

export type CommandLine =
  { readonly type: 'help'; readonly text: string } | { readonly type: 'start'; readonly config: Config };

/**
 * What `npm start -- …` asks for: flags over the configuration file over defaults. With neither a file nor a
 * `--source`, the demo station plays.
 * @param args without the program's own name.
 * @throws ConfigError naming the flag, or the field of the file.
 */
export function readCommandLine(args: readonly string[], folder: string): CommandLine {
  const flags = parseFlags(args);
  if (flags.help === true) return { type: 'help', text: HELP };
  const file = configFile(flags, folder);
  const base = file === null ? fromFlags(flags.source, folder) : readConfigFile(file);
  return { type: 'start', config: withFlags(base, flags, folder) };
}

const OPTIONS = {
  source: { type: 'string', multiple: true, short: 's' },
  config: { type: 'string', short: 'c' },
  port: { type: 'string', short: 'p' },
  host: { type: 'string' },
  data: { type: 'string' },
  'public-url': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const HELP = `Essaim: every listener passes the sound on.

  npm start                                  play the built-in demo station
  npm start -- --source http://host:8000/m   play a station; given again: its fallback sources, in order
  npm start -- --config essaim.json          play what the file says (${CONFIG_FILE_DEFAULT} here is found by itself)

  -s, --source URL      Icecast, Shoutcast or AzuraCast stream, or a .m3u or .pls playlist
  -c, --config FILE     configuration with stations and mounts (JSON)
  -p, --port PORT       port of the page and the API (8080)
      --host ADDRESS    address to listen on (all)
      --data DIR        folder for the station's key and state (data)
      --public-url URL  what listeners type, where that is not what this server sees
      --tls-cert FILE   https with a certificate of its own (PEM, with its chain); needs --tls-key
      --tls-key FILE    its private key (PEM); both are taken up again when they are renewed
  -h, --help            this text
`;

interface Flags {
  readonly source?: string[];
  readonly config?: string;
  readonly port?: string;
  readonly host?: string;
  readonly data?: string;
  readonly 'public-url'?: string;
  readonly 'tls-cert'?: string;
  readonly 'tls-key'?: string;
  readonly help?: boolean;
}

function parseFlags(args: readonly string[]): Flags {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new ConfigError(`Cannot read the command line: ${errorText(error)}\nTry: npm start -- --help`, {
      cause: error,
    });
  }
}

function configFile(flags: Flags, folder: string): string | null {
  if (flags.config !== undefined && flags.source !== undefined)
    throw new ConfigError(
      'Cannot use --source and --config together: a file says by itself which sources its mounts have',
    );
  if (flags.config !== undefined) return resolve(folder, flags.config);
  const found = resolve(folder, CONFIG_FILE_DEFAULT);
  return flags.source === undefined && existsSync(found) ? found : null;
}

/** One station with one mount. */
function fromFlags(sources: readonly string[] | undefined, folder: string): Config {
  const station =
    sources === undefined
      ? {
          id: 'demo',
          name: 'Essaim demo',
          description: 'A loop of our own, to try things out.',
          mounts: [{ path: '/live.mp3', sources: ['demo'] }],
        }
      : { id: 'radio', name: stationName(sources), mounts: [{ path: mountPath(sources), sources }] };
  return parseConfig(JSON.stringify({ stations: [station] }), '--source', folder);
}

const stationName = (sources: readonly string[]): string => URL.parse(sources[0] ?? '')?.hostname || 'Radio';

/** The source's own name for its mount, where it may be ours: `/live.mp3` says more than `/live`. */
function mountPath(sources: readonly string[]): string {
  const path = URL.parse(sources[0] ?? '')?.pathname ?? '';
  const allowed = MOUNT_PATH_PATTERN.test(path) && !RESERVED_PATHS.has(path) && path !== '/radio';
  return allowed && !/\.(m3u8?|pls)$/i.test(path) ? path : '/live';
}

function withFlags(base: Config, flags: Flags, folder: string): Config {
  const { port, host, data } = flags;
  const publicUrl = flags['public-url'];
  const tls = tlsFlags(flags['tls-cert'], flags['tls-key'], folder);
  const http = {
    ...base.http,
    ...(port === undefined ? {} : { port: portOf(port) }),
    ...(host === undefined ? {} : { host }),
    ...(publicUrl === undefined ? {} : { publicUrl: publicUrlOf(publicUrl) }),
    ...(tls === null ? {} : { tls }),
  };
  refuseUnusedTls(http);
  return {
    ...base,
    dataFolder: data === undefined ? base.dataFolder : resolve(folder, data),
    http,
  };
}

/**
 * What `--tls-cert` and `--tls-key` say; null: neither is there.
 * @throws ConfigError if only one is.
 */
export function tlsFlags(
  certificate: string | undefined,
  key: string | undefined,
  folder: string,
): TlsConfig | null {
  if (certificate === undefined && key === undefined) return null;
  if (key === undefined)
    throw new ConfigError(`Cannot use --tls-cert without --tls-key: current value is ${certificate}`);
  if (certificate === undefined)
    throw new ConfigError(`Cannot use --tls-key without --tls-cert: current value is ${key}`);
  return { certificateFile: resolve(folder, certificate), keyFile: resolve(folder, key) };
}

function portOf(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= 65_535) return value;
  throw new ConfigError(`Cannot use --port as a number from 0 to 65535: current value is ${text}`);
}

function publicUrlOf(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return text.replace(/\/+$/, '');
  throw new ConfigError(
    `Cannot use --public-url as an http:// or https:// address: current value is ${text}`,
  );
}
