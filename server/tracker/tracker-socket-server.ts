import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { RawData, WebSocket } from 'ws';
import { TRACKER_DEFAULTS } from '../../shared/tracker/limits.ts';
import { TRACKER_CLOSE_CODES, TRACKER_MESSAGE_LENGTH_MAX } from '../../shared/tracker/messages.ts';
import { listenerMessageSchema } from '../../shared/tracker/listener-message-schema.ts';
import type {
  EdgeComplaintReason,
  ListenerMessage,
  RelayPass,
  TrackerMessage,
} from '../../shared/tracker/messages.ts';
import { Tracker } from '../../shared/tracker/tracker.ts';
import type {
  SwarmSnapshot,
  TrackerOptions,
  TrackerOutput,
  Verdict,
} from '../../shared/tracker/tracker-io.ts';
import { edgeAddresses, trackerAddresses } from '../../shared/station/addresses.ts';
import type { IceServer } from '../../shared/station/description.ts';
import type { StationAddresses } from '../../shared/station/addresses.ts';
import { mountId, unixMillis } from '../../shared/units.ts';
import type { MountId, RandomSource } from '../../shared/units.ts';
import type { SwarmStatus, TrackerCounters } from '../edge/edge-context.ts';
import { NO_SITE, toldMount } from '../embed/allowed-sites.ts';
import { SiteListeners } from '../embed/site-listeners.ts';
import type { HearerSource } from '../icecast/audience.ts';
import { isOwnServer } from '../icecast/own-servers.ts';
import type { Log } from '../log.ts';
import type { Seeding } from '../seeding/seeding.ts';
import type { LiveMount } from '../station/live-mount.ts';
import { refuseUpgrade, upgradesOf } from '../upgrades.ts';
import { identities } from './identities.ts';
import { SeedDesk } from './seed-desk.ts';
import { trackerHearers } from './tracker-hearers.ts';
import { TrackerDriver } from './tracker-driver.ts';
import { TrackerSocket, TrackerSockets } from './tracker-sockets.ts';

/** Where listeners find the tracker. */
export const TRACKER_PATH = '/tracker';
/** Thousands who learn of an edge at once would all try it at once. */
const ADDRESSES_SPREAD_MS = 2_000;
/** Of the time in which a tracker leaves, what is for telling its members where else to go. */
const TELL_SHARE = 0.25;

export interface TrackerSocketServerOptions {
  readonly httpServer: Server;
  readonly mounts: readonly LiveMount[];
  /** Started here; whoever made it stops it. */
  readonly seeding: Seeding;
  /** Who asks, reverse proxies that are declared taken into account. */
  readonly clientAddress: (request: IncomingMessage) => string;
  /** Where edges and trackers are, for a listener of the mount that reaches us at `publicUrl`. Without it: not told. */
  readonly addresses?: (asker: { readonly publicUrl: string; readonly mountId: MountId }) => StationAddresses;
  /** What they are told of ICE servers, with addresses. */
  readonly iceServers?: (publicUrl: string) => readonly IceServer[];
  /** How whoever asks reaches us; no slash at the end. Without it `addresses` is given an empty one. */
  readonly publicUrl?: (request: IncomingMessage) => string;
  /** A listener at the address `complainant` complains of an edge: a hint, not a proof. */
  readonly onEdgeComplaint?: (address: string, reason: EdgeComplaintReason, complainant: string) => void;
  /** Listeners at several addresses have complained of this relay, as a peer. */
  readonly onRelayJudged?: (relayKey: string, verdict: Verdict) => void;
  /** Whether the page that asks may have the sound; left out: every page. */
  readonly admits?: (request: IncomingMessage) => boolean;
  /** Whether who says that it is a relay is one, for this mount; left out: everybody who says so. */
  readonly mayBeRelay?: (mountId: MountId, pass: RelayPass | undefined) => boolean;
  /** The site that the listener is counted for. */
  readonly siteOf?: (request: IncomingMessage) => string;
  readonly siteListeners?: SiteListeners;
  /** Listeners' addresses and programs may be shown to the administrator. */
  readonly keepAddresses?: boolean;
  readonly options?: Partial<Omit<TrackerOptions, 'unixTime'>>;
  readonly log: Log;
  /** Makes ids and secrets: cryptographically strong. */
  readonly random: RandomSource;
  /** A monotonic clock, milliseconds. */
  readonly now?: () => number;
  /** A shorter one in tests. */
  readonly pingIntervalMs?: number;
}

/**
 * The tracker over WebSockets at TRACKER_PATH of an HTTP server. Pages of other sites may connect, as players are
 * embedded there, unless the operator has listed those that may; nothing here is private to a site.
 */
export class TrackerSocketServer {
  readonly #options: TrackerSocketServerOptions;
  readonly #tracker: Tracker;
  readonly #driver: TrackerDriver;
  readonly #sockets: TrackerSockets;
  readonly #seedDesk: SeedDesk;
  readonly #siteListeners: SiteListeners;
  readonly #webSockets = new WebSocketServer<typeof TrackerSocket>({
    noServer: true,
    clientTracking: false,
    // Messages are small and short-lived; a compressor's memory per listener is neither.
    perMessageDeflate: false,
    maxPayload: TRACKER_MESSAGE_LENGTH_MAX,
    WebSocket: TrackerSocket,
  });
  #state: 'open' | 'suspended' | 'closed' = 'open';
  readonly #unanswer: () => void;
  #lastConnection = 0;
  #received = 0;
  #sent = 0;
  #malformed = 0;

  constructor(options: TrackerSocketServerOptions) {
    this.#options = options;
    this.#siteListeners = options.siteListeners ?? new SiteListeners();
    this.#sockets = new TrackerSockets(options.pingIntervalMs);
    const { httpServer, mounts, seeding, log, random, now = () => performance.now() } = options;
    this.#tracker = new Tracker(
      { ...TRACKER_DEFAULTS, identities, ...options.options, unixTime: () => unixMillis(Date.now()) },
      random,
    );
    this.#driver = new TrackerDriver(this.#tracker, now, (output) => {
      this.#perform(output);
    });
    this.#seedDesk = new SeedDesk(
      seeding,
      {
        send: (connection, message) => {
          this.#send(connection, message);
        },
        onLost: (mountId, peerId) => {
          this.#driver.push({ type: 'seedLost', mountId, peerId });
        },
      },
      log,
    );
    for (const mount of mounts)
      this.#driver.push({ type: 'mountAdded', mountId: mount.id, bitrateKbps: mount.bitrateKbps });
    seeding.start({
      onPath: (mountId, up) => {
        this.#driver.push({ type: 'seedPath', mountId, up });
      },
      onStalled: (mountId, peerId) => {
        this.#driver.push({ type: 'seedStalled', mountId, peerId });
      },
      onLost: (mountId, peerId) => {
        this.#driver.push({ type: 'seedLost', mountId, peerId });
      },
      onMoved: (_, peerId, offer) => {
        this.#seedDesk.moved(peerId, offer);
      },
    });
    this.#unanswer = upgradesOf(httpServer).answer(TRACKER_PATH, this.#onUpgrade);
  }

  /** Who listens, one by one. */
  get hearers(): HearerSource {
    return trackerHearers(this.#sockets);
  }

  get counters(): TrackerCounters {
    return {
      connections: this.#sockets.size,
      messagesReceived: this.#received,
      messagesSent: this.#sent,
      messagesMalformed: this.#malformed,
    };
  }

  swarm(mountId: MountId): SwarmSnapshot | undefined {
    return this.#tracker.snapshot().swarms.find((swarm) => swarm.mountId === mountId);
  }

  /** For `/api/statistics`; null for a mount that is not tracked. */
  status(mountId: MountId): SwarmStatus | null {
    const swarm = this.swarm(mountId);
    if (swarm === undefined) return null;
    return {
      listeners: swarm.listeners,
      seeds: new Set(swarm.seeds.flatMap(({ peerIds }) => peerIds)).size,
      bytesFromPeers: swarm.bytesFromPeers,
      bytesFromEdges: swarm.bytesFromEdges,
    };
  }

  /** Drops all connections and refuses new ones until `resume`: for tests of what listeners do then. */
  suspend(): void {
    if (this.#state !== 'open') return;
    this.#state = 'suspended';
    this.#sockets.terminateAll();
  }

  resume(): void {
    if (this.#state === 'suspended') this.#state = 'open';
  }

  /** All listeners are told `addresses` anew, spread over ADDRESSES_SPREAD_MS. */
  addressesChanged(): void {
    if (this.#options.addresses === undefined) return;
    this.#sockets.visitSpread(ADDRESSES_SPREAD_MS, (socket) => {
      this.#tellAddresses(socket);
    });
  }

  /**
   * The tracker goes away: newcomers are refused, and members, told `addresses` anew before, are let go one after the
   * other within the time.
   */
  leave(withinMs: number): void {
    if (this.#state !== 'open') return;
    this.#state = 'suspended';
    const tellMs = withinMs * TELL_SHARE;
    this.#sockets.visitSpread(tellMs, (socket) => {
      this.#tellAddresses(socket);
    });
    setTimeout(() => {
      this.#sockets.visitSpread(withinMs - tellMs, (socket) => {
        socket.close(TRACKER_CLOSE_CODES.unavailable, 'this tracker goes away');
      });
    }, tellMs).unref();
  }

  close(): void {
    this.#state = 'closed';
    this.#unanswer();
    this.#driver.stop();
    this.#sockets.stop();
    this.#webSockets.close();
  }

  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (this.#state !== 'open') {
      refuseUpgrade(socket, '503 Service Unavailable');
      return;
    }
    const { clientAddress, admits, siteOf } = this.#options;
    if (admits?.(request) === false) {
      refuseUpgrade(socket, '403 Forbidden');
      return;
    }
    const address = clientAddress(request);
    const site = siteOf?.(request) ?? NO_SITE;
    const mount = toldMount(request);
    const publicUrl = this.#options.publicUrl?.(request) ?? '';
    const userAgent = request.headers['user-agent'] ?? '';
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.publicUrl = publicUrl;
      webSocket.site = site;
      webSocket.connectedAt = unixMillis(Date.now());
      webSocket.isServer = isOwnServer(userAgent);
      if (this.#options.keepAddresses === true) {
        webSocket.address = address;
        webSocket.userAgent = userAgent;
      }
      if (mount !== null) this.#countSite(webSocket, mount);
      this.#opened(webSocket, address);
    });
  };

  #opened(socket: TrackerSocket, address: string): void {
    this.#lastConnection += 1;
    socket.connectionId = this.#lastConnection;
    socket.on('message', this.#onMessage);
    socket.on('close', this.#onClose);
    // An error is followed by `close`, which says all that matters.
    socket.on('error', ignore);
    this.#sockets.add(socket);
    this.#driver.push({ type: 'connected', connection: socket.connectionId, address });
  }

  // The same functions for all sockets; `on` gives the socket as `this`, which an arrow function could not take.
  readonly #onMessage = this.#withSocket((socket, data: RawData, isBinary: boolean) => {
    this.#received += 1;
    const message = this.#proven(socket, isBinary ? null : parseListenerMessage(data));
    if (message === null) {
      this.#malformed += 1;
      socket.close(TRACKER_CLOSE_CODES.malformed, 'not a message of this protocol');
      return;
    }
    if (message.type === 'join') {
      socket.mountId = mountId(message.mountId);
      if (message.participation === 'dedicated') socket.isServer = true;
      this.#countSite(socket, socket.mountId);
    }
    this.#driver.push({ type: 'message', connection: socket.connectionId, message });
    if (message.type === 'join') this.#tellAddresses(socket);
  });

  /** Relays are seeds before all listeners: who cannot show that it is one is taken for a listener that passes on. */
  #proven(socket: TrackerSocket, message: ListenerMessage | null): ListenerMessage | null {
    if (message?.type !== 'join' || message.participation !== 'dedicated') return message;
    const isRelay = this.#options.mayBeRelay?.(mountId(message.mountId), message.relayPass) ?? true;
    if (!isRelay) return { ...message, participation: 'relay' };
    socket.relayKey = message.relayPass?.relayKey ?? null;
    return message;
  }

  readonly #onClose = this.#withSocket((socket) => {
    this.#sockets.remove(socket);
    if (socket.countedOn !== null) this.#siteListeners.leave(socket.countedOn, socket.site);
    this.#driver.push({ type: 'disconnected', connection: socket.connectionId });
  });

  #countSite(socket: TrackerSocket, id: MountId): void {
    if (socket.countedOn !== null || !this.#options.mounts.some((mount) => mount.id === id)) return;
    socket.countedOn = id;
    socket.site = this.#siteListeners.join(socket.countedOn, socket.site);
  }

  #withSocket<Rest extends unknown[]>(
    act: (socket: TrackerSocket, ...rest: Rest) => void,
  ): (this: WebSocket, ...rest: Rest) => void {
    return function handle(this: WebSocket, ...rest: Rest): void {
      if (this instanceof TrackerSocket) act(this, ...rest);
    };
  }

  #perform(output: TrackerOutput): void {
    switch (output.type) {
      case 'send':
        this.#send(output.connection, output.message);
        return;
      case 'close':
        this.#sockets.close(output.connection, output.code, output.reason);
        return;
      case 'assignSeed':
        this.#seedDesk.assign(output);
        return;
      case 'releaseSeed':
        this.#seedDesk.release(output.mountId, output.peerId);
        return;
      case 'connectSeed':
        this.#options.seeding.connect(
          output.mountId,
          output.peerId,
          output.transportId,
          output.dtlsParameters,
        );
        return;
      case 'seedFailed': {
        const { mountId, peerId, reason, complainant } = output;
        this.#options.seeding.failed(mountId, peerId, { reason, complainant });
        return;
      }
      case 'distrusted':
      case 'resting': {
        const relayKey = this.#sockets.get(output.member)?.relayKey ?? null;
        if (relayKey !== null) this.#options.onRelayJudged?.(relayKey, output.type);
        return;
      }
      case 'edgeComplaint':
        this.#options.onEdgeComplaint?.(output.address, output.reason, output.complainant);
    }
  }

  /** After its welcome: a connection that was refused is closing, and takes nothing any more. */
  #tellAddresses(socket: TrackerSocket): void {
    const { addresses, iceServers } = this.#options;
    const { mountId, publicUrl } = socket;
    if (addresses === undefined || mountId === null) return;
    const { edges, trackers } = addresses({ publicUrl, mountId });
    this.#send(socket.connectionId, {
      type: 'edges',
      edges: edgeAddresses(edges),
      trackers: trackerAddresses(trackers),
      ...(iceServers === undefined ? {} : { iceServers: iceServers(publicUrl) }),
    });
  }

  #send(connection: number, message: TrackerMessage): void {
    this.#sent += 1;
    this.#sockets.send(connection, JSON.stringify(message));
  }
}

function parseListenerMessage(data: RawData): ListenerMessage | null {
  try {
    const parsed = listenerMessageSchema.safeParse(JSON.parse(textOf(data)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function textOf(data: RawData): string {
  if (Buffer.isBuffer(data)) return data.toString('utf8');
  return (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)).toString('utf8');
}

const ignore = (): void => undefined;
