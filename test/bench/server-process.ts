import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A whole server with the demo station in a process of its own, so that its CPU and memory can be told apart. */
export interface ServerProcess {
  readonly url: string;
  /** CPU seconds used so far, its children (mediasoup's worker) included once they have ended. */
  cpuSeconds(): number;
  rssMb(): number;
  stop(): void;
}

const TICKS_PER_SECOND = 100;

export async function startServerProcess(): Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'essaim-bench-'));
  const port = await freePort();
  const config = {
    stations: [{ id: 'demo', name: 'Demo', mounts: [{ path: '/live.mp3', sources: ['demo'] }] }],
    dataFolder: join(folder, 'data'),
    http: { host: '127.0.0.1', port },
    stun: { port: 0 },
    webrtc: { port: 0 },
    tracker: { peersPerAddressMax: 10_000 },
    logLevel: 'warn',
  };
  const file = join(folder, 'essaim.json');
  writeFileSync(file, JSON.stringify(config));
  const child = spawn(process.execPath, ['server/main.ts', '--config', file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = (): void => {
    child.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilHealthy(url, child);
  } catch (error) {
    stop();
    throw error;
  }
  return { url, cpuSeconds: () => cpuSecondsOf(child.pid), rssMb: () => rssMbOf(child.pid), stop };
}

async function untilHealthy(url: string, child: ChildProcess): Promise<void> {
  const until = performance.now() + 30_000;
  while (performance.now() < until && child.exitCode === null) {
    const answer = await fetch(`${url}/healthz`).catch(() => null);
    if (answer?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(
    `Cannot start the server as it must be healthy within 30 s: exit code is ${child.exitCode}`,
  );
}

/** From `/proc`, user and system time. */
function cpuSecondsOf(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function rssMbOf(pid: number | undefined): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(line?.[1] ?? 0) / 1024);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
