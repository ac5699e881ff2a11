import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { stationDescriptionSchema } from '../../shared/station/description.ts';

/** `node server/main.ts` with the demo station on a free port, its data in a folder of its own. */
export interface ServerChild {
  readonly url: string;
  readonly pid: number;
  readonly mountId: string;
  /** Kills it and deletes its folder. */
  stop(): Promise<void>;
}

const MAIN = join(import.meta.dirname, '../../server/main.ts');
const START_TIMEOUT_MS = 30_000;
const healthSchema = z.object({ seeding: z.object({ state: z.string() }) });
const stationsSchema = z.object({ stations: z.array(stationDescriptionSchema) });

/** @param webrtc whether mediasoup feeds the seeds; if so, it is waited for. */
export async function startServerChild({ webrtc }: { readonly webrtc: boolean }): Promise<ServerChild> {
  const folder = mkdtempSync(join(tmpdir(), 'essaim-bench-'));
  const file = join(folder, 'essaim.json');
  writeFileSync(file, JSON.stringify(configIn(folder, webrtc)));
  const child = spawn(process.execPath, [MAIN, '--config', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const end = (): void => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  // Ctrl-C and failures end in `process.exit`, and so here.
  process.once('exit', end);
  const stop = async (): Promise<void> => {
    const isGone = child.exitCode !== null || child.signalCode !== null;
    const gone = isGone ? null : once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    end();
    process.off('exit', end);
  };
  try {
    const url = await urlOf(child);
    if (webrtc) await seedingReady(url);
    return { url, pid: child.pid ?? 0, mountId: await mountIdAt(url), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** All clients come from one address. */
const configIn = (folder: string, webrtc: boolean): unknown => ({
  stations: [{ id: 'demo', name: 'Demo', mounts: [{ path: '/live.mp3', sources: ['demo'] }] }],
  dataFolder: join(folder, 'data'),
  http: { host: '127.0.0.1', port: 0 },
  stun: { port: null },
  webrtc: { enabled: webrtc, port: 0 },
  tracker: { peersPerAddressMax: 10_000, peersPerSwarmMax: 10_000 },
  logLevel: 'warn',
});

/** From what the server tells a person. */
async function urlOf(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let output = '';
  child.stdout?.on('data', (data: Buffer) => {
    output = `${output}${data.toString()}`.slice(-10_000);
    const url = /page\s+(http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
    if (url !== undefined) resolve(url);
  });
  child.once('error', reject);
  child.once('exit', (code) => {
    reject(new Error(`Cannot measure the server as it must stay up: current value is exit code ${code}`));
  });
  const timer = setTimeout(() => {
    reject(
      new Error(`Cannot measure the server as it must be up in ${START_TIMEOUT_MS} ms: current value is not`),
    );
  }, START_TIMEOUT_MS);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

async function seedingReady(url: string): Promise<void> {
  const until = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const { seeding } = healthSchema.parse(await (await fetch(`${url}/healthz`)).json());
    if (seeding.state === 'ready') return;
    if (performance.now() > until)
      throw new Error(`Cannot measure seeds without a mediasoup worker: current value is ${seeding.state}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function mountIdAt(url: string): Promise<string> {
  const { stations } = stationsSchema.parse(await (await fetch(`${url}/api/stations`)).json());
  const id = stations[0]?.mounts[0]?.id;
  if (id === undefined) throw new Error('Cannot measure a server without a mount: current value is none');
  return id;
}
