import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { errorCode, errorText } from '../error.ts';
import { ConfigError } from './config-error.ts';
import { describeIssue } from './config-issue.ts';
import { configFileSchema } from './config-schema.ts';
import type { ConfigFile, PasswordField } from './config-schema.ts';
import type { Config, Login, MountConfig, NowPlayingConfig, StationConfig, TlsConfig } from './config.ts';
import { readPassword } from './password.ts';
import { stationPage } from './station-page.ts';

/**
 * Reads `essaim.json`. A relative `dataFolder` is taken from the file's own folder.
 * @throws ConfigError naming each wrong field, its value and what it must be.
 */
export function readConfigFile(file: string): Config {
  const path = resolve(file);
  return parseConfig(readText(path), path, dirname(path));
}

/**
 * @param text JSON; object keys that begin with `//` are comments.
 * @param name what to call it in messages.
 * @throws ConfigError
 */
export function parseConfig(text: string, name: string, baseFolder: string): Config {
  const value = withoutComments(parseJson(text, name));
  const result = configFileSchema.safeParse(value);
  if (!result.success)
    throw new ConfigError(
      [
        `Cannot use ${name} as a configuration:`,
        ...result.error.issues.map((issue) => `  ${describeIssue(issue, value)}`),
      ].join('\n'),
    );
  const config = complete(result.data, baseFolder);
  refuseTwins(config, name);
  refuseNowhere(config, name);
  refuseLostShoutcast(config, name);
  refuseUnusedTls(config.http);
  return config;
}

function complete(file: ConfigFile, baseFolder: string): Config {
  return {
    ...file,
    dataFolder: resolve(baseFolder, file.dataFolder),
    http: { ...file.http, tls: tlsOf(file.http.tls, baseFolder) },
    admin: file.admin === null ? null : login(file.admin, baseFolder),
    stations: file.stations.map((station, index): StationConfig => ({
      ...station,
      ...stationPage(station.page, `stations[${index}].page`, baseFolder),
      nowPlaying: station.nowPlaying === null ? null : nowPlaying(station.nowPlaying, baseFolder),
      mounts: station.mounts.map((mount): MountConfig => ({
        path: mount.path,
        sources: mount.sources.map((source) =>
          source === 'demo' ? { kind: 'demo' } : { kind: 'url', url: source },
        ),
        sourceClient: mount.sourceClient === undefined ? null : login(mount.sourceClient, baseFolder),
        bitrateKbps: mount.bitrateKbps ?? null,
      })),
    })),
  };
}

const nowPlaying = (
  { webhookToken, ...others }: NonNullable<ConfigFile['stations'][number]['nowPlaying']>,
  baseFolder: string,
): NowPlayingConfig => ({
  ...others,
  webhookToken: webhookToken === null ? null : readPassword(webhookToken, baseFolder),
});

const tlsOf = (tls: ConfigFile['http']['tls'], baseFolder: string): TlsConfig | null =>
  tls === null
    ? null
    : { certificateFile: resolve(baseFolder, tls.certificate), keyFile: resolve(baseFolder, tls.key) };

const login = (
  { user, password }: { readonly user: string; readonly password: PasswordField },
  baseFolder: string,
): Login => ({ user, password: readPassword(password, baseFolder) });

/** Its clients name no mount, so it must be one that takes source clients. */
function refuseLostShoutcast(config: Config, name: string): void {
  const path = config.shoutcast?.mount;
  const mounts = config.stations.flatMap((station) => station.mounts);
  if (path === undefined || mounts.some((mount) => mount.path === path && mount.sourceClient !== null))
    return;
  throw new ConfigError(
    `Cannot use ${name} as a configuration:\n  shoutcast.mount: must be the path of a mount with a "sourceClient": ` +
      `current value is ${JSON.stringify(path)}`,
  );
}

/** A station that nobody can reach needs relays that can be. */
function refuseNowhere(config: Config, name: string): void {
  const lost = config.stations.find(({ feed }) => feed.length === 0);
  if (!config.relays.hideOrigin || lost === undefined) return;
  throw new ConfigError(
    `Cannot use ${name} as a configuration:\n  relays.hideOrigin: every station needs relays that it feeds ` +
      `("feed"): current value is none for ${lost.id}`,
  );
}

/**
 * Listeners would be told an address at which nobody speaks TLS to them.
 * @throws ConfigError
 */
export function refuseUnusedTls({ tls, publicUrl }: Config['http']): void {
  if (tls === null || publicUrl === null || publicUrl.startsWith('https:')) return;
  throw new ConfigError(
    `Cannot use a certificate with a public address that is not https://: current value is ${publicUrl}`,
  );
}

function refuseTwins(config: Config, name: string): void {
  const ids = config.stations.map((station) => station.id);
  const paths = config.stations.flatMap((station) => station.mounts.map((mount) => mount.path));
  const addresses = [...ids.map((id) => `/${id}`), ...paths];
  const twin = addresses.find((address, index) => addresses.indexOf(address) !== index);
  if (twin === undefined) return;
  throw new ConfigError(
    `Cannot use ${name} as a configuration:\n  every station's page and every mount needs an address of its own: ` +
      `current value is ${twin} twice`,
  );
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = errorCode(error) === 'ENOENT' ? 'there is no such file' : errorText(error);
    throw new ConfigError(`Cannot read ${path} as a configuration: ${reason}`, { cause: error });
  }
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError(
      `Cannot read ${name} as JSON: ${errorText(error)}${place(text, errorText(error))}\n` +
        '  Often it is a comma too many before } or ], a comma missing, or a quotation mark missing.',
      { cause: error },
    );
  }
}

/** Where the parser stopped, as an editor counts. */
function place(text: string, message: string): string {
  if (message.includes('(line ')) return '';
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position === undefined) return '';
  const lines = text.slice(0, Number(position)).split('\n');
  return ` (line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1})`;
}

function withoutComments(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => withoutComments(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !key.startsWith('//'))
      .map(([key, item]: [string, unknown]) => [key, withoutComments(item)]),
  );
}
