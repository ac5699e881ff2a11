import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { resultOf } from './figures.ts';
import { percentilesOf } from './measures.ts';
import { NETWORK_PRESETS } from './network/presets.ts';
import type { Scenario } from './scenarios.ts';
import { Simulation } from './simulation.ts';

/**
 * Model and reality side by side: `bench:swarm` with real listeners in Node over WebRTC on loopback, and the
 * simulation with as many on the `loopback` network.
 */
const percentiles = z.object({ p50: z.number(), p95: z.number() });
const benchSchema = z.object({
  offload: z.number(),
  copies: z.number(),
  playedOnTime: z.number(),
  startupMs: percentiles,
  latencyMs: percentiles,
  duplicateShare: z.number(),
  controlShare: z.number(),
});
type Column = z.infer<typeof benchSchema>;

const { values } = parseArgs({
  options: {
    listeners: { type: 'string', default: '30' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '7' },
  },
});
const real = realColumn();
const modelled = modelledColumn();
process.stdout.write(`${'figure'.padEnd(20)}${'reality'.padStart(14)}${'model'.padStart(14)}\n`);
for (const [name, of] of rows()) {
  process.stdout.write(`${name.padEnd(20)}${shown(of(real))}${shown(of(modelled))}\n`);
}

function rows(): readonly (readonly [string, (column: Column) => number])[] {
  return [
    ['offload', ({ offload }) => offload],
    ['copies', ({ copies }) => copies],
    ['playedOnTime', ({ playedOnTime }) => playedOnTime],
    ['startup p50, ms', ({ startupMs }) => startupMs.p50],
    ['startup p95, ms', ({ startupMs }) => startupMs.p95],
    ['latency p50, ms', ({ latencyMs }) => latencyMs.p50],
    ['latency p95, ms', ({ latencyMs }) => latencyMs.p95],
    ['duplicateShare', ({ duplicateShare }) => duplicateShare],
    ['controlShare', ({ controlShare }) => controlShare],
  ];
}

function realColumn(): Column {
  const folder = mkdtempSync(join(tmpdir(), 'essaim-reality-'));
  try {
    const file = join(folder, 'bench.json');
    const bench = ['test/support/namespace.mjs', 'node', 'test/bench/swarm.ts'];
    const { listeners, seconds } = values;
    const options = ['--listeners', listeners, '--warmup', '20', '--seconds', seconds, '--json', file];
    execFileSync('node', [...bench, ...options], { stdio: ['ignore', 'ignore', 'inherit'] });
    return benchSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function modelledColumn(): Column {
  const network = NETWORK_PRESETS.find(({ name }) => name === 'loopback');
  if (network === undefined) throw new RangeError('Cannot model loopback as it must be a preset: it is none');
  const scenario: Scenario = {
    name: 'reality',
    about: 'the listeners of bench:swarm: all stay',
    bars: { playedOnTimeMin: 1, latencyP95MaxMs: 3_000 },
    sessionMeanMs: 1e12,
  };
  const simulation = new Simulation({
    scenario,
    network,
    peers: Number(values.listeners),
    seed: Number(values.seed),
    bitrateKbps: 128,
    measuredMs: Number(values.seconds) * 1000,
  });
  simulation.run();
  const startup = percentilesOf(simulation.measures.warmUpStartupMs);
  const { figures } = resultOf(simulation);
  return benchSchema.parse({ ...figures, startupMs: startup });
}

function shown(value: number): string {
  return String(Math.round(value * 10_000) / 10_000).padStart(14);
}
