import { setFlagsFromString } from 'node:v8';
import { readCommandLine } from './config/command-line.ts';
import { ConfigError } from './config/config-error.ts';
import type { Config, MountConfig } from './config/config.ts';
import { errorText } from './error.ts';
import { createLog } from './log.ts';
import type { Log } from './log.ts';
import { startServer } from './server.ts';
import type { RunningServer } from './server.ts';

// Thousands of idle tracker sockets make a young generation that V8 would let grow: kept small, a connection costs
// about half as much memory (measured at 5,000: 7.8 KB instead of 14.5 KB).
setFlagsFromString('--max-semi-space-size=1');
setFlagsFromString('--semi-space-growth-factor=1');

await main();

async function main(): Promise<void> {
  try {
    const command = readCommandLine(process.argv.slice(2), process.cwd());
    if (command.type === 'help') {
      process.stdout.write(command.text);
      return;
    }
    const log = createLog(command.config.logLevel);
    const server = await startServer(command.config, log);
    process.stdout.write(welcome(command.config, server));
    stopOnSignals(server, log);
  } catch (error) {
    // What a person can put right is said plainly; anything else is ours, and its stack helps.
    const text = error instanceof ConfigError ? error.message : stackOf(error);
    process.stderr.write(`${text}\n`);
    process.exitCode = 1;
  }
}

const stackOf = (error: unknown): string =>
  error instanceof Error && error.stack !== undefined ? error.stack : errorText(error);

/** What a person wants to know now, and to copy from. */
function welcome(config: Config, server: RunningServer): string {
  const stations = server.stations.flatMap((station, index) => {
    const mounts = config.stations[index]?.mounts ?? [];
    return [
      `  ${station.name}`,
      `    page        ${config.http.publicUrl ?? server.url}${index === 0 ? '/' : `/${station.id}`}`,
      `    public key  ${station.publicKeyText}${station.isKeyNew ? ' (new; its other half is in the data folder: keep a copy)' : ''}`,
      ...mounts.map((mount) => `    ${mount.path}  ${sourcesOf(mount)}`),
    ];
  });
  return ['', 'Essaim is running. Ctrl-C stops it.', '', ...stations, '', ''].join('\n');
}

function sourcesOf({ sources, sourceClient }: MountConfig): string {
  const pulled = sources.map((source) => (source.kind === 'demo' ? 'built-in demo' : shownUrl(source.url)));
  const live = sourceClient === null ? [] : [`source client "${sourceClient.user}"`];
  return [...live, ...pulled].join(', else ');
}

/** Source addresses may hold a password. */
function shownUrl(text: string): string {
  const url = new URL(text);
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** The first signal ends in order, the second at once. */
function stopOnSignals(server: RunningServer, log: Log): void {
  let isStopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    log.info({ signal }, 'stopping; again: at once');
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ error: errorText(error) }, 'could not stop in order');
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}
