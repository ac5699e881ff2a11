import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { closeNodeEnvironment, createNodeEnvironment } from '../../server/listener/node-environment.ts';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import type { EngineCounters } from '../../shared/swarm/engine-io.ts';
import { NodeListener } from './node-listener.ts';
import { percentilesOf } from './percentiles.ts';
import { startServerProcess } from './server-process.ts';

/**
 * A real swarm on loopback: a server with the demo station and listeners in Node over WebRTC.
 * `npm run bench:swarm -- --listeners 30 --warmup 20 --seconds 60 [--json FILE]`
 */
const JOIN_GAP_MS = 200;

const { values } = parseArgs({
  options: {
    listeners: { type: 'string', default: '30' },
    warmup: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '60' },
    json: { type: 'string' },
  },
});
const positive = z.coerce.number().positive();
const listenerCount = positive.parse(values.listeners);
const warmupSeconds = positive.parse(values.warmup);
const seconds = positive.parse(values.seconds);

const statisticsSchema = z.object({
  mounts: z.array(
    z.object({
      bitrateKbps: z.number(),
      egress: z.object({
        seed: z.number(),
        burst: z.number(),
        repair: z.number(),
        fallback: z.number(),
        total: z.number(),
      }),
    }),
  ),
});
const stationsSchema = z.object({ stations: z.array(stationDescriptionSchema) });

const server = await startServerProcess();
process.on('SIGINT', () => {
  server.stop();
  process.exit(130);
});
try {
  const figures = await measure();
  console.table(figures);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
} finally {
  server.stop();
}
closeNodeEnvironment();
process.exit(0);

async function measure(): Promise<Record<string, unknown>> {
  const { stations } = stationsSchema.parse(await (await fetch(`${server.url}/api/stations`)).json());
  const station = stations[0];
  if (station === undefined) throw new Error('Cannot measure without a station: current value is none');
  const environment = createNodeEnvironment();
  const listeners: NodeListener[] = [];
  for (let index = 0; index < listenerCount; index += 1) {
    listeners.push(new NodeListener(station, environment));
    await sleep(JOIN_GAP_MS);
  }
  console.error(`${listenerCount} listeners have joined; settling for ${warmupSeconds} s`);
  await sleep(warmupSeconds * 1000);
  console.error(`measuring for ${seconds} s`);
  const before = listeners.map((listener) => ({ ...listener.counters() }));
  const heardBefore = listeners.map((listener) => listener.latenciesMs.length);
  const egressBefore = await egress();
  const cpuBefore = server.cpuSeconds();
  const since = performance.now();
  await sleep(seconds * 1000);
  const elapsedSeconds = (performance.now() - since) / 1000;
  const egressAfter = await egress();
  const total = (name: keyof EngineCounters): number =>
    listeners.reduce(
      (sum, listener, index) => sum + listener.counters()[name] - (before[index]?.[name] ?? 0),
      0,
    );
  const received = total('chunkBytesFromPeers') + total('chunkBytesFromEdges');
  const { seed, burst, repair, fallback } = egressAfter.egress;
  const result = {
    listeners: listenerCount,
    offload: total('chunkBytesFromPeers') / received,
    copies:
      (egressAfter.egress.total - egressBefore.egress.total) /
      (egressAfter.bitrateKbps * 125 * elapsedSeconds),
    playedOnTime: total('chunksInTime') / total('chunksDue'),
    startupMs: percentilesOf(listeners.flatMap((listener) => listener.startupMs ?? [])),
    latencyMs: percentilesOf(
      listeners.flatMap((listener, index) => listener.latenciesMs.slice(heardBefore[index])),
    ),
    duplicateShare: total('duplicateChunkBytes') / received,
    controlShare: total('controlBytesReceived') / received,
    edgeBytesByCause: {
      seed: seed - egressBefore.egress.seed,
      burst: burst - egressBefore.egress.burst,
      repair: repair - egressBefore.egress.repair,
      fallback: fallback - egressBefore.egress.fallback,
    },
    cpuSecondsServer: server.cpuSeconds() - cpuBefore,
    rssMbServer: server.rssMb(),
  };
  await Promise.all(listeners.map((listener) => listener.listener.stop()));
  return result;
}

async function egress(): Promise<z.infer<typeof statisticsSchema>['mounts'][number]> {
  const answer = statisticsSchema.parse(await (await fetch(`${server.url}/api/statistics`)).json());
  const mount = answer.mounts[0];
  if (mount === undefined) throw new Error('Cannot read statistics without a mount: current value is none');
  return mount;
}

function sleep(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
