import type { IncomingMessage, Server } from 'node:http';
import type { EdgeServer } from '../edge-server.ts';
import type { EdgeNetwork } from '../edge/edge-network.ts';
import { FeedClient } from '../feed/feed-client.ts';
import type { Log } from '../log.ts';
import type { RelaysConfig } from '../config/config.ts';
import type { Station } from '../station/station.ts';
import { createOriginNetwork } from './origin-network.ts';
import { RelayDesk } from './relay-desk.ts';
import type { FedConnection } from './relay-desk.ts';

export interface OriginRelaysOptions {
  readonly config: RelaysConfig;
  /** Addresses of the relays that each station feeds, in the stations' order. */
  readonly feeds: readonly (readonly string[])[];
  readonly stations: readonly Station[];
  readonly clientAddress: (request: IncomingMessage) => string;
  /** How others reach this server, where that is known without a request. */
  readonly publicUrl: string | null;
  readonly log: Log;
}

/** The relays of a server with stations of its own: those that come to it, and those that it feeds. */
export class OriginRelays {
  readonly desk: RelayDesk;
  readonly network: EdgeNetwork;
  readonly #options: OriginRelaysOptions;
  #feeds: readonly FeedClient[] = [];
  #onChange: () => void = () => undefined;

  constructor(options: OriginRelaysOptions) {
    const { config, stations, clientAddress, log } = options;
    this.#options = options;
    this.desk = new RelayDesk({
      stations,
      policy: config,
      clientAddress,
      addresses: (stationId) => this.#addresses(stationId),
      onChange: () => {
        for (const feed of this.#feeds) feed.tell();
        this.#onChange();
      },
      log,
      random: Math.random,
    });
    this.network = createOriginNetwork(this.desk, config.hideOrigin, this.#mayCome());
  }

  /**
   * Once the server serves: takes relays, and begins to feed.
   * @param onChange the relays that listeners are told of have changed.
   */
  start(http: Server, edge: EdgeServer, onChange: () => void): void {
    this.#onChange = onChange;
    this.desk.listen(http);
    this.#feeds = this.#options.stations.flatMap((station, index) =>
      (this.#options.feeds[index] ?? []).map((relayUrl) => this.#feed(station, relayUrl, edge)),
    );
  }

  stop(): void {
    for (const feed of this.#feeds) feed.close();
    this.desk.close();
  }

  /** Without a request nobody can tell how we are reached: then only the relays are named. */
  #addresses(stationId: string): ReturnType<EdgeNetwork['addresses']> {
    const { publicUrl, config } = this.#options;
    const isHidden = config.hideOrigin || publicUrl === null;
    const network = createOriginNetwork(this.desk, isHidden, this.#mayCome());
    return network.addresses(stationId, publicUrl ?? '', null);
  }

  #mayCome(): boolean {
    const { config, feeds } = this.#options;
    return config.allow !== 'none' || feeds.some((urls) => urls.length > 0);
  }

  #feed(station: Station, relayUrl: string, edge: EdgeServer): FeedClient {
    const { log } = this.#options;
    let fed: FedConnection | null = null;
    return new FeedClient({
      relayUrl,
      stationKey: station.publicKeyText,
      sign: station.sign,
      mounts: station.mounts,
      logo: station.logo?.body ?? null,
      describe: () => ({
        id: station.id,
        name: station.name,
        description: station.description,
        page: station.page,
        publicKey: station.publicKeyText,
        mounts: station.mounts.map((mount) => mount.description()),
        edges: [],
        trackers: [],
        iceServers: [],
      }),
      addresses: () => this.#addresses(station.id),
      egress: edge.egress,
      thanks: () => this.desk.thanks(),
      onReady: (relay, send) => {
        fed?.lost();
        fed = this.desk.fed(station.id, { ...relay, publicUrl: relayUrl }, send);
      },
      onSaid: (message) => fed?.heard(message),
      onLeaving: (relayKey) => this.desk.leaving(relayKey),
      onLost: () => {
        fed?.lost();
        fed = null;
      },
      log,
    });
  }
}
