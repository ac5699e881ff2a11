import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { runOn, THIS_HOST } from './host-network.ts';
import { freePort } from './icecast.ts';
import { pollUntil } from './swarm-poll.ts';

/** A station's server and community relays, each a process of its own as people run them, on loopback. */

const SERVER = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const RELAY = fileURLToPath(new URL('../../server/relay/main.ts', import.meta.url));
const OUTPUT_LENGTH_MAX = 200_000;

/** What a relay says of itself with `--json`, as far as tests look at it. */
const relayStatusSchema = z.object({
  state: z.enum(['looking', 'serving', 'resting', 'leaving']),
  detail: z.string(),
  station: z.string().nullable(),
  relayKey: z.string(),
  listeners: z.number(),
  uploadMaxKbps: z.number(),
  sentBytes: z.number(),
  usage: z.object({ month: z.string(), monthBytes: z.number(), totalBytes: z.number() }),
  mounts: z.array(
    z.object({
      path: z.string(),
      title: z.string(),
      artist: z.string(),
      listeners: z.number(),
      childCount: z.number(),
    }),
  ),
});
export type ToldStatus = z.infer<typeof relayStatusSchema>;

export interface OriginProcess {
  readonly url: string;
  start(): Promise<void>;
  /** At once, without a goodbye. */
  kill(): Promise<void>;
  /** Settings beside those that every test has, from the next start on. */
  configure(fields: Readonly<Record<string, unknown>>): void;
  /** The station's key is lost: the next start makes another. To be called while it does not run. */
  forgetKey(): void;
  stop(): Promise<void>;
}

/** The demo station on a port that stays the same when it is started again; not started yet. */
export async function makeOrigin(host = THIS_HOST): Promise<OriginProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'essaim-origin-'));
  const port = await freePort();
  const url = `http://${host.address}:${port}`;
  const file = join(folder, 'essaim.json');
  const configure = (fields: Readonly<Record<string, unknown>>): void =>
    writeFileSync(
      file,
      JSON.stringify({
        stations: [{ id: 'demo', name: 'Demo FM', mounts: [{ path: '/live.mp3', sources: ['demo'] }] }],
        dataFolder: join(folder, 'data'),
        http: { host: host.address, port },
        stun: { port: null },
        webrtc: { port: 0 },
        logLevel: 'warn',
        ...fields,
      }),
    );
  configure({});
  let child: ChildProcess | null = null;
  const kill = async (): Promise<void> => {
    await end(child, 'SIGKILL');
    child = null;
  };
  return {
    url,
    start: async () => {
      const [program, args] = host.command(process.execPath, [SERVER, '--config', file]);
      child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
      // From its own host: it may be that nobody else can reach it.
      const asking = ['--silent', '--fail', `${url}/healthz`];
      await pollUntil(
        'the station is on air',
        30_000,
        async () => (await runOn(host, 'curl', asking)).length > 0,
      );
    },
    kill,
    configure,
    forgetKey: () => rmSync(join(folder, 'data'), { recursive: true, force: true }),
    stop: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface RelayProcess {
  /** The newest; null before the first. */
  status(): ToldStatus | null;
  /** Waits for a status. */
  until(what: string, isSo: (status: ToldStatus) => boolean, timeoutMs?: number): Promise<ToldStatus>;
  /** Standard error so far. */
  errors(): string;
  /** As a reader does that ends: what the relay tells goes nowhere. */
  stopReading(): void;
  /** E.g. `SIGSTOP`, whose end nobody waits for. */
  signal(signal: NodeJS.Signals): void;
  /** Sends the signal and waits for the end. Returns the exit code; null: killed by the signal. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  /** Waits until it ends by itself. */
  exit(): Promise<number | null>;
}

export function startRelay(args: readonly string[], host = THIS_HOST): RelayProcess {
  const [program, all] = host.command(process.execPath, [RELAY, ...args, '--json']);
  const child = spawn(program, all, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [text, errors] = ['', ''];
  let newest: ToldStatus | null = null;
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString();
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) newest = relayStatusSchema.parse(JSON.parse(line));
  });
  child.stderr.on('data', (data: Buffer) => {
    errors = `${errors}${data.toString()}`.slice(-OUTPUT_LENGTH_MAX);
  });
  const status = (): ToldStatus | null => newest;
  return {
    status,
    until: async (what, isSo, timeoutMs = 30_000) => {
      await pollUntil(
        what,
        timeoutMs,
        () => newest !== null && isSo(newest),
        () => `${JSON.stringify(newest)} ${errors}`,
      );
      const told = status();
      if (told === null) throw new Error(`Cannot see that ${what}: current value is null`);
      return told;
    },
    errors: () => errors,
    stopReading: () => void child.stdout.destroy(),
    signal: (signal) => void child.kill(signal),
    end: (signal) => end(child, signal),
    exit: () => exitOf(child),
  };
}

async function end(child: ChildProcess | null, signal: NodeJS.Signals): Promise<number | null> {
  if (child === null) return null;
  child.kill(signal);
  return await exitOf(child);
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}
