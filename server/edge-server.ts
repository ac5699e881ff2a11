import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { getRequestListener } from '@hono/node-server';
import { unixMillis } from '../shared/units.ts';
import type { MountId, UnixMillis } from '../shared/units.ts';
import type { Verdict } from '../shared/tracker/tracker-io.ts';
import type { Config } from './config/config.ts';
import { createEdge } from './edge/edge.ts';
import type { AddRoutes } from './edge/edge.ts';
import type { EdgeContext } from './edge/edge-context.ts';
import type { EdgeNetwork } from './edge/edge-network.ts';
import { EgressCounter } from './edge/egress.ts';
import { createForwarding } from './edge/forwarding.ts';
import type { Forwarding } from './edge/forwarding.ts';
import { handOver } from './edge/hand-over.ts';
import { credentialsRenewalMs, iceServers } from './edge/ice-servers.ts';
import type { IceServerOptions } from './edge/ice-servers.ts';
import type { LiveStation } from './edge/live-station.ts';
import { LiveStreams } from './edge/live-streams.ts';
import { ClosableRoom, ROOM_FOR_ALL } from './edge/room.ts';
import type { EdgeLoad, Room } from './edge/room.ts';
import { statistics } from './edge/statistics.ts';
import { allowedSites } from './embed/allowed-sites.ts';
import type { AllowedSites } from './embed/allowed-sites.ts';
import { SiteListeners } from './embed/site-listeners.ts';
import { HlsAudience } from './hls/hls-audience.ts';
import { Audience } from './icecast/audience.ts';
import type { NowPlayingDesk } from './now-playing/now-playing-desk.ts';
import { Players } from './icecast/players.ts';
import { errorText } from './error.ts';
import { closeHttp } from './http-server.ts';
import type { Log } from './log.ts';
import type { LiveMount } from './station/live-mount.ts';
import type { SourceStatus } from './station/station-mount.ts';
import { MediasoupSeeding, httpSeedingOnly } from './seeding/seeding.ts';
import type { Seeding, SeedingOptions } from './seeding/seeding.ts';
import type { SourceDesk } from './source-client/source-desk.ts';
import { isPassOf } from './relays/relay-pass.ts';
import { startStunServer } from './stun/stun-server.ts';
import type { StunServer } from './stun/stun-server.ts';
import { leadToHttps } from './tls/lead-to-https.ts';
import { strongRandom } from './tracker/strong-random.ts';
import { TrackerSocketServer } from './tracker/tracker-socket-server.ts';

/** Answers under way get this long when the server stops. */
const STOP_GRACE_MS = 2000;
/** In place of the host that HTTP/1.0 does not ask for, and that many a radio does not name. */
const NAMELESS_HOST = 'localhost';
const PAGE_FOLDER = fileURLToPath(new URL('../dist/client', import.meta.url));

const now = (): UnixMillis => unixMillis(Date.now());

/** What of a configuration concerns serving, wherever the sound comes from. */
export type EdgeConfig = Pick<
  Config,
  'http' | 'stun' | 'turn' | 'webrtc' | 'tracker' | 'swarm' | 'playback'
> &
  // Left out by a relay: it serves every site, and keeps nothing of anybody.
  Partial<Pick<Config, 'embedding' | 'listenerPrivacy'>>;

/** Parts that tests replace. */
export interface EdgeParts {
  readonly pageFolder?: string;
  /** Instead of the machine's own mediasoup worker. */
  readonly workerSource?: SeedingOptions['source'];
}

export interface EdgeServerOptions {
  readonly config: EdgeConfig;
  readonly stations: readonly LiveStation[];
  readonly sourceStatus: (id: MountId) => SourceStatus;
  /** None: this is a relay. */
  readonly sourceDesk?: SourceDesk;
  readonly network: EdgeNetwork;
  /** Whether the station takes the relay with this key, as its pass says; null: passes are not asked for. */
  readonly takesRelay: () => ((relayKey: string) => boolean) | null;
  readonly addRoutes: AddRoutes;
  /** Puts something in the place of this server's own seeding; left out: nothing. */
  readonly wrapSeeding?: (own: Seeding, mounts: readonly LiveMount[]) => Seeding;
  /** Left out: whoever comes is served. */
  readonly room?: Room;
  /** A listener at the address `complainant` says that an edge did wrong. */
  readonly onEdgeComplaint?: (address: string, reason: string, complainant: string) => void;
  /** Listeners at several addresses say that a community relay did wrong as a peer. */
  readonly onRelayJudged?: (relayKey: string, verdict: Verdict) => void;
  readonly nowPlaying?: NowPlayingDesk;
  readonly log: Log;
  readonly parts: EdgeParts;
}

export interface EdgeServer {
  readonly stunPort: number | null;
  readonly egress: EgressCounter;
  readonly seeding: Seeding;
  readonly tracker: TrackerSocketServer;
  /** Who asks and from where, as the configuration's proxies tell it. */
  readonly forwarding: Forwarding;
  /** Listeners in the swarm tracked here, and players on the mount's own address. */
  listeners(mountId: MountId): number;
  /** What hangs on this edge now. */
  load(): EdgeLoad;
  loadOf(mount: LiveMount): EdgeLoad;
  /** Relays that take this mount from us look for its sound anew. */
  endRelays(mountId: MountId): void;
  /** Leads listeners to other edges. Resolves when none is left here, or the time is up. */
  handOver(withinMs: number): Promise<void>;
  /** Ends streams and connections, then the HTTP server. Call it once. */
  stop(): Promise<void>;
}

/**
 * Serves stations over an HTTP server that listens already: page, API, mounts, tracker, seeds. What is missing (STUN's
 * port, mediasoup) is logged and lived without.
 */
export async function startEdgeServer(http: Server, options: EdgeServerOptions): Promise<EdgeServer> {
  const { config, stations, log, parts } = options;
  const mounts = stations.flatMap((station) => station.mounts);
  const egress = new EgressCounter();
  const streams = new LiveStreams(egress, log);
  const players = new Players(egress, log, now);
  const stun = await startStun(config, log);
  const forwarding = createForwarding(config.http);
  const own = createSeeding(config, mounts, egress, log, parts);
  const seeding = options.wrapSeeding?.(own, mounts) ?? own;
  const sites = allowedSites(config.embedding?.allowedSites ?? null);
  const siteListeners = new SiteListeners();
  const { keepAddresses } = config.listenerPrivacy ?? { keepAddresses: false };
  const ice: IceServerOptions = {
    stunPort: stun?.port ?? null,
    announcedAddress: config.webrtc.announcedAddress,
    turn: config.turn,
  };
  const tracker = startTracker(options, http, seeding, {
    forwarding,
    sites,
    siteListeners,
    keepAddresses,
    ice,
  });
  const renewal = renewEvery(credentialsRenewalMs(config.turn), () => tracker.addressesChanged());

  const hlsAudience = new HlsAudience(now, keepAddresses);
  const audience = new Audience(
    mounts.map((mount) => mount.id),
    [players, tracker.hearers, hlsAudience],
  );

  const room = new ClosableRoom(options.room ?? ROOM_FOR_ALL);
  const context: EdgeContext = {
    stations,
    egress,
    streams,
    players,
    audience,
    hlsAudience,
    room,
    listenerPrivacy: { keepAddresses },
    forwarding,
    ice,
    page: config.playback,
    sites,
    siteListeners,
    status: {
      source: options.sourceStatus,
      swarm: (id) => tracker.status(id),
      tracker: () => tracker.counters,
      seeding: () => seeding.status(),
    },
    sourceDesk: options.sourceDesk ?? null,
    network: options.network,
    nowPlaying: options.nowPlaying ?? null,
    log,
    now,
    pageFolder: parts.pageFolder ?? PAGE_FOLDER,
  };
  const edge = createEdge(context, options.addRoutes);
  const answer = getRequestListener(edge.fetch, { hostname: NAMELESS_HOST });
  http.removeAllListeners('request');
  http.on('request', (request, response) => {
    if (config.http.tls !== null && leadToHttps(request, response, forwarding)) return;
    void answer(request, response);
  });

  const loadOf = ({ id, bitrateKbps }: LiveMount): EdgeLoad => {
    const { listeners, copies } = streams.load(id);
    const others = players.count(id) + hlsAudience.of(id).length;
    const seeded = seeding.load(id);
    return {
      listeners: listeners + others + seeded.seeds,
      kbps: Math.max(egress.recentKbps(id), (copies + others + seeded.copies) * bitrateKbps),
    };
  };

  return {
    stunPort: stun?.port ?? null,
    egress,
    seeding,
    tracker,
    forwarding,
    listeners: (id) => statistics(context, 0).mounts.find((mount) => mount.id === id)?.listeners ?? 0,
    load: () => {
      const loads = mounts.map(loadOf);
      return {
        listeners: loads.reduce((sum, { listeners }) => sum + listeners, 0),
        kbps: loads.reduce((sum, { kbps }) => sum + kbps, 0),
      };
    },
    loadOf,
    endRelays: (id) => streams.endRelays(id),
    handOver: (withinMs) => handOver({ room, streams, tracker }, withinMs),
    stop: async () => {
      clearInterval(renewal);
      streams.endAll();
      players.endAll();
      audience.stop();
      tracker.close();
      await Promise.all([closeHttp(http, STOP_GRACE_MS), stun?.stop(), seeding.stop()]);
    },
  };
}

async function startStun(config: EdgeConfig, log: Log): Promise<StunServer | null> {
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
  config: EdgeConfig,
  mounts: readonly LiveMount[],
  egress: EgressCounter,
  log: Log,
  parts: EdgeParts,
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

/** Members are told of ICE servers with the addresses. */
function renewEvery(intervalMs: number | null, renew: () => void): NodeJS.Timeout | undefined {
  return intervalMs === null ? undefined : setInterval(renew, intervalMs).unref();
}

interface TrackerParts {
  readonly forwarding: Forwarding;
  readonly sites: AllowedSites;
  readonly siteListeners: SiteListeners;
  readonly keepAddresses: boolean;
  readonly ice: IceServerOptions;
}

function startTracker(
  { config, stations, network, takesRelay, onEdgeComplaint, onRelayJudged, log }: EdgeServerOptions,
  httpServer: Server,
  seeding: Seeding,
  { forwarding, sites, siteListeners, keepAddresses, ice }: TrackerParts,
): TrackerSocketServer {
  const stationWith = (id: MountId): LiveStation | undefined =>
    stations.find((station) => station.mounts.some((mount) => mount.id === id));
  const stationOf = (id: MountId): string => stationWith(id)?.id ?? '';
  const { peersPerSwarmMax, peersPerAddressMax, messagesPerSecondMax, reportIntervalMs } = config.tracker;
  return new TrackerSocketServer({
    httpServer,
    mounts: stations.flatMap((station) => station.mounts),
    seeding,
    addresses: ({ publicUrl, mountId }) => network.addresses(stationOf(mountId), publicUrl, mountId),
    iceServers: (publicUrl) => iceServers(ice, publicUrl, now()),
    publicUrl: (request) => forwarding.publicUrl(request),
    ...(onEdgeComplaint === undefined ? {} : { onEdgeComplaint }),
    ...(onRelayJudged === undefined ? {} : { onRelayJudged }),
    mayBeRelay: (mountId, pass) => {
      const takes = takesRelay();
      if (takes === null) return true;
      const key = stationWith(mountId)?.publicKeyText ?? '';
      return pass !== undefined && isPassOf(key, pass, now()) && takes(pass.relayKey);
    },
    clientAddress: (request) => forwarding.clientAddress(request),
    admits: (request) => sites.admits(request, forwarding.publicUrl(request)),
    siteOf: (request) => sites.siteOf(request, forwarding.publicUrl(request)),
    siteListeners,
    keepAddresses,
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
