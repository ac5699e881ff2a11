import { z } from '@hono/zod-openapi';
import type { MountId } from '../../shared/units.ts';
import { NO_SITE } from '../embed/allowed-sites.ts';
import type { SiteCount } from '../embed/site-listeners.ts';
import type { LiveMount } from '../station/live-mount.ts';
import type { EdgeContext } from './edge-context.ts';
import { egressSum } from './egress.ts';
import { sourceStateSchema } from './health.ts';

const egressSchema = z.object({
  seed: z.number(),
  burst: z.number(),
  repair: z.number(),
  fallback: z.number(),
  relay: z.number(),
  total: z.number(),
});

/** `GET /api/statistics`. Bytes are totals since the server started. */
export const statisticsSchema = z.object({
  uptimeSeconds: z.number(),
  mounts: z.array(
    z.object({
      id: z.string(),
      station: z.string(),
      path: z.string(),
      bitrateKbps: z.number(),
      /** Everyone who hears this mount: in the swarm, players on the mount's own address, and over HLS. */
      listeners: z.number(),
      /** Live responses open: of framed chunks, and of the bare stream. */
      streams: z.object({ chunks: z.number(), raw: z.number() }),
      egress: egressSchema,
      /** What leaves the edge now, in streams: 1 is the physical minimum. Mean of the last seconds. */
      copies: z.number(),
      /** Share of the listeners' bytes that came from other listeners; null until one has reported. */
      offload: z.number().nullable(),
      window: z.object({ chunks: z.number(), durationMs: z.number() }),
      source: sourceStateSchema,
      /**
       * Listeners by the site whose page they have open: its origin, or `own` (the station's page), `none` (a player,
       * a relay, a name that is not public), `more` (further sites than are told apart).
       */
      sites: z.array(z.object({ site: z.string(), listeners: z.number() })),
    }),
  ),
});

export type Statistics = z.infer<typeof statisticsSchema>;
export type MountStatistics = Statistics['mounts'][number];

export const statistics = (edge: EdgeContext, uptimeSeconds: number): Statistics => ({
  uptimeSeconds,
  mounts: edge.stations.flatMap((station) =>
    station.mounts.map((mount) => mountStatistics(edge, station.id, mount)),
  ),
});

function mountStatistics(edge: EdgeContext, station: string, mount: LiveMount): MountStatistics {
  const totals = edge.egress.totals(mount.id);
  const streams = {
    chunks: edge.streams.count(mount.id),
    raw: edge.players.count(mount.id),
  };
  const swarm = edge.status.swarm(mount.id);
  const received = swarm === null ? 0 : swarm.bytesFromPeers + swarm.bytesFromEdges;
  return {
    id: mount.id,
    station,
    path: mount.path,
    bitrateKbps: mount.bitrateKbps,
    listeners: (swarm?.listeners ?? streams.chunks) + streams.raw + edge.hlsAudience.of(mount.id).length,
    streams,
    egress: { ...totals, total: egressSum(totals) },
    copies: edge.egress.recentKbps(mount.id) / mount.bitrateKbps,
    offload: swarm === null || received === 0 ? null : swarm.bytesFromPeers / received,
    window: { chunks: mount.window.size, durationMs: mount.window.durationMs },
    source: edge.status.source(mount.id).state,
    sites: listenersBySite(edge, mount.id, streams.raw),
  };
}

/** Players of the plain stream tell no site. */
function listenersBySite(edge: EdgeContext, mountId: MountId, rawStreams: number): SiteCount[] {
  const counts = edge.siteListeners.counts(mountId);
  const without = rawStreams + (counts.find(({ site }) => site === NO_SITE)?.listeners ?? 0);
  const named = counts.filter(({ site }) => site !== NO_SITE);
  return without === 0 ? named : [...named, { site: NO_SITE, listeners: without }];
}
