import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { getRequestListener } from '@hono/node-server';
import { unixMillis } from '../shared/units.ts';
import type { Config } from './config/config.ts';
import { createEdge } from './edge/edge.ts';
import { EgressCounter } from './edge/egress.ts';
import { createForwarding } from './edge/forwarding.ts';
import type { Forwarding } from './edge/forwarding.ts';
import { LiveStreams } from './edge/live-streams.ts';
import { errorText } from './error.ts';
import { closeHttp, listenHttp } from './http-server.ts';
import type { Log } from './log.ts';
import { openStation } from './station/station.ts';
import type { Station } from './station/station.ts';
import type { SourceStatus, StationMount } from './station/station-mount.ts';
import { MediasoupSeeding, httpSeedingOnly } from './seeding/seeding.ts';
import type { Seeding, SeedingOptions } from './seeding/seeding.ts';
import { startSources } from './sources.ts';
import type { StartSource } from './sources.ts';
import { startStunServer } from './stun/stun-server.ts';
import type { StunServer } from './stun/stun-server.ts';
import { strongRandom } from './tracker/strong-random.ts';
import { TrackerSocketServer } from './tracker/tracker-socket-server.ts';

/** Answers under way get this long when the server stops. */
const STOP_GRACE_MS = 2000;
const PAGE_FOLDER = fileURLToPath(new URL('../dist/client', import.meta.url));

const NO_SOURCE: SourceStatus = { state: 'failed', source: '', detail: 'no such mount' };

export interface RunningServer {
  /** By which this machine reaches it, e.g. `http://localhost:8080`. */
  readonly url: string;
  readonly port: number;
  /** Null: none runs. */
  readonly stunPort: number | null;
  readonly http: Server;
  readonly stations: readonly Station[];
  readonly egress: EgressCounter;
  readonly seeding: Seeding;
  readonly tracker: TrackerSocketServer;
  /** Ends streams and sources, then the sockets. Safe to call twice. */
  stop(): Promise<void>;
}

/** Parts that tests replace. */
export interface ServerParts {
  /** Instead of the configured sources. */
  readonly startSource?: StartSource;
  readonly pageFolder?: string;
  /** Instead of the machine's own mediasoup worker. */
  readonly workerSource?: SeedingOptions['source'];
}

/**
 * Composes and starts everything.
 * @throws ConfigError or Error (the promise rejects) if the HTTP port or a station's key cannot be had; then nothing
 * is left running. What else is missing (STUN's port, mediasoup) is logged and lived without.
 */
export async function startServer(config: Config, log: Log, parts: ServerParts = {}): Promise<RunningServer> {
  const stations = config.stations.map((station) => openStation(station, config.dataFolder, log));
  const mounts = stations.flatMap((station) => station.mounts);
  const egress = new EgressCounter();
  const streams = new LiveStreams(egress, log);
  const stun = await startStun(config, log);
  const forwarding = createForwarding(config.http);
  const seeding = createSeeding(config, mounts, egress, log, parts);
  let tracker: TrackerSocketServer | null = null;

  const edge = createEdge({
    stations,
    egress,
    streams,
    forwarding,
    ice: {
      stunPort: stun?.port ?? null,
      announcedAddress: config.webrtc.announcedAddress,
      turn: config.turn,
    },
    page: config.playback,
    status: {
      source: (id) => mounts.find((mount) => mount.id === id)?.source ?? NO_SOURCE,
      swarm: (id) => tracker?.status(id) ?? null,
      seeding: () => seeding.status(),
    },
    log,
    now: () => unixMillis(Date.now()),
    pageFolder: parts.pageFolder ?? PAGE_FOLDER,
  });

  const listener = getRequestListener(edge.fetch);
  let http: Server;
  try {
    http = await listenHttp(
      (request, response) => void listener(request, response),
      config.http.host,
      config.http.port,
      // Out of file descriptors, say: those who are connected hear on.
      (error) => log.error({ error: error.message }, 'cannot take a connection'),
    );
  } catch (error) {
    await stun?.stop();
    throw error;
  }
  tracker = startTracker(config, http, mounts, seeding, forwarding, log);
  const runningTracker = tracker;
  const sources = startSources(config, stations, log, parts.startSource);

  let stopping: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    await Promise.all(sources.map((source) => source.stop()));
    streams.endAll();
    runningTracker.close();
    await Promise.all([closeHttp(http, STOP_GRACE_MS), stun?.stop(), seeding.stop()]);
  };
  const port = portOf(http);
  return {
    url: `http://${localName(config.http.host)}:${port}`,
    port,
    stunPort: stun?.port ?? null,
    http,
    stations,
    egress,
    seeding,
    tracker,
    stop: () => (stopping ??= stop()),
  };
}

async function startStun(config: Config, log: Log): Promise<StunServer | null> {
  const { port } = config.stun;
  if (port === null) return null;
  try {
    return await startStunServer(config.http.host, port);
  } catch (error) {
    log.warn(
      { port, error: errorText(error) },
      'no STUN: its UDP port cannot be had; listeners behind a NAT will reach fewer others (stun.port)',
    );
    return null;
  }
}

function createSeeding(
  config: Config,
  mounts: readonly StationMount[],
  egress: EgressCounter,
  log: Log,
  parts: ServerParts,
): Seeding {
  if (!config.webrtc.enabled) return httpSeedingOnly();
  return new MediasoupSeeding({
    mounts,
    config: config.webrtc,
    egress,
    log,
    random: Math.random,
    ...(parts.workerSource === undefined ? {} : { source: parts.workerSource }),
  });
}

function startTracker(
  config: Config,
  httpServer: Server,
  mounts: readonly StationMount[],
  seeding: Seeding,
  forwarding: Forwarding,
  log: Log,
): TrackerSocketServer {
  const { peersPerSwarmMax, peersPerAddressMax, messagesPerSecondMax, reportIntervalMs } = config.tracker;
  return new TrackerSocketServer({
    httpServer,
    mounts,
    seeding,
    clientAddress: (request) => forwarding.clientAddress(request),
    options: {
      swarmSizeMax: peersPerSwarmMax,
      peersPerAddressMax,
      messagesPerSecondMax,
      reportIntervalMs,
      smallSwarmSize: config.swarm.smallSwarmSize,
    },
    log,
    random: strongRandom(),
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error(`Cannot tell the server's port as a number: current value is ${address}`);
  return address.port;
}

/** What a person on this machine types. */
function localName(host: string | null): string {
  if (host === null || host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
