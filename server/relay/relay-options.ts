import type { TlsConfig } from '../config/config.ts';
import type { BudgetLimits } from './budget.ts';
import type { StationAddress } from './station-address.ts';

/** All that a relay is told; `relay-command-line.ts` makes it. */
export interface RelayOptions {
  readonly address: StationAddress;
  /** Paths of the mounts to relay; null: all. */
  readonly mounts: readonly string[] | null;
  /** Absolute; for the relay's key, the stations' keys and the month's count. */
  readonly stateFolder: string;
  /** `uploadKbps` null: to be measured. */
  readonly limits: Omit<BudgetLimits, 'uploadKbps'> & { readonly uploadKbps: number | null };
  /** Served at a time; null: as many as the upload carries. */
  readonly listenersMax: number | null;
  /** Under which the station may thank us; null: unnamed. */
  readonly nickname: string | null;
  /** Null: none. */
  readonly metrics: MetricsAddress | null;
  /** Null: a relay at home, without an open port. */
  readonly publicAddress: PublicAddress | null;
  /** JSON objects instead of lines for people. */
  readonly json: boolean;
}

export interface MetricsAddress {
  readonly host: string;
  readonly port: number;
}

/** Where and as what a relay can be reached. */
export interface PublicAddress {
  /** As listeners type it, no slash at the end. */
  readonly url: string;
  /** To listen on; null: all. */
  readonly host: string | null;
  readonly port: number;
  /** Null: https is a reverse proxy's, or there is none. */
  readonly tls: TlsConfig | null;
  /** Of mediasoup, and TCP; worker n has port + n. Null: no WebRTC. */
  readonly udpPort: number | null;
  /** Null: no STUN. */
  readonly stunPort: number | null;
  /** IP address by which listeners reach the UDP ports; null: this machine's own. */
  readonly announcedAddress: string | null;
  /** Listeners may be introduced to each other here. */
  readonly isTracking: boolean;
  /** The station connects to us and feeds us, as it has no public address of its own. */
  readonly isFed: boolean;
  /** Of the reverse proxy before us. */
  readonly trustedProxies: readonly string[];
}
