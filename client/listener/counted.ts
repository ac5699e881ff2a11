import type { ListenerEnvironment } from './environment.ts';

/**
 * The same environment, whose tracker is told while connecting what is listened to: a listener that passes nothing on
 * never joins the swarm, and is counted all the same.
 * @param mountId 16 hexadecimal digits
 * @param site the partner's origin, for a frame on its page: the connection itself bears the frame's own.
 */
export const counted = (
  environment: ListenerEnvironment,
  mountId: string,
  site: string | null = null,
): ListenerEnvironment => ({
  ...environment,
  openSocket: (address, handlers) =>
    environment.openSocket(
      `${address}?mount=${mountId}${site === null ? '' : `&site=${encodeURIComponent(site)}`}`,
      handlers,
    ),
});
