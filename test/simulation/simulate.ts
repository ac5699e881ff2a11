import { writeFile } from 'node:fs/promises';
import { parseSimulateOptions, USAGE } from './options.ts';
import type { SimulateOptions } from './options.ts';
import { plotOf } from './plot.ts';
import { reportOf } from './report.ts';
import type { SimulationResult } from './result.ts';
import { resultOf } from './figures.ts';
import { Simulation } from './simulation.ts';
import type { Scenario } from './scenarios.ts';

/** Runs one scenario and shows how far it is: everything but the result goes to stderr. */
function simulate(scenario: Scenario, options: SimulateOptions): SimulationResult {
  const { network, peers, seed, minutes } = options;
  const bitrateKbps = options.bitrateKbps ?? scenario.bitrateKbps ?? 128;
  const startedAt = performance.now();
  const simulation = new Simulation({
    scenario,
    network,
    peers,
    seed,
    bitrateKbps,
    measuredMs: Math.round(minutes * 60_000),
  });
  process.stderr.write(`${scenario.name}: ${scenario.about}; ${peers} peers, seed ${seed}\n`);
  simulation.run((second, seconds) => {
    if (second % 5 !== 0 && second !== seconds) return;
    const wall = Math.round((performance.now() - startedAt) / 1000);
    const listeners = simulation.participants.size;
    process.stderr.write(`  ${second}/${seconds} s simulated, ${listeners} listeners, ${wall} s elapsed\n`);
  });
  const wallSeconds = (performance.now() - startedAt) / 1000;
  const memory = Math.round(process.resourceUsage().maxRSS / 1024);
  process.stderr.write(
    `  ${wallSeconds.toFixed(1)} s of real time, ${memory} MB at most, ${simulation.time.events} events\n`,
  );
  return resultOf(simulation);
}

async function main(args: readonly string[]): Promise<void> {
  const options = parseSimulateOptions(args);
  if (options === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  for (const scenario of options.scenarios) {
    const result = simulate(scenario, options);
    process.stdout.write(reportOf(result, scenario.bars));
    if (options.jsonFile !== null)
      await writeFile(fileFor(options.jsonFile, options, scenario), json(result));
    if (options.plotFile !== null)
      await writeFile(fileFor(options.plotFile, options, scenario), plotOf(result, scenario));
  }
}

/** With several scenarios, each has a file of its own. */
function fileFor(file: string, { scenarios }: SimulateOptions, scenario: Scenario): string {
  if (scenarios.length === 1) return file;
  const dot = file.lastIndexOf('.');
  return dot < 0 ? `${file}-${scenario.name}` : `${file.slice(0, dot)}-${scenario.name}${file.slice(dot)}`;
}

const json = (result: SimulationResult): string => `${JSON.stringify(result, null, 2)}\n`;

try {
  await main(process.argv.slice(2));
} catch (error) {
  // What the user gave is wrong: the message says it. Anything else is a fault of ours, with its trace.
  if (!(error instanceof RangeError) && !(error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\n${USAGE}\n`);
  process.exitCode = 2;
}
