import { writeFile } from 'node:fs/promises';
import { comparatorsFor, PLAYOUT_DELAY_MS } from './comparators/all.ts';
import type { Comparator } from './comparators/comparator.ts';
import { tableOf } from './comparators/comparison.ts';
import type { Comparison, ComparisonRow } from './comparators/comparison.ts';
import { RENDEZVOUS_DEGREE, rendezvousHlsCopies } from './comparators/rendezvous-hls.ts';
import { World } from './comparators/world.ts';
import { resultOf } from './figures.ts';
import { NETWORK_PRESETS } from './network/presets.ts';
import { runCommand } from './command.ts';
import { expectWritable } from './output-file.ts';
import type { SimulateOptions } from './options.ts';
import type { Scenario } from './scenarios.ts';
import { Simulation } from './simulation.ts';
import type { SimulationOptions } from './simulation.ts';

/** Those in which only people come and go: what else a scenario does, the comparators do not know. */
const COMPARED = ['steady', 'heavy-churn', 'mass-departure', 'flash-crowd'];

const USAGE = `npm run simulate:compare -- [--peers 1000] [--minutes 1] [--seed 7] [--scenario steady|…]
                   [--bitrate 128] [--network internet] [--json FILE]

scenarios: ${COMPARED.join(', ')}
networks:  ${NETWORK_PRESETS.map(({ name }) => name).join(', ')}`;
const DEFAULTS = ['--peers', '1000', '--minutes', '1'];

/** Essaim and its comparators with the same listeners. Everything but the result goes to stderr. */
function compare(options: SimulationOptions): Comparison {
  const { scenario, network, peers, seed, bitrateKbps, measuredMs } = options;
  const rows: ComparisonRow[] = [
    timed('essaim', () => {
      const simulation = new Simulation(options);
      simulation.run((second, seconds) => {
        if (second % 10 === 0) process.stderr.write(`  essaim: ${second}/${seconds} s simulated\n`);
      });
      return {
        name: 'essaim',
        about: 'the production engine',
        playoutDelayMs: PLAYOUT_DELAY_MS,
        edgeKbps: network.edgeKbps,
        figures: resultOf(simulation).figures,
      };
    }),
    ...comparatorsFor(options).map((comparator) => timed(comparator.name, () => rowOf(comparator, options))),
  ];
  return {
    scenario: scenario.name,
    network: network.name,
    peers,
    seed,
    bitrateKbps,
    measuredMs,
    rows,
    rendezvousHls: {
      copies: rendezvousHlsCopies(peers),
      about: `n / (d + 1) with d = ${RENDEZVOUS_DEGREE}: a formula, not a simulation`,
    },
  };
}

function rowOf(comparator: Comparator, options: SimulationOptions): ComparisonRow {
  const { name, about, playoutDelayMs, edgeKbps } = comparator;
  return { name, about, playoutDelayMs, edgeKbps, figures: new World(options, comparator).run() };
}

function timed(name: string, run: () => ComparisonRow): ComparisonRow {
  const startedAt = performance.now();
  const row = run();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stderr.write(`${name}: ${row.about}; ${seconds} s of real time\n`);
  return row;
}

function comparable({ scenarios, plotFile }: SimulateOptions): Scenario {
  const [scenario, another] = scenarios;
  if (scenario === undefined || another !== undefined || !COMPARED.includes(scenario.name)) {
    const names = scenarios.map(({ name }) => name).join(', ');
    throw new RangeError(
      `Cannot compare in a scenario as it is one of ${COMPARED.join(', ')}: current value is ${names}`,
    );
  }
  if (plotFile !== null)
    throw new RangeError(`Cannot plot a comparison as it is a table: current value is ${plotFile}`);
  return scenario;
}

await runCommand(DEFAULTS, USAGE, async (options) => {
  const scenario = comparable(options);
  if (options.jsonFile !== null) await expectWritable('json', options.jsonFile);
  const comparison = compare({
    scenario,
    network: options.network,
    peers: options.peers,
    seed: options.seed,
    bitrateKbps: options.bitrateKbps ?? scenario.bitrateKbps ?? 128,
    measuredMs: Math.round(options.minutes * 60_000),
    playoutDelayMs: PLAYOUT_DELAY_MS,
  });
  process.stdout.write(tableOf(comparison));
  if (options.jsonFile !== null)
    await writeFile(options.jsonFile, `${JSON.stringify(comparison, null, 2)}\n`);
});
