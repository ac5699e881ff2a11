import type { Server } from 'node:http';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { decodeChunk } from '../../../shared/chunk/chunk-codec.ts';
import { STRIPE_COUNT } from '../../../shared/units.ts';
import type { MountId } from '../../../shared/units.ts';
import type { StationDescription } from '../../../shared/station/description.ts';
import type { ShownStation } from '../../../shared/station/page.ts';
import { startEdgeServer } from '../../edge-server.ts';
import type { EdgeConfig, EdgeParts, EdgeServer } from '../../edge-server.ts';
import type { EdgeEnv } from '../../edge/api.ts';
import type { Addresses } from '../../edge/edge-network.ts';
import type { EdgeLoad, Room } from '../../edge/room.ts';
import { errorText } from '../../error.ts';
import { FeedServer } from '../../feed/feed-server.ts';
import { FollowedStation } from '../../follow/followed-station.ts';
import { hasItsOwnMounts, lookUpStations } from '../../follow/look-up-station.ts';
import { closeHttp } from '../../http-server.ts';
import type { Log } from '../../log.ts';
import { openHttp } from '../../open-http.ts';
import { THANKS_HEADERS } from '../../relays/thanks.ts';
import { addressQuery, addressText } from '../../relays/relay-messages.ts';
import type { SeedRoom } from '../../relays/seeding-messages.ts';
import { SEEDS_PER_MOUNT_MAX } from '../../seeding/mount-seeding.ts';
import { sleep } from '../find-station.ts';
import type { Usage } from '../budget.ts';
import type { MountFigures } from '../mount-relay.ts';
import { signedFigures } from '../relay-gift.ts';
import type { RelayGift } from '../relay-gift.ts';
import type { RelayIdentity } from '../relay-identity.ts';
import { startRegistration } from '../registration.ts';
import type { Registration } from '../registration.ts';
import { withMounts } from '../wanted-mounts.ts';
import { GuestSeeds } from './guest-seeds.ts';
import { KnownThanks } from './known-thanks.ts';
import { publicMountFigures, TakenBytes } from './public-mounts.ts';
import { createRelayNetwork } from './relay-network.ts';
import { relayRoom, seedsFree, shareInUse, STREAMS_SHARE } from './relay-room.ts';
import type { RoomLimits } from './relay-room.ts';

export interface PublicRelayOptions {
  /** The station's public key, base64url: what is relayed must be signed with it. */
  readonly stationKey: string;
  /** Base addresses to take the station from, best first; none: the station feeds us. */
  readonly upstreams: readonly string[];
  /** By which listeners reach us, no slash at the end. */
  readonly publicUrl: string;
  /** Listeners may also be introduced to each other here. */
  readonly isTracking: boolean;
  readonly nickname: string | null;
  readonly identity: RelayIdentity;
  readonly config: EdgeConfig;
  /** What we give at most at a time. */
  readonly limits: RoomLimits;
  /** What has been sent this month, over restarts. */
  readonly usage: () => Pick<Usage, 'month' | 'monthBytes'>;
  /** Paths of the mounts to relay; null: all. */
  readonly mounts: readonly string[] | null;
  readonly log: Log;
  readonly parts?: EdgeParts;
}

export interface PublicRelay {
  readonly port: number;
  /** Null until the station is known. */
  readonly station: FollowedStation | null;
  readonly edge: EdgeServer | null;
  /** Bytes of sound sent since the start. */
  readonly bytesSent: number;
  /** Feeds that did not prove the station's key. */
  readonly feedsRefused: number;
  figures(): RelayGift;
  /** Since its start. */
  mountFigures(): readonly MountFigures[];
  /** What the station last said of this relay, or empty: why it is not offered to listeners. */
  readonly reason: string;
  /**
   * Safe to call twice.
   * @param handOverMs for listeners to go elsewhere, at most; 0: without a word to anybody.
   */
  stop(handOverMs?: number): Promise<void>;
}

const LOOK_UP_AGAIN_MS = 3_000;
const STOP_GRACE_MS = 1_000;
const GUESTS_LOOK_MS = 100;
/** Listeners that have not found another edge by then are left to find one by themselves. */
export const PUBLIC_HAND_OVER_MS = 8_000;

/**
 * An edge of somebody else's station: takes one copy of each mount from the station's edges or gets it from the station
 * itself, checks every chunk, and serves it as the station's own server does: page, API, mounts, seeds and, if wished,
 * a tracker.
 * @throws ConfigError (the promise rejects) if the port cannot be had.
 */
export async function startPublicRelay(options: PublicRelayOptions): Promise<PublicRelay> {
  const { config, log } = options;
  const http = await openHttp(config.http, log);
  return new RunningRelay(options, http);
}

class RunningRelay implements PublicRelay {
  readonly port: number;
  readonly #options: PublicRelayOptions;
  readonly #http: Server;
  readonly #feedServer: FeedServer;
  readonly #closing = new AbortController();
  #station: FollowedStation | null = null;
  #edge: EdgeServer | null = null;
  #guests: GuestSeeds | null = null;
  readonly #thanks: KnownThanks;
  readonly #taken = new TakenBytes();
  #unfollowThanks: () => void = () => undefined;
  #registration: Registration | null = null;
  #told: Addresses = { edges: [], trackers: [] };
  #reason = '';
  #isLeaving = false;
  #hasPass = false;
  /** Of the mounts that we relay; null: all of the station's. */
  #mountIds: readonly string[] | null = null;
  #stopping: Promise<void> | null = null;

  constructor(options: PublicRelayOptions, http: Server) {
    this.#options = options;
    this.#http = http;
    const address = http.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    const { stationKey, identity, nickname, isTracking, log } = options;
    this.#thanks = new KnownThanks(stationKey);
    this.#feedServer = new FeedServer({
      stationKey,
      identity,
      nickname,
      isTracking,
      mountIds: () => this.#mountIds,
      positions: () =>
        (this.#station?.mounts ?? []).flatMap((mount) =>
          mount.newest === null ? [] : [[mount.id, mount.newest] as const],
        ),
      onStation: (station) => this.#learned(station),
      onLogo: (bytes) => this.#station?.takeLogo(bytes),
      onAddresses: (addresses) => this.#takeAddresses(addresses),
      onThanks: (relays) => this.#thanks.take(relays),
      figures: () => signedFigures(this.figures(), options, Date.now()),
      openGuests: (send) => this.#guests?.open(send) ?? null,
      onChunk: (wire) => this.#fed(wire),
      onFed: (isFed) => {
        if (!isFed) this.#station?.feedEnded();
      },
      log,
    });
    this.#feedServer.listen(http);
    void this.#lookUp();
  }

  get station(): FollowedStation | null {
    return this.#station;
  }

  get edge(): EdgeServer | null {
    return this.#edge;
  }

  get reason(): string {
    return this.#reason;
  }

  get feedsRefused(): number {
    return this.#feedServer.refused;
  }

  get bytesSent(): number {
    return this.mountFigures().reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  }

  stop(handOverMs: number = PUBLIC_HAND_OVER_MS): Promise<void> {
    return (this.#stopping ??= this.#stop(handOverMs));
  }

  async #stop(handOverMs: number): Promise<void> {
    this.#closing.abort();
    if (handOverMs > 0) await this.#handOver(handOverMs);
    this.#registration?.stop();
    this.#unfollowThanks();
    this.#feedServer.close();
    await this.#station?.close();
    if (this.#edge === null) await closeHttp(this.#http, STOP_GRACE_MS);
    else await this.#edge.stop();
  }

  async #handOver(withinMs: number): Promise<void> {
    this.#isLeaving = true;
    this.#feedServer.leave();
    const until = performance.now() + withinMs;
    await this.#registration?.leave();
    await this.#edge?.handOver(withinMs);
    // Those whom the station fed here have other places by now, or are about to.
    while ((this.#guests?.count ?? 0) > 0 && performance.now() < until) await sleep(GUESTS_LOOK_MS);
  }

  /** Asks the edges who the station is until one tells, unless the station itself tells before. */
  async #lookUp(): Promise<void> {
    const { upstreams, stationKey, log } = this.#options;
    while (this.#station === null && !this.#closing.signal.aborted && upstreams.length > 0) {
      for (const upstream of upstreams) {
        try {
          const stations = await lookUpStations(upstream);
          const station = stations.find(({ publicKey }) => publicKey === stationKey);
          if (station !== undefined) this.#learned(station);
          else log.warn({ upstream }, 'there is no station with this key there');
        } catch (error) {
          log.warn({ upstream, error: errorText(error) }, 'the station does not answer; trying again');
        }
        if (this.#station !== null) return;
      }
      await pause(LOOK_UP_AGAIN_MS, this.#closing.signal);
    }
  }

  #learned(description: ShownStation): void {
    const { stationKey, identity, log } = this.#options;
    if (description.publicKey !== stationKey || !hasItsOwnMounts(description)) return;
    const wanted = withMounts(description, this.#options.mounts);
    if (wanted.mounts.length === 0) {
      const there = description.mounts.map(({ path }) => path);
      log.error({ there, wanted: this.#options.mounts }, 'the station has none of the mounts to relay');
      return;
    }
    if (this.#station !== null) {
      this.#station.describe(wanted);
      return;
    }
    if (this.#closing.signal.aborted) return;
    const station = new FollowedStation({
      description: wanted,
      upstreams: () => this.#upstreams(),
      relayKey: identity.publicKeyText,
      onPath: (mountId) => this.#edge?.endRelays(mountId),
      log,
      random: Math.random,
    });
    this.#warnOfLittle(wanted);
    this.#mountIds =
      wanted.mounts.length === description.mounts.length ? null : wanted.mounts.map(({ id }) => id);
    this.#station = station;
    this.#taken.count(station);
    this.#serve(station).catch((error: unknown) => {
      log.error({ error: errorText(error) }, 'cannot serve the station');
    });
  }

  #warnOfLittle({ mounts }: StationDescription): void {
    const { limits, log } = this.#options;
    const least = Math.min(...mounts.map(({ bitrateKbps }) => bitrateKbps));
    if (limits.uploadKbps * STREAMS_SHARE >= least) return;
    log.warn(
      { uploadKbps: limits.uploadKbps, neededKbps: Math.ceil(least / STREAMS_SHARE) },
      'this upload does not carry one listener: only first seconds and single chunks are served',
    );
  }

  /** The members of our tracker are told as well. */
  #takeAddresses({ edges, trackers }: Addresses): void {
    const before = JSON.stringify(this.#told);
    this.#told = { edges, trackers };
    if (JSON.stringify(this.#told) !== before && !this.#isLeaving) this.#edge?.tracker.addressesChanged();
  }

  /** Those we were given, then the station's other edges: any has the same sound, and says by whom. */
  #upstreams(): readonly string[] {
    const { upstreams, publicUrl } = this.#options;
    return [...new Set([...upstreams, ...this.#told.edges])].filter((address) => address !== publicUrl);
  }

  async #serve(station: FollowedStation): Promise<void> {
    const { config, log, parts = {}, identity, isTracking, stationKey, upstreams } = this.#options;
    const room = relayRoom(this.#options.limits, () => this.#load);
    const edge = await startEdgeServer(this.#http, {
      config,
      stations: [station],
      sourceStatus: (id) => ({
        state: station.path(id) === null ? 'waiting' : 'live',
        source: '',
        detail: '',
      }),
      network: createRelayNetwork({
        relayKey: identity.publicKeyText,
        isTracking,
        station,
        known: () => this.#told,
        isLeaving: () => this.#isLeaving,
      }),
      // Only a station that we can reach has given passes, to others as well.
      takesRelay: () => (this.#hasPass ? () => true : null),
      addRoutes: (app) => {
        this.#answerProof(app);
        app.get('/api/relays', (c) => c.json({ relays: this.#thanks.told(Date.now()) }, 200, THANKS_HEADERS));
      },
      wrapSeeding: (own) =>
        (this.#guests = new GuestSeeds({
          own,
          whyNot: (mountId, stripes) => this.#whyNoGuest(station, room, mountId, stripes),
        })),
      room,
      log,
      parts,
    });
    if (!isTracking) edge.tracker.suspend();
    this.#edge = edge;
    log.info(
      { station: station.name, mounts: station.mounts.map(({ path }) => path) },
      'serving the station',
    );
    const [origin] = upstreams;
    if (origin === undefined || this.#closing.signal.aborted) return;
    this.#unfollowThanks = this.#thanks.follow(origin, log);
    this.#registration = startRegistration({
      origin,
      stationKey,
      identity,
      nickname: this.#options.nickname,
      publicUrl: this.#options.publicUrl,
      mountIds: this.#mountIds,
      isTracking,
      guests: this.#guests,
      figures: () => this.figures(),
      onState: (state) => {
        this.#hasPass ||= state.pass !== null;
        this.#takeAddresses(state);
        if (state.reason !== this.#reason) {
          this.#reason = state.reason;
          if (state.reason === '') log.info('listeners are told of this relay');
          else log.warn({ reason: state.reason }, 'listeners are not told of this relay');
        }
      },
      log,
    });
  }

  #whyNoGuest(station: FollowedStation, room: Room, mountId: MountId, stripes: number): string | null {
    const mount = station.mounts.find(({ id }) => id === mountId);
    if (this.#isLeaving) return 'This relay is about to stop';
    if (mount === undefined || station.path(mountId) === null) return 'There is no sound to relay here now';
    return room.whyNot(mount, stripes / STRIPE_COUNT);
  }

  /** Null: seeds cannot be fed here over WebRTC. */
  #seedRoom(): SeedRoom | null {
    if (this.#guests?.isUp !== true || this.#isLeaving) return null;
    const bitrateKbps = Math.max(...(this.#station?.mounts ?? []).map((mount) => mount.bitrateKbps));
    const free = seedsFree(this.#options.limits, this.#load, bitrateKbps / STRIPE_COUNT);
    return { seeds: this.#guests.count, free: Math.min(free, SEEDS_PER_MOUNT_MAX - this.#guests.count) };
  }

  #answerProof(app: OpenAPIHono<EdgeEnv>): void {
    const { identity, publicUrl } = this.#options;
    app.get('/api/relay', (c) => {
      const query = addressQuery.safeParse(c.req.query());
      if (!query.success) return c.json({ error: 'Cannot read nonce' }, 400);
      const signature = identity.sign(Buffer.from(addressText(query.data.nonce, publicUrl)));
      return c.json(
        {
          relayKey: identity.publicKeyText,
          signature: Buffer.from(signature).toString('base64url'),
        },
        200,
        { 'Cache-Control': 'no-store' },
      );
    });
  }

  figures(): RelayGift {
    const mounts = this.#station?.mounts ?? [];
    const uploadKbps = mounts.reduce((sum, { id }) => sum + (this.#edge?.egress.recentKbps(id) ?? 0), 0);
    const { month, monthBytes } = this.#options.usage();
    return {
      listeners: this.mountFigures().reduce((sum, { listeners }) => sum + listeners, 0),
      uploadKbps,
      uploadMaxKbps: this.#options.limits.uploadKbps,
      month,
      bytesMonth: monthBytes,
      load: shareInUse(this.#options.limits, this.#load),
      seeding: this.#seedRoom(),
    };
  }

  mountFigures(): readonly MountFigures[] {
    if (this.#station === null || this.#edge === null) return [];
    return publicMountFigures(this.#station, this.#edge, this.#taken);
  }

  get #load(): EdgeLoad {
    return this.#edge?.load() ?? { listeners: 0, kbps: 0 };
  }

  #fed(wire: Uint8Array): boolean {
    const decoded = decodeChunk(wire);
    if (!decoded.ok || this.#station === null) return false;
    const mount = this.#station.mounts.find(({ id }) => id === decoded.chunk.header.mountId);
    // A mount that the station has added since: known after our next start.
    if (mount === undefined) return true;
    return this.#station.feed(mount, decoded.chunk);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
