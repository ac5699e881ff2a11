import { describe, expect, test } from 'vitest';
import { DEFAULT_NETWORK } from './network/presets.ts';
import { reportOf } from './report.ts';
import { resultOf } from './figures.ts';
import type { SimulationResult } from './result.ts';
import { SCENARIOS } from './scenarios.ts';
import { Simulation } from './simulation.ts';

const PEERS = 300;
const SEED = 3;

/** Copies that the edges may send to 300 listeners: about one and a half times what was measured. */
const COPIES_MAX: Readonly<Record<string, number>> = {
  steady: 8,
  'flash-crowd': 8,
  'mass-departure': 9,
  'heavy-churn': 16,
  'tracker-loss': 12,
  'tracker-failover': 12,
  'edge-loss': 10,
  relays: 8,
  polluters: 12,
  'free-riders': 20,
  'slow-peers': 10,
  'low-bitrate': 8,
  'high-bitrate': 12,
};

function run(name: string, seed: number, peers: number, measuredMs: number): SimulationResult {
  const scenario = SCENARIOS.find((each) => each.name === name);
  if (scenario === undefined) throw new RangeError(`Cannot run a scenario as it is one of ours: ${name}`);
  const simulation = new Simulation({
    scenario,
    network: DEFAULT_NETWORK,
    peers,
    seed,
    bitrateKbps: scenario.bitrateKbps ?? 128,
    measuredMs,
  });
  simulation.run();
  return resultOf(simulation);
}

describe(`${PEERS} listeners on a modelled internet, seed ${SEED}`, () => {
  test.each(SCENARIOS)('$name: sound stays whole, and the edges send few copies', ({ name, bars }) => {
    const result = run(name, SEED, PEERS, 60_000);
    const { figures } = result;
    const report = reportOf(result, bars);
    expect(figures.playedOnTime, report).toBeGreaterThanOrEqual(bars.playedOnTimeMin);
    expect(figures.latencyMs.p95, report).toBeLessThanOrEqual(bars.latencyP95MaxMs);
    const copies = name === 'flash-crowd' ? figures.copiesSettled : figures.copies;
    expect(copies, report).toBeLessThanOrEqual(COPIES_MAX[name] ?? 0);
    expect(figures.uploadOfCapBusiest, report).toBeLessThanOrEqual(1);
    expect(figures.droppedHonestPeers, report).toBe(0);
    expect(figures.relaysRested, report).toBe(0);
    if (name !== 'steady') return;
    expect(figures.duplicateShare, report).toBeLessThanOrEqual(0.01);
    expect(figures.controlShare, report).toBeLessThanOrEqual(0.03);
    expect(figures.startupMs.p50, report).toBeLessThanOrEqual(500);
  });

  test('polluters are found out and dropped', () => {
    expect(run('polluters', SEED, 100, 30_000).figures.droppedPeers).toBeGreaterThan(0);
  });
});

describe('a simulated run', () => {
  test('is the same to the byte with the same seed, and another one with another', () => {
    const [one, again, other] = [5, 5, 6].map((seed) => JSON.stringify(run('heavy-churn', seed, 60, 20_000)));
    expect(again).toBe(one);
    expect(other).not.toBe(one);
  });
});
