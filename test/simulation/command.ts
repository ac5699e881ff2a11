import { parseSimulateOptions } from './options.ts';
import type { SimulateOptions } from './options.ts';

/**
 * A command of the terminal, with the process's arguments after `defaults`. What the user gave wrong is said with the
 * usage, and ends it with code 2; anything else that is thrown is a fault of ours, and shows its trace.
 */
export async function runCommand(
  defaults: readonly string[],
  usage: string,
  run: (options: SimulateOptions) => Promise<void>,
): Promise<void> {
  try {
    const options = parseSimulateOptions([...defaults, ...process.argv.slice(2)]);
    if (options === 'help') process.stdout.write(`${usage}\n`);
    else await run(options);
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}\n${usage}\n`);
    process.exitCode = 2;
  }
}
