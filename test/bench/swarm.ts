import { writeFileSync } from 'node:fs';
import type { Browser } from 'puppeteer-core';
import { z } from 'zod';
import { closeNodeEnvironment, createNodeEnvironment } from '../../server/listener/node-environment.ts';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import { launchBrowser } from '../support/browser.ts';
import type { MeasuredListener } from './measured-listener.ts';
import { NodeListener } from './node-listener.ts';
import { cpuSecondsOfFamily, rssBytesOf } from './process-usage.ts';
import { startServerChild } from './server-child.ts';
import { figuresBetween } from './swarm-figures.ts';
import type { Moment } from './swarm-figures.ts';
import { readSwarmOptions } from './swarm-options.ts';
import { openTabListener } from './tab-listener.ts';

/**
 * A real swarm on loopback: a server with the demo station, listeners in Node over real WebRTC and, if asked, tabs of
 * Chromium with the page, each clicked.
 */
const JOIN_GAP_MS = 200;

const stationsSchema = z.object({ stations: z.array(stationDescriptionSchema) });
const statisticsSchema = z.object({
  mounts: z.array(
    z.object({
      bitrateKbps: z.number(),
      egress: z.object({ seed: z.number(), burst: z.number(), repair: z.number(), fallback: z.number() }),
    }),
  ),
});

const read = readSwarmOptions(process.argv.slice(2));
if (!read.ok) {
  say(read.message);
  process.exit(2);
}
const { options } = read;
const server = await startServerChild({ webrtc: true });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const measured: MeasuredListener[] = [];
const browsers: Browser[] = [];
try {
  await joinAll();
  say(`${measured.length} listeners have joined; they settle for ${options.warmup} s`);
  await sleep(options.warmup * 1000);
  say(`measuring for ${options.seconds} s`);
  const before = await moment();
  await sleep(options.seconds * 1000);
  const after = await moment();
  const { bitrateKbps } = await mountStatistics();
  const figures = {
    ...figuresBetween(before, after, bitrateKbps),
    tabs: options.tabs,
    rssMbServer: Math.round(rssBytesOf(server.pid) / 1e6),
  };
  console.table(figures);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
} finally {
  await Promise.all(measured.map((listener) => listener.stop()));
  await Promise.all(browsers.map((browser) => browser.close()));
  await server.stop();
  closeNodeEnvironment();
}
process.exit(0);

async function joinAll(): Promise<void> {
  const { stations } = stationsSchema.parse(await (await fetch(`${server.url}/api/stations`)).json());
  const station = stations[0];
  if (station === undefined)
    throw new Error('Cannot measure a server without a station: current value is none');
  const environment = createNodeEnvironment();
  for (let index = 0; index < options.listeners; index += 1) {
    measured.push(new NodeListener(station, environment));
    await sleep(JOIN_GAP_MS);
  }
  if (options.tabs === 0) return;
  const browser = await launchBrowser('chromium', { manyTabs: true });
  browsers.push(browser);
  for (let index = 0; index < options.tabs; index += 1) {
    measured.push(await openTabListener(browser, server.url));
    say(`tab ${index + 1} of ${options.tabs} plays`);
  }
}

async function moment(): Promise<Moment> {
  const { egress } = await mountStatistics();
  return {
    atMs: performance.now(),
    egress,
    cpuSeconds: cpuSecondsOfFamily(server.pid),
    listeners: await Promise.all(measured.map((listener) => listener.figures())),
  };
}

async function mountStatistics(): Promise<z.infer<typeof statisticsSchema>['mounts'][number]> {
  const answer = statisticsSchema.parse(await (await fetch(`${server.url}/api/statistics`)).json());
  const mount = answer.mounts[0];
  if (mount === undefined) throw new Error('Cannot measure a server without a mount: current value is none');
  return mount;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function sleep(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
