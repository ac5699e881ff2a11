import type { ShownStation, StationPage } from '../../shared/station/page.ts';
import type { MountId, RandomSource } from '../../shared/units.ts';
import type { LiveStation } from '../edge/live-station.ts';
import { errorText } from '../error.ts';
import type { Log } from '../log.ts';
import type { Logo } from '../page/logo.ts';
import { createChunkCheck } from './chunk-check.ts';
import type { ChunkCheck } from './chunk-check.ts';
import { FollowedLogo } from './followed-logo.ts';
import { FollowedMount } from './followed-mount.ts';
import { hasItsOwnMounts, lookUpStations } from './look-up-station.ts';
import { MountPull } from './mount-pull.ts';

export interface FollowedStationOptions {
  /** As first known, with the key that is trusted. */
  readonly description: ShownStation;
  /** Base addresses of edges to pull from, best first; empty: it is only fed. */
  readonly upstreams: () => readonly string[];
  readonly relayKey: string;
  /** By way of which relays a mount's sound comes; null: there is none now. Called when that changes. */
  readonly onPath: (mountId: MountId, path: readonly string[] | null) => void;
  readonly log: Log;
  readonly random: RandomSource;
}

/** What is told of a station is asked for anew this often. */
const DESCRIPTION_INTERVAL_MS = 30_000;
/** A feed that brought no chunk for so long is not relied upon: the edges are asked as well. */
const FEED_SILENCE_MAX_MS = 1_000;
const LOOK_INTERVAL_MS = 250;

/** Somebody else's station, kept up to date from its edges, or fed by itself: every chunk is checked with its key. */
export class FollowedStation implements LiveStation {
  readonly id: string;
  readonly publicKeyText: string;
  readonly mounts: readonly FollowedMount[];
  readonly #options: FollowedStationOptions;
  readonly #check: ChunkCheck;
  readonly #pulls: ReadonlyMap<MountId, MountPull>;
  readonly #paths = new Map<MountId, readonly string[] | null>();
  /** When a chunk last came by the feed, by mount. */
  readonly #fedAt = new Map<MountId, number>();
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #logo: FollowedLogo;
  #name: string;
  #description: string;
  #page: StationPage;

  constructor(options: FollowedStationOptions) {
    const { description, log, random, relayKey, upstreams } = options;
    this.#options = options;
    this.id = description.id;
    this.publicKeyText = description.publicKey;
    this.#name = description.name;
    this.#description = description.description;
    this.#page = description.page;
    this.#logo = new FollowedLogo(description.id, log);
    this.#logo.want(description.page.logo?.file ?? null);
    void this.#logo.fetchFrom(upstreams());
    this.#check = createChunkCheck(description.publicKey);
    this.mounts = description.mounts.map((mount) => new FollowedMount(mount, this.#check));
    this.#pulls = new Map(
      this.mounts.map((mount) => [
        mount.id,
        new MountPull({
          mount,
          upstreams,
          relayKey,
          log,
          random,
          onPath: (path) => this.#pulled(mount.id, path),
        }),
      ]),
    );
    this.#timers = [
      setInterval(() => void this.#refresh(), DESCRIPTION_INTERVAL_MS),
      setInterval(() => this.#watchFeed(), LOOK_INTERVAL_MS),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  get name(): string {
    return this.#name;
  }

  get description(): string {
    return this.#description;
  }

  /** Names a logo only once it is here. */
  get page(): StationPage {
    return { ...this.#page, logo: this.logo === null ? null : this.#page.logo };
  }

  get logo(): Logo | null {
    return this.#logo.logo;
  }

  /** The station's own feed has brought a logo. */
  takeLogo(bytes: Uint8Array): void {
    this.#logo.take(bytes);
  }

  /** By way of which relays the mount's sound comes; null: there is none. */
  path(mountId: MountId): readonly string[] | null {
    return this.#paths.get(mountId) ?? null;
  }

  /** The station's own word, or an edge's: it must be of the same key. */
  describe(told: ShownStation): void {
    if (told.publicKey !== this.publicKeyText || !hasItsOwnMounts(told)) return;
    this.#name = told.name;
    this.#description = told.description;
    this.#page = told.page;
    this.#logo.want(told.page.logo?.file ?? null);
    for (const mount of this.mounts) {
      const described = told.mounts.find(({ id }) => id === mount.id);
      if (described !== undefined) mount.describe(described);
    }
  }

  /** A chunk of the station's own feed. False: it is not the station's. */
  feed(mount: FollowedMount, chunk: Parameters<FollowedMount['take']>[0]): boolean {
    const taken = mount.take(chunk, true);
    if (taken === 'forged' || taken === 'foreign') return false;
    this.#fedAt.set(mount.id, performance.now());
    this.#pulls.get(mount.id)?.pause(true);
    this.#setPath(mount.id, []);
    return true;
  }

  /** The feed has ended: the edges must serve again, at once. */
  feedEnded(): void {
    this.#fedAt.clear();
    for (const mount of this.mounts) this.#unfed(mount.id);
  }

  /** What is known of the edges has changed, or ours has proved bad. */
  restart(): void {
    for (const pull of this.#pulls.values()) pull.restart();
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([...this.#pulls.values()].map((pull) => pull.close()));
  }

  #pulled(mountId: MountId, path: readonly string[] | null): void {
    if (!this.#fedAt.has(mountId)) this.#setPath(mountId, path);
  }

  #setPath(mountId: MountId, path: readonly string[] | null): void {
    const before = this.path(mountId);
    if (before?.join(',') === path?.join(',')) return;
    this.#paths.set(mountId, path);
    this.#options.onPath(mountId, path);
  }

  #watchFeed(): void {
    const now = performance.now();
    for (const [id, at] of this.#fedAt)
      if (now - at > FEED_SILENCE_MAX_MS && this.#options.upstreams().length > 0) {
        this.#fedAt.delete(id);
        this.#unfed(id);
      }
  }

  #unfed(mountId: MountId): void {
    this.#setPath(mountId, null);
    this.#pulls.get(mountId)?.pause(false);
  }

  async #refresh(): Promise<void> {
    await this.#refreshDescription();
    await this.#logo.fetchFrom(this.#options.upstreams());
  }

  async #refreshDescription(): Promise<void> {
    for (const upstream of this.#options.upstreams()) {
      try {
        const stations = await lookUpStations(upstream);
        const told = stations.find(({ publicKey }) => publicKey === this.publicKeyText);
        if (told === undefined) continue;
        this.describe(told);
        return;
      } catch (error) {
        this.#options.log.debug({ upstream, error: errorText(error) }, 'no description from there');
      }
    }
  }
}
