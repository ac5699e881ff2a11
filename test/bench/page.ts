import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { errorText } from '../../server/error.ts';
import { launchBrowser } from '../support/browser.ts';
import { startNodeListeners } from '../support/swarm-node-listeners.ts';
import { measureDrawing } from './page/drawing.ts';
import { measureLoading } from './page/loading.ts';
import type { Row } from './page/row.ts';
import { startServerChild } from './server-child.ts';

/**
 * What the page costs whoever opens it, in Chromium, on loopback: from the address to the sound, and what the drawing
 * of the swarm takes. `node test/bench/page.ts [--json FILE] [--visits N] [--rounds N]`, in a network of its own.
 */
const OTHERS = 6;
/** About a copy each: they need what the page can give, and so there is something to draw. */
const OTHERS_UPLOAD_KBPS = 150;

const flags = readFlags();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const server = await startServerChild({ webrtc: false });
const others = startNodeListeners(`${server.url}/api/stations/demo`, '/live.mp3', OTHERS_UPLOAD_KBPS);
const browser = await launchBrowser('chromium', { manyTabs: true });
const rows: Row[] = [];
try {
  say(`${flags.visits} visits`);
  show('From the address to the sound', await measureLoading(browser, server.url, flags.visits));
  await others.add(OTHERS);
  say(`the drawing, ${flags.rounds} rounds`);
  show(
    'The drawing of the swarm, among seven listeners',
    await measureDrawing(browser, server.url, flags.rounds),
  );
  if (flags.json !== undefined)
    writeFileSync(
      flags.json,
      `${JSON.stringify(Object.fromEntries(rows.map(({ name, value }) => [name, value])), null, 2)}\n`,
    );
} finally {
  await browser.close();
  await others.stop();
  await server.stop();
}
process.exit(0);

function show(title: string, measured: readonly Row[]): void {
  rows.push(...measured);
  process.stdout.write(`\n${title}\n`);
  console.table(Object.fromEntries(measured.map(({ name, value, unit }) => [name, { value, unit }])));
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

interface Flags {
  readonly json: string | undefined;
  readonly visits: number;
  readonly rounds: number;
}

function readFlags(): Flags {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: 'string' },
        visits: { type: 'string', default: '9' },
        rounds: { type: 'string', default: '4' },
      },
    });
    return { json: values.json, visits: whole(values.visits), rounds: whole(values.rounds) };
  } catch (error) {
    say(`Cannot read the command line: ${errorText(error)}`);
    say('Usage: node test/bench/page.ts [--json FILE] [--visits N] [--rounds N]');
    return process.exit(2);
  }
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(
      `Cannot take a number of times as it must be whole and 1 or more: current value is ${text}`,
    );
  return value;
}
