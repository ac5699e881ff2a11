import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { errorText } from '../../server/error.ts';
import { closeNodeEnvironment } from '../../server/listener/node-environment.ts';
import { burstSection } from './edge/burst.ts';
import { fanOutSection } from './edge/fan-out.ts';
import { packagerSection } from './edge/packager.ts';
import type { Row, Section } from './edge/section.ts';
import { trackerSection } from './edge/tracker.ts';
import { verifySection } from './edge/verify.ts';

/** What an edge costs, piece by piece, on this machine: `node test/bench/edge.ts [--json FILE] [--quick]`. */
const SECTIONS: readonly Section[] = [
  packagerSection,
  verifySection,
  fanOutSection,
  burstSection,
  trackerSection,
];

const INTERRUPTED = 130;
process.on('SIGINT', () => process.exit(INTERRUPTED));
process.on('SIGTERM', () => process.exit(INTERRUPTED));

const flags = readFlags();
try {
  const figures: Record<string, number> = {};
  for (const section of SECTIONS) {
    const rows = await run(section, flags.quick);
    for (const row of rows)
      for (const [name, value] of Object.entries(row.figures))
        figures[`${section.name}.${row.of}.${name}`] = value;
  }
  if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(figures, null, 2)}\n`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
closeNodeEnvironment();
process.exit();

async function run(section: Section, quick: boolean): Promise<readonly Row[]> {
  const progress = (line: string): void => {
    console.error(`${section.name}: ${line}`);
  };
  progress('begins');
  const rows = await section.run({ quick, progress });
  console.log(`\n${section.title}`);
  console.table(Object.fromEntries(rows.map(({ of, figures }) => [of, figures])));
  return rows;
}

function readFlags(): { readonly quick: boolean; readonly json: string | undefined } {
  try {
    const { values } = parseArgs({
      options: { json: { type: 'string' }, quick: { type: 'boolean', default: false } },
    });
    return { quick: values.quick, json: values.json };
  } catch (error) {
    console.error(`Cannot read the command line: ${errorText(error)}`);
    console.error('Usage: node test/bench/edge.ts [--json FILE] [--quick]');
    return process.exit(2);
  }
}
