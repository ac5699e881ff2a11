import { trackerAddress } from '../edge/edge-network.ts';
import type { EdgeNetwork } from '../edge/edge-network.ts';
import type { RelayDesk } from './relay-desk.ts';

/** The origin among its relays: they come first, so that it serves relays instead of listeners. */
export function createOriginNetwork(desk: RelayDesk, isHidden: boolean, relaysMayCome: boolean): EdgeNetwork {
  return {
    relaysMayCome,
    addresses: (stationId, ownUrl, mountId) => {
      const relays = desk.pick(stationId, mountId);
      const urls = relays.flatMap(({ publicUrl }) => publicUrl ?? []);
      const tracking = relays
        .filter(({ isTracking }) => isTracking)
        .flatMap(({ publicUrl }) => publicUrl ?? []);
      // Everyone at one tracker, as long as it is there: its first place is not drawn by lot.
      return {
        edges: isHidden ? urls : [...urls, ownUrl],
        trackers: (isHidden ? tracking.toSorted() : [ownUrl, ...tracking.toSorted()]).map(trackerAddress),
      };
    },
    admit: (_, relayKey) => {
      const reason = relayKey === null ? 'A relay says who it is' : desk.whyNot(relayKey);
      return reason === null ? { admitted: true, path: [] } : { admitted: false, status: 403, reason };
    },
  };
}
