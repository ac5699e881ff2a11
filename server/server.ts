import type { Server } from 'node:http';
import type { Config } from './config/config.ts';
import { startEdgeServer } from './edge-server.ts';
import type { EdgeParts } from './edge-server.ts';
import type { EgressCounter } from './edge/egress.ts';
import { createForwarding } from './edge/forwarding.ts';
import { openHttp } from './open-http.ts';
import { systemClock } from './ingest/clock.ts';
import type { Log } from './log.ts';
import { OriginRelays } from './relays/origin-relays.ts';
import type { RelayDesk } from './relays/relay-desk.ts';
import { addRelayRoutes } from './relays/relay-routes.ts';
import { NowPlayingDesk } from './now-playing/now-playing-desk.ts';
import { AccessDesk } from './source-client/access-desk.ts';
import { Door } from './source-client/door.ts';
import { LiveSources } from './source-client/live-sources.ts';
import { openToSourceClients } from './source-client/open.ts';
import { createSourceDesk } from './source-client/source-desk.ts';
import { openStation } from './station/station.ts';
import type { Station } from './station/station.ts';
import type { SourceStatus } from './station/station-mount.ts';
import { DelegatedSeeding } from './seeding/delegated-seeding.ts';
import type { Seeding } from './seeding/seeding.ts';
import { startSources } from './sources.ts';
import type { MountInput, StartSource } from './sources.ts';
import type { TrackerSocketServer } from './tracker/tracker-socket-server.ts';

const NO_SOURCE: SourceStatus = { state: 'failed', source: '', detail: 'no such mount' };

export interface RunningServer {
  /** By which this machine reaches it, e.g. `http://localhost:8080`. */
  readonly url: string;
  readonly port: number;
  /** Null: none runs. */
  readonly stunPort: number | null;
  /** Where Shoutcast source clients connect; null: nowhere. */
  readonly shoutcastPort: number | null;
  readonly http: Server;
  readonly stations: readonly Station[];
  readonly liveSources: LiveSources;
  readonly relays: RelayDesk;
  readonly egress: EgressCounter;
  readonly seeding: Seeding;
  readonly tracker: TrackerSocketServer;
  /** Ends streams and sources, then the sockets. Safe to call twice. */
  stop(): Promise<void>;
}

/** Parts that tests replace. */
export interface ServerParts extends EdgeParts {
  /** Instead of the configured sources. */
  readonly startSource?: StartSource;
}

/**
 * Composes and starts everything.
 * @throws ConfigError or Error (the promise rejects) if the HTTP port or a station's key cannot be had; then nothing
 * is left running. What else is missing (STUN's port, mediasoup) is logged and lived without.
 */
export async function startServer(config: Config, log: Log, parts: ServerParts = {}): Promise<RunningServer> {
  const stations = config.stations.map((station) => openStation(station, config.dataFolder, log));
  const mounts = stations.flatMap((station) => station.mounts);
  const access = new AccessDesk(config, systemClock);
  let sources: readonly MountInput[] = [];
  const sourceDesk = createSourceDesk(
    access,
    new LiveSources(),
    config.shoutcast?.mount ?? null,
    () => sources,
  );
  const door = new Door();
  const http = await openHttp(config.http, log, door);
  const forwarding = createForwarding(config.http);
  const relays = new OriginRelays({
    config: config.relays,
    feeds: config.stations.map(({ feed }) => feed),
    stations,
    clientAddress: (request) => forwarding.clientAddress(request),
    publicUrl: config.http.publicUrl,
    log,
  });
  const nowPlaying = new NowPlayingDesk(config.stations, log, systemClock);
  const edge = await startEdgeServer(http, {
    config,
    stations,
    nowPlaying,
    sourceStatus: (id) => mounts.find((mount) => mount.id === id)?.source ?? NO_SOURCE,
    sourceDesk,
    network: relays.network,
    takesRelay: () => (relayKey) => relays.desk.isLeantOn(relayKey),
    onEdgeComplaint: (address, reason, complainant) => {
      relays.desk.complained(address, reason, complainant);
    },
    wrapSeeding: (own, mounts) =>
      new DelegatedSeeding({
        own,
        places: relays.desk.seeders,
        mountIds: mounts.map(({ id }) => id),
        onComplaint: (address, reason, complainant) => relays.desk.complained(address, reason, complainant),
        clock: systemClock,
        log,
      }),
    onRelayJudged: (relayKey, verdict) => relays.desk.judged(relayKey, verdict),
    addRoutes: (app) => {
      addRelayRoutes(app, relays.desk, access, forwarding);
    },
    log,
    parts,
  });
  relays.start(http, edge, () => edge.tracker.addressesChanged());
  sources = startSources(config, stations, log, parts.startSource, nowPlaying);
  const port = portOf(http);
  const liveDoors = await openToSourceClients(config, port, door, sources, sourceDesk, log);

  let stopping: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    nowPlaying.stop();
    await liveDoors.stop();
    relays.stop();
    await Promise.all(sources.map((source) => source.stop()));
    await edge.stop();
  };
  return {
    url: `${config.http.tls === null ? 'http' : 'https'}://${localName(config.http.host)}:${port}`,
    port,
    stunPort: edge.stunPort,
    shoutcastPort: liveDoors.shoutcastPort,
    http,
    stations,
    liveSources: sourceDesk.liveSources,
    relays: relays.desk,
    egress: edge.egress,
    seeding: edge.seeding,
    tracker: edge.tracker,
    stop: () => (stopping ??= stop()),
  };
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
