import { TRACKER_CLOSE_CODES } from '../../shared/tracker/messages.ts';
import type { HearerSource } from '../icecast/audience.ts';
import type { TrackerSockets } from './tracker-sockets.ts';

/** The listeners of the swarm, as the old world's statistics list them: by their connections to the tracker. */
export const trackerHearers = (sockets: TrackerSockets): HearerSource => ({
  of: (mountId) =>
    sockets
      .all()
      .filter((socket) => socket.countedOn === mountId && !socket.isServer)
      .map(({ connectionId, connectedAt, address, userAgent }) => ({
        id: connectionId,
        connectedAt,
        address,
        userAgent,
      })),
  close: (mountId, id) => {
    const socket = sockets.get(id);
    if (socket === undefined || socket.countedOn !== mountId) return false;
    socket.close(TRACKER_CLOSE_CODES.unavailable, 'removed by the administrator');
    return true;
  },
});
