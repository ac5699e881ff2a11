import { z } from '@hono/zod-openapi';
import type { EdgeContext } from './edge-context.ts';

/** A mount that made no chunk for so long is silent. */
export const SILENT_AFTER_MS = 10_000;

export const sourceStateSchema = z.enum(['connecting', 'live', 'waiting', 'failed']);

/**
 * `ok`: all mounts have sound. `degraded`: it runs, with something missing. `down`: no mount has sound, so there is
 * nothing to send a listener here for: status 503.
 */
export const healthSchema = z.object({
  status: z.enum(['ok', 'degraded', 'down']),
  mounts: z.array(
    z.object({
      station: z.string(),
      path: z.string(),
      hasSound: z.boolean(),
      /** Its state only: where it is pulled from is nobody's affair out there; the log tells. */
      source: sourceStateSchema,
    }),
  ),
  seeding: z.object({
    state: z.enum(['ready', 'starting', 'unavailable', 'off']),
    detail: z.string(),
  }),
});

export type Health = z.infer<typeof healthSchema>;

export function health(edge: EdgeContext): Health {
  const now = edge.now();
  const mounts = edge.stations.flatMap((station) =>
    station.mounts.map((mount) => {
      const newest = mount.window.newest;
      return {
        station: station.id,
        path: mount.path,
        hasSound: newest !== null && now - newest.header.packagedAt < SILENT_AFTER_MS,
        source: edge.status.source(mount.id).state,
      };
    }),
  );
  const seeding = edge.status.seeding();
  return { status: statusOf(mounts, seeding.state), mounts, seeding };
}

function statusOf(
  mounts: readonly { readonly hasSound: boolean }[],
  seeding: Health['seeding']['state'],
): Health['status'] {
  if (!mounts.some((mount) => mount.hasSound)) return 'down';
  const isWhole = mounts.every((mount) => mount.hasSound) && (seeding === 'ready' || seeding === 'off');
  return isWhole ? 'ok' : 'degraded';
}
