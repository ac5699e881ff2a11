import type { UnixMillis } from '../../shared/units.ts';
import type { MountId } from '../../shared/units.ts';
import type { AllowedSites } from '../embed/allowed-sites.ts';
import type { SiteListeners } from '../embed/site-listeners.ts';
import type { Log } from '../log.ts';
import type { SourceStatus } from '../station/station-mount.ts';
import type { SourceDesk } from '../source-client/source-desk.ts';
import type { ListenerPrivacyConfig } from '../config/config.ts';
import type { HlsAudience } from '../hls/hls-audience.ts';
import type { Audience } from '../icecast/audience.ts';
import type { NowPlayingDesk } from '../now-playing/now-playing-desk.ts';
import type { Players } from '../icecast/players.ts';
import type { EdgeNetwork } from './edge-network.ts';
import type { EgressCounter } from './egress.ts';
import type { Forwarding } from './forwarding.ts';
import type { IceServerOptions } from './ice-servers.ts';
import type { LiveStation } from './live-station.ts';
import type { LiveStreams } from './live-streams.ts';
import type { Room } from './room.ts';

/** Everything that the edge's routes stand on. */
export interface EdgeContext {
  readonly stations: readonly LiveStation[];
  readonly egress: EgressCounter;
  readonly streams: LiveStreams;
  readonly players: Players;
  readonly audience: Audience;
  readonly hlsAudience: HlsAudience;
  readonly room: Room;
  readonly listenerPrivacy: ListenerPrivacyConfig;
  readonly forwarding: Forwarding;
  readonly ice: IceServerOptions;
  readonly page: PageSettings;
  readonly sites: AllowedSites;
  readonly siteListeners: SiteListeners;
  readonly status: StatusProviders;
  /** Null: this is a relay, which nobody feeds and nobody administers. */
  readonly sourceDesk: SourceDesk | null;
  readonly network: EdgeNetwork;
  /** Null: this is a relay. */
  readonly nowPlaying: NowPlayingDesk | null;
  readonly log: Log;
  readonly now: () => UnixMillis;
  /** Folder of the built page. */
  readonly pageFolder: string;
}

/** What the page is told besides the station. */
export interface PageSettings {
  readonly playoutDelayMs: number;
  readonly uploadCapKbps: number;
  /** Whether a listener is asked to relay or not, and what holds until they have said. */
  readonly askToRelay: boolean;
  readonly relayByDefault: boolean;
}

/** What other parts of the server tell of themselves. */
export interface StatusProviders {
  source(mountId: MountId): SourceStatus;
  /** Null: no tracker runs. */
  swarm(mountId: MountId): SwarmStatus | null;
  tracker(): TrackerCounters;
  seeding(): SeedingStatus;
}

/** Messages since the start; malformed ones have been received as well. */
export interface TrackerCounters {
  readonly connections: number;
  readonly messagesReceived: number;
  readonly messagesSent: number;
  readonly messagesMalformed: number;
}

/** Totals of the listeners' reports; bytes since each one joined, of those who are there. */
export interface SwarmStatus {
  readonly listeners: number;
  readonly seeds: number;
  readonly bytesFromPeers: number;
  readonly bytesFromEdges: number;
}

/** `off`: switched off; `unavailable`: no worker can be had, seeds get their stripes over HTTP. */
export interface SeedingStatus {
  readonly state: 'ready' | 'starting' | 'unavailable' | 'off';
  readonly detail: string;
}
