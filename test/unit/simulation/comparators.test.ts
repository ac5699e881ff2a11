import { expect, test } from 'vitest';
import { comparatorsFor } from '../../simulation/comparators/all.ts';
import type { Comparator } from '../../simulation/comparators/comparator.ts';
import { rendezvousHlsCopies } from '../../simulation/comparators/rendezvous-hls.ts';
import { World } from '../../simulation/comparators/world.ts';
import type { ProtocolFigures } from '../../simulation/figures.ts';
import type { Machine } from '../../simulation/network/machine.ts';
import { DEFAULT_NETWORK } from '../../simulation/network/presets.ts';
import { SCENARIOS } from '../../simulation/scenarios.ts';
import type { Scenario } from '../../simulation/scenarios.ts';
import { Simulation } from '../../simulation/simulation.ts';
import type { SimulationOptions } from '../../simulation/simulation.ts';

const PEERS = 60;
const SEED = 7;
/** Sessions so short that in a tree of sixty a parent goes now and then. */
const CHURN: Scenario = { ...scenarioNamed('heavy-churn'), sessionMeanMs: 15_000 };
const STEADY = optionsOf(scenarioNamed('steady'));
const CHURNING = optionsOf(CHURN);
const COMPARATORS = comparatorsFor(STEADY);

test(`By HTTP every listener takes one copy, and all is on time where capacity suffices (seed ${SEED})`, () => {
  const figures = run(named('http, 100 Mbit/s'), STEADY);
  expect(figures.playedOnTime).toBe(1);
  expect(figures.copies).toBeGreaterThan(PEERS * 0.9);
  expect(figures.copies).toBeLessThan(PEERS * 1.15);
  expect(figures.offload).toBe(0);
});

test(`By HTTP, an edge with half the capacity brings half the chunks at most (seed ${SEED})`, () => {
  const figures = run({ ...named('http, 100 Mbit/s'), edgeKbps: (PEERS * 128) / 2 }, STEADY);
  expect(figures.playedOnTime).toBeLessThan(0.55);
});

test(`A tree without repair loses chunks under heavy churn; with the edge it loses fewer (seed ${SEED})`, () => {
  const alone = run(named('single-tree'), CHURNING).playedOnTime;
  expect(alone).toBeLessThan(0.999);
  expect(run(named('single-tree + edge'), CHURNING).playedOnTime).toBeGreaterThan(alone);
});

test(`A pull-mesh passes nearly everything on by itself (seed ${SEED})`, () => {
  const figures = run(named('pull-mesh, 10 s behind'), STEADY);
  expect(figures.playedOnTime).toBeGreaterThan(0.99);
  expect(figures.offload).toBeGreaterThan(0.8);
});

test.each(COMPARATORS)(`$name: the same seed gives the same figures (seed ${SEED})`, (comparator) => {
  const first = run(comparator, CHURNING);
  expect(JSON.stringify(run(comparator, CHURNING))).toBe(JSON.stringify(first));
  expect(JSON.stringify(run(comparator, { ...CHURNING, seed: SEED + 1 }))).not.toBe(JSON.stringify(first));
});

test.each(COMPARATORS)(`$name: nobody uploads above its cap (seed ${SEED})`, (comparator) => {
  for (const options of [STEADY, CHURNING]) {
    const { uploadOfCapBusiest, offload } = run(comparator, options);
    expect(uploadOfCapBusiest).toBeLessThanOrEqual(1);
    if (offload > 0) expect(uploadOfCapBusiest).toBeGreaterThan(0);
  }
});

test(`Every comparator has the very listeners that Essaim has (seed ${SEED})`, () => {
  const essaim = new Simulation(CHURNING);
  essaim.run();
  const { joins, departures } = essaim.measures;
  expect(departures).toBeGreaterThan(0);
  for (const comparator of COMPARATORS) {
    const world = new World(CHURNING, comparator);
    expect(world.run()).toMatchObject({ joins, departures });
    const machines = [...world.present].map(({ machine }) => machine);
    const twins = [...essaim.participants.keys()].map(({ machine }) => machine);
    expect(machines.map(drawnOf)).toEqual(twins.map(drawnOf));
  }
});

test('Rendezvous-elected HLS costs one copy for each swarm of fifty-one', () => {
  expect(rendezvousHlsCopies(10_200)).toBe(200);
});

const drawnOf = ({ place, nat, uploadCapKbps }: Machine): object => ({ place, nat, uploadCapKbps });

const run = (comparator: Comparator, options: SimulationOptions): ProtocolFigures =>
  new World(options, comparator).run();

function named(name: string): Comparator {
  const found = COMPARATORS.find((comparator) => comparator.name === name);
  if (found === undefined) throw new Error(`Cannot run a comparator as none has this name: ${name}`);
  return found;
}

function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`Cannot run a scenario as none has this name: ${name}`);
  return found;
}

function optionsOf(scenario: Scenario): SimulationOptions {
  return {
    scenario,
    network: DEFAULT_NETWORK,
    peers: PEERS,
    seed: SEED,
    bitrateKbps: 128,
    measuredMs: 20_000,
    playoutDelayMs: 2_500,
  };
}
