import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import type { MountDescription, StationDescription } from '../../shared/station/description.ts';
import { kill } from './ffmpeg.ts';
import { freePort } from './icecast.ts';
import { pollUntil } from './swarm-poll.ts';
import { startSwarmProxy } from './swarm-proxy.ts';
import type { SwarmProxy } from './swarm-proxy.ts';

/** A server as a station runs it, a process of its own, behind a proxy: listeners know the proxy's address only. */
export interface SwarmServer {
  /** What listeners type. */
  readonly url: string;
  /** Past the proxy. */
  readonly directUrl: string;
  readonly proxy: SwarmProxy;
  station(): Promise<StationDescription>;
  /** @throws Error if there is no such mount. */
  mount(path: string): Promise<MountDescription>;
  /** What a mount's edge has sent and to how many. */
  statistics(path: string): Promise<MountFigures>;
  /** Whether mediasoup's worker is up. */
  isSeedingReady(): Promise<boolean>;
  workerPids(): readonly number[];
  /** The newest lines of the log, for a failure's message. */
  log(): string;
  stop(): Promise<void>;
}

const mountFiguresSchema = z.object({
  path: z.string(),
  listeners: z.number(),
  streams: z.object({ chunks: z.number() }),
  egress: z.object({ seed: z.number(), burst: z.number(), repair: z.number(), fallback: z.number() }),
});
export type MountFigures = z.infer<typeof mountFiguresSchema>;
const statisticsSchema = z.object({ mounts: z.array(mountFiguresSchema) });
const healthSchema = z.object({ status: z.string(), seeding: z.object({ state: z.string() }) });

const STATION = 'swarm';
const LOG_LINES_MAX = 60;
const MAIN = fileURLToPath(new URL('../../server/main.ts', import.meta.url));

/** Starts it and waits until every mount has sound and mediasoup is ready. @param sources address by mount path */
export async function startSwarmServer(sources: Readonly<Record<string, string>>): Promise<SwarmServer> {
  const folder = mkdtempSync(join(tmpdir(), 'essaim-swarm-'));
  const port = await freePort();
  const proxy = await startSwarmProxy(port);
  const configFile = join(folder, 'essaim.json');
  writeFileSync(
    configFile,
    JSON.stringify({
      stations: [
        {
          id: STATION,
          name: 'Swarm FM',
          mounts: Object.entries(sources).map(([path, source]) => ({ path, sources: [source] })),
        },
      ],
      dataFolder: join(folder, 'data'),
      http: { host: '127.0.0.1', port, publicUrl: proxy.url, trustedProxies: ['127.0.0.1'] },
      stun: { port: 0 },
      webrtc: { port: 0 },
    }),
  );
  const child = spawn(process.execPath, [MAIN, '--config', configFile], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const output of [child.stdout, child.stderr]) keepLines(output, lines);
  const directUrl = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await end(child);
    await proxy.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const station = async (): Promise<StationDescription> =>
    stationDescriptionSchema.parse(await json(`${proxy.url}/api/stations/${STATION}`));
  const health = async (): Promise<z.infer<typeof healthSchema>> =>
    healthSchema.parse(await json(`${directUrl}/healthz`));
  try {
    await pollUntil('all mounts have sound and mediasoup is ready', READY_MS_MAX, async () => {
      if (child.exitCode !== null) throw new Error(`Cannot start the server: ${lines.join('\n')}`);
      const { status, seeding } = await health();
      return status === 'ok' && seeding.state === 'ready';
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: proxy.url,
    directUrl,
    proxy,
    station,
    mount: async (path) => found((await station()).mounts, path),
    statistics: async (path) =>
      found(statisticsSchema.parse(await json(`${directUrl}/api/statistics`)).mounts, path),
    isSeedingReady: async () => (await health()).seeding.state === 'ready',
    workerPids: () => childrenOf(child).filter((pid) => commandOf(pid).includes('mediasoup')),
    log: () => lines.join('\n'),
    stop,
  };
}

const READY_MS_MAX = 30_000;

function found<Item extends { readonly path: string }>(items: readonly Item[], path: string): Item {
  const item = items.find((each) => each.path === path);
  if (item === undefined) throw new Error(`Cannot find a mount as ${path} is none`);
  return item;
}

const json = async (address: string): Promise<unknown> => (await fetch(address)).json();

function keepLines(output: NodeJS.ReadableStream | null, lines: string[]): void {
  output?.on('data', (data: Buffer) => {
    lines.push(...data.toString().trimEnd().split('\n'));
    lines.splice(0, Math.max(0, lines.length - LOG_LINES_MAX));
  });
}

/** In order, as Ctrl-C does; by force if that takes too long. */
async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  try {
    await pollUntil('the server stops', 5000, () => child.exitCode !== null || child.signalCode !== null);
  } catch {
    await kill(child);
  }
}

/** By the kernel's own table: the parent's pid is the second field after the name, which may hold anything. */
function childrenOf(parent: ChildProcess): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const [, fields = ''] = /^.*\) \S (\d+) /s.exec(read(`/proc/${pid}/stat`)) ?? [];
      return Number(fields) === parent.pid;
    });
}

const commandOf = (pid: number): string => read(`/proc/${pid}/cmdline`);

/** A process may have ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
