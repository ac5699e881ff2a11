import type { ShownStation, StationPage } from '../../shared/station/page.ts';
import type { UnixMillis } from '../../shared/units.ts';
import type { Logo } from '../page/logo.ts';
import type { LiveMount } from '../station/live-mount.ts';
import type { EdgeNetwork } from './edge-network.ts';
import { iceServers } from './ice-servers.ts';
import type { IceServerOptions } from './ice-servers.ts';

/** A station as the edge serves it. */
export interface LiveStation {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly page: StationPage;
  /** Null: it has none, or this relay has not got it yet. */
  readonly logo: Logo | null;
  /** 32 bytes in base64url. */
  readonly publicKeyText: string;
  readonly mounts: readonly LiveMount[];
}

/** @param publicUrl how the listener that asks reaches us; no slash at the end. */
export function describeStation(
  station: LiveStation,
  publicUrl: string,
  network: EdgeNetwork,
  ice: IceServerOptions,
  now: UnixMillis,
): ShownStation {
  return {
    id: station.id,
    name: station.name,
    description: station.description,
    page: station.page,
    publicKey: station.publicKeyText,
    mounts: station.mounts.map((mount) => mount.description()),
    ...network.addresses(station.id, publicUrl, null),
    iceServers: iceServers(ice, publicUrl, now),
  };
}
