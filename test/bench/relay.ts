import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startNodeListeners } from '../support/swarm-node-listeners.ts';
import type { NodeListeners } from '../support/swarm-node-listeners.ts';
import { cpuSecondsOf, rssBytesOf } from './process-usage.ts';
import { startServerChild } from './server-child.ts';

/**
 * What a relay costs and carries: `npm run bench:relay -- --children 0,1,10,25,50 --seconds 20 --json FILE`. One relay process,
 * real listeners over WebRTC in processes of their own that pass nothing on, so that all hangs on the relay.
 */
const { values } = parseArgs({
  options: {
    children: { type: 'string', default: '0,1,10,25,50' },
    seconds: { type: 'string', default: '20' },
    json: { type: 'string' },
  },
});
const steps = values.children.split(',').map(Number);
const seconds = Number(values.seconds);
if (
  !steps.every((step, index) => Number.isInteger(step) && step >= (steps[index - 1] ?? 0)) ||
  !(seconds > 0)
)
  throw new Error(
    `Cannot measure as --children are numbers that rise and --seconds is positive: current values are ${values.children} and ${values.seconds}`,
  );

/** So many listeners share a process: with more, it would be what is late. */
const LISTENERS_PER_PROCESS = 25;
const SETTLE_MS = 12_000;
const RELAY = join(import.meta.dirname, '../../server/relay/main.ts');

interface Row {
  readonly listeners: number;
  readonly served: number;
  /** (Child, stripe) pairs. */
  readonly slots: number;
  /** Of one core. */
  readonly cpuShare: number;
  readonly rssMB: number;
  readonly uploadKbps: number;
  /** Of the chunks that were due at the listeners. */
  readonly lateShare: number;
  /** Of the bytes that the listeners got. */
  readonly fromPeersShare: number;
}

const folder = mkdtempSync(join(tmpdir(), 'essaim-bench-relay-'));
const server = await startServerChild({ webrtc: true });
const relay = startRelay(server.url);
const crowds: NodeListeners[] = [];
const rows: Row[] = [];
try {
  await relay.serving;
  console.log('listeners  served  slots   CPU, % of a core  memory, MB  upload, kbit/s  late    from peers');
  for (const step of steps) rows.push(await measure(step));
} finally {
  await Promise.all(crowds.map((crowd) => crowd.stop()));
  relay.child.kill('SIGKILL');
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);

async function measure(listeners: number): Promise<Row> {
  let missing = listeners - (await counts()).listeners;
  while (missing > 0) {
    const crowd = startNodeListeners(`${server.url}/api/stations/demo`, '/live.mp3', 0);
    crowds.push(crowd);
    await crowd.add(Math.min(missing, LISTENERS_PER_PROCESS));
    missing -= LISTENERS_PER_PROCESS;
  }
  await sleep(SETTLE_MS);
  const pid = relay.child.pid ?? 0;
  const before = { cpu: cpuSecondsOf(pid), at: performance.now(), counts: await counts() };
  await sleep(seconds * 1000);
  const after = { cpu: cpuSecondsOf(pid), at: performance.now(), counts: await counts() };
  const difference = (name: 'due' | 'inTime' | 'fromPeers' | 'fromEdges'): number =>
    after.counts[name] - before.counts[name];
  const { listeners: served, childCount, uploadKbps } = relay.status();
  const row: Row = {
    listeners,
    served,
    slots: childCount,
    cpuShare: ((after.cpu - before.cpu) * 1000) / (after.at - before.at),
    rssMB: rssBytesOf(pid) / 1e6,
    uploadKbps: Math.round(uploadKbps),
    lateShare: ratio(difference('due') - difference('inTime'), difference('due')),
    fromPeersShare: ratio(difference('fromPeers'), difference('fromPeers') + difference('fromEdges')),
  };
  console.log(
    [
      String(listeners).padEnd(9),
      String(served).padEnd(6),
      String(row.slots).padEnd(6),
      (row.cpuShare * 100).toFixed(1).padEnd(16),
      row.rssMB.toFixed(0).padEnd(10),
      String(row.uploadKbps).padEnd(14),
      row.lateShare.toFixed(4),
      row.fromPeersShare.toFixed(3),
    ].join('  '),
  );
  return row;
}

async function counts() {
  const states = (await Promise.all(crowds.map((crowd) => crowd.states()))).flat();
  const sum = (name: keyof (typeof states)[number]['snapshot']['counters']): number =>
    states.reduce((total, { snapshot }) => total + snapshot.counters[name], 0);
  return {
    listeners: states.length,
    due: sum('chunksDue'),
    inTime: sum('chunksInTime'),
    fromPeers: sum('chunkBytesFromPeers'),
    fromEdges: sum('chunkBytesFromEdges'),
  };
}

interface Told {
  readonly listeners: number;
  readonly childCount: number;
  readonly uploadKbps: number;
}

function startRelay(url: string): {
  readonly child: ChildProcess;
  readonly serving: Promise<void>;
  readonly status: () => Told;
} {
  const flags = ['--upload', '50mbit', '--state', folder, '--json'];
  const child = spawn(process.execPath, [RELAY, url, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
  let told: Told = { listeners: 0, childCount: 0, uploadKbps: 0 };
  const { promise: serving, resolve, reject } = Promise.withResolvers<undefined>();
  void once(child, 'exit').then(() => reject(new Error('Cannot measure the relay as it must stay up')));
  let text = '';
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString();
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const status = JSON.parse(line);
      const childCount = status.mounts[0]?.childCount ?? 0;
      told = { listeners: status.listeners, childCount, uploadKbps: status.uploadKbps };
      if (status.state === 'serving') resolve(undefined);
    }
  });
  return { child, serving, status: () => told };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
