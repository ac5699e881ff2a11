import { writeFile } from 'node:fs/promises';
import { runCommand } from './command.ts';
import { USAGE } from './options.ts';
import type { SimulateOptions } from './options.ts';
import { expectWritable, fileFor } from './output-file.ts';
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

/** Null: not asked for. */
function filesFor({ scenarios, jsonFile, plotFile }: SimulateOptions, { name }: Scenario) {
  const several = scenarios.length > 1;
  return {
    json: jsonFile === null ? null : fileFor(jsonFile, name, several),
    plot: plotFile === null ? null : fileFor(plotFile, name, several),
  };
}

const json = (result: SimulationResult): string => `${JSON.stringify(result, null, 2)}\n`;

await runCommand([], USAGE, async (options) => {
  const runs = options.scenarios.map((scenario) => ({ scenario, files: filesFor(options, scenario) }));
  for (const { files } of runs) {
    if (files.json !== null) await expectWritable('json', files.json);
    if (files.plot !== null) await expectWritable('plot', files.plot);
  }
  for (const { scenario, files } of runs) {
    const result = simulate(scenario, options);
    process.stdout.write(reportOf(result, scenario.bars));
    if (files.json !== null) await writeFile(files.json, json(result));
    if (files.plot !== null) await writeFile(files.plot, plotOf(result, scenario));
  }
});
