import type { StationPage } from '../../shared/station/page.ts';
import type { Logo } from '../page/logo.ts';

/**
 * Everything a server is told, checked and complete: defaults are filled in, so nothing below asks "is it set?"
 * except where null has a meaning of its own. `config-file.ts` and `command-line.ts` make it.
 */
export interface Config {
  readonly stations: readonly StationConfig[];
  /** Absolute path of the folder for keys and state. */
  readonly dataFolder: string;
  readonly http: HttpConfig;
  /** Who may administer the server over HTTP; null: nobody. */
  readonly admin: Login | null;
  /** The Shoutcast v1 protocol for source clients; null: not spoken. */
  readonly shoutcast: ShoutcastConfig | null;
  readonly stun: StunConfig;
  readonly turn: readonly TurnConfig[];
  readonly webrtc: WebRtcConfig;
  readonly tracker: TrackerConfig;
  readonly swarm: SwarmConfig;
  readonly playback: PlaybackConfig;
  readonly embedding: EmbeddingConfig;
  readonly listenerPrivacy: ListenerPrivacyConfig;
  readonly relays: RelaysConfig;
  readonly logLevel: LogLevel;
}

export interface StationConfig {
  /** Lower-case letters, digits and hyphens: part of addresses and of the data folder. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Colours, texts and links of its page. */
  readonly page: StationPage;
  readonly logo: Logo | null;
  /** What the station's software says of what plays; null: only what is in the stream. */
  readonly nowPlaying: NowPlayingConfig | null;
  readonly mounts: readonly MountConfig[];
  /** Base addresses of public relays that we connect to, and send the sound to, by ourselves. */
  readonly feed: readonly string[];
}

/** AzuraCast's now-playing: asked for, brought by its webhook, or both. */
export interface NowPlayingConfig {
  /** E.g. `https://azuracast.example/api/nowplaying_static/radio.json`. */
  readonly url: string | null;
  readonly webhookToken: string | null;
  /** How long the sound takes from there to here: for streams that say no title of their own. */
  readonly delayMs: number;
}

export interface MountConfig {
  /** E.g. `/live.mp3`; unique over all stations. */
  readonly path: string;
  /** The first is the one to play; the others stand in for it, in this order. None: only source clients feed it. */
  readonly sources: readonly SourceConfig[];
  /** Who may send sound to the mount; null: nobody. */
  readonly sourceClient: Login | null;
  /** What to announce before there is enough to measure; null: guess by the codec. */
  readonly bitrateKbps: number | null;
}

/** A user's name and password. Never logged. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

export interface ShoutcastConfig {
  /** The mount that its source clients feed, as they name none. */
  readonly mount: string;
  /** Null: the port after HTTP's, where such clients look for it; 0: any free port (for tests). */
  readonly port: number | null;
}

export type SourceConfig = { readonly kind: 'url'; readonly url: string } | { readonly kind: 'demo' };

export interface HttpConfig {
  /** Address to listen on; null: all, IPv4 and IPv6. */
  readonly host: string | null;
  /** 0: any free port (for tests). */
  readonly port: number;
  /** What listeners type, without a slash at the end; null: taken from each request. */
  readonly publicUrl: string | null;
  /** Addresses or CIDR ranges of reverse proxies whose forwarding headers are believed. */
  readonly trustedProxies: readonly string[];
  /**
   * The headers that those proxies set, over whatever a client sent: `X-Forwarded-*` (Caddy, nginx, HAProxy,
   * Traefik) or `Forwarded` (RFC 7239). The others pass through a proxy untouched, so they are never believed.
   */
  readonly forwardedBy: ForwardedBy;
  /** A certificate of the server's own; null: plain HTTP, as behind a reverse proxy. */
  readonly tls: TlsConfig | null;
}

/** Absolute paths of PEM files. */
export interface TlsConfig {
  /** The certificate, then those that vouch for it. */
  readonly certificateFile: string;
  readonly keyFile: string;
}

export const FORWARDED_BY = ['x-forwarded', 'forwarded'] as const;
export type ForwardedBy = (typeof FORWARDED_BY)[number];

export interface StunConfig {
  /** UDP port; null: no STUN; 0: any free port. */
  readonly port: number | null;
}

/** A TURN server that shares a secret with us: listeners get credentials that expire. */
export interface TurnConfig {
  readonly urls: readonly string[];
  readonly secret: string;
  readonly credentialLifetimeSeconds: number;
}

export interface WebRtcConfig {
  /** False: the edge pushes to seeds over HTTP only. */
  readonly enabled: boolean;
  /** The one UDP and TCP port of mediasoup's WebRtcServer; 0: any free port. Worker n listens on port + n. */
  readonly port: number;
  /** The address that listeners reach us at; null: chosen sensibly. */
  readonly announcedAddress: string | null;
  /** Workers at most; null: one per core. */
  readonly workersMax: number | null;
}

export interface TrackerConfig {
  readonly peersPerSwarmMax: number;
  readonly peersPerAddressMax: number;
  readonly messagesPerSecondMax: number;
  readonly reportIntervalMs: number;
}

export interface SwarmConfig {
  /** Under this many listeners the edge serves everyone and nobody's address is shown to anybody. */
  readonly smallSwarmSize: number;
}

export interface PlaybackConfig {
  /** Distance of play-out from the live edge. */
  readonly playoutDelayMs: number;
  /** What a listener passes on at most, unless the listener says otherwise. */
  readonly uploadCapKbps: number;
  /** Whether the page asks a listener to relay or just to listen, and what holds until they have said. */
  readonly askToRelay: boolean;
  readonly relayByDefault: boolean;
}

export interface EmbeddingConfig {
  /** Sites that may show the player, as in `frame-ancestors`; null: every site. */
  readonly allowedSites: readonly string[] | null;
}

export interface ListenerPrivacyConfig {
  /** Listeners' addresses and programs are shown to the administrator (`/admin/listclients`) while they listen. */
  readonly keepAddresses: boolean;
}

export const RELAYS_ALLOWED = ['all', 'listed', 'none'] as const;

/** Community relays: who may be one. */
export interface RelaysConfig {
  readonly allow: (typeof RELAYS_ALLOWED)[number];
  /** Public keys of relays, as they show them. */
  readonly listed: readonly string[];
  readonly banned: readonly string[];
  /** Listeners cannot reach us, as at home behind a router: only relays are named to them. */
  readonly hideOrigin: boolean;
}

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
