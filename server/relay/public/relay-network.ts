import type { MountId } from '../../../shared/units.ts';
import { trackerAddress } from '../../edge/edge-network.ts';
import type { Addresses, Admission, EdgeNetwork } from '../../edge/edge-network.ts';
import type { FollowedStation } from '../../follow/followed-station.ts';
import { RELAYS_IN_A_ROW_MAX } from '../../follow/mount-pull.ts';

export interface RelayNetworkOptions {
  readonly relayKey: string;
  readonly isTracking: boolean;
  readonly station: FollowedStation;
  /** Edges and trackers that the station names. */
  readonly known: () => Addresses;
  /** We stop soon: others are to be asked. */
  readonly isLeaving: () => boolean;
}

/** A public relay among the station's other edges. */
export function createRelayNetwork(options: RelayNetworkOptions): EdgeNetwork {
  const { relayKey, isTracking, station, known, isLeaving } = options;
  return {
    relaysMayCome: true,
    addresses: (_, ownUrl) => {
      const { edges, trackers } = known();
      if (isLeaving())
        return { edges: without(ownUrl, edges), trackers: without(trackerAddress(ownUrl), trackers) };
      return {
        edges: withFirst(ownUrl, edges),
        trackers: isTracking ? withFirst(trackerAddress(ownUrl), trackers) : trackers,
      };
    },
    admit: (mountId, asker) => admit(station, mountId, relayKey, asker),
  };
}

const without = (own: string, addresses: readonly string[]): readonly string[] =>
  addresses.filter((address) => address !== own);

const withFirst = (first: string, others: readonly string[]): readonly string[] => [
  first,
  ...without(first, others),
];

/** Loops are impossible: nobody gets a stream that came by way of itself, nor one that comes from nowhere. */
function admit(
  station: FollowedStation,
  mountId: MountId,
  relayKey: string,
  asker: string | null,
): Admission {
  const before = station.path(mountId);
  if (before === null) return { admitted: false, status: 503, reason: 'There is no sound to relay here now' };
  const path = [...before, relayKey];
  if (asker !== null && path.includes(asker))
    return { admitted: false, status: 508, reason: 'The sound here comes from you' };
  if (path.length >= RELAYS_IN_A_ROW_MAX)
    return {
      admitted: false,
      status: 508,
      reason: `The sound here has passed ${path.length} relays already`,
    };
  return { admitted: true, path };
}
