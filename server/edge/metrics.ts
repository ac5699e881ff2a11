import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { EdgeContext } from './edge-context.ts';
import { EGRESS_CAUSES } from './egress.ts';
import { health } from './health.ts';
import { statistics } from './statistics.ts';

/** The Prometheus view of the same figures as `/api/statistics` and `/healthz`, read when it is asked for. */
export function createMetrics(edge: EdgeContext): Registry {
  const registry = new Registry();
  // Registered by hand: by default they would land in a registry that the whole process shares.
  const registers: Registry[] = [];
  collectDefaultMetrics({ register: registry });

  registry.registerMetric(
    new Counter({
      name: 'essaim_egress_bytes_total',
      help: 'Bytes of sound that this edge sent, by cause.',
      labelNames: ['mount', 'cause'],
      registers,
      collect(): void {
        this.reset();
        for (const mount of statistics(edge, 0).mounts)
          for (const cause of EGRESS_CAUSES) this.inc({ mount: mount.path, cause }, mount.egress[cause]);
      },
    }),
  );
  registry.registerMetric(
    new Counter({
      name: 'essaim_slow_clients_dropped_total',
      help: 'HTTP streams ended because their client did not take what was sent.',
      registers,
      collect(): void {
        this.reset();
        this.inc(edge.streams.slowDropped + edge.players.slowDropped);
      },
    }),
  );
  const perMount = (
    name: string,
    help: string,
    value: (mount: ReturnType<typeof statistics>['mounts'][number]) => number,
  ): void => {
    registry.registerMetric(
      new Gauge({
        name,
        help,
        labelNames: ['mount'],
        registers,
        collect(): void {
          for (const mount of statistics(edge, 0).mounts) this.set({ mount: mount.path }, value(mount));
        },
      }),
    );
  };
  perMount('essaim_listeners', 'Listeners of the mount.', (mount) => mount.listeners);
  perMount(
    'essaim_streams',
    'Live HTTP responses open.',
    (mount) => mount.streams.chunks + mount.streams.raw,
  );
  perMount('essaim_copies', 'Edge egress divided by the stream rate.', (mount) => mount.copies);
  perMount(
    'essaim_offload',
    'Share of bytes from peers; NaN: unknown.',
    (mount) => mount.offload ?? Number.NaN,
  );
  perMount('essaim_bitrate_kbps', 'Measured bit rate of the mount.', (mount) => mount.bitrateKbps);
  registry.registerMetric(
    new Gauge({
      name: 'essaim_site_listeners',
      help: 'Listeners of the mount, by the site whose page they have open.',
      labelNames: ['mount', 'site'],
      registers,
      collect(): void {
        this.reset();
        for (const mount of statistics(edge, 0).mounts)
          for (const { site, listeners } of mount.sites) this.set({ mount: mount.path, site }, listeners);
      },
    }),
  );
  perMount('essaim_window_chunks', 'Chunks in the window.', (mount) => mount.window.chunks);
  registry.registerMetric(
    new Gauge({
      name: 'essaim_source_has_sound',
      help: '1 while the mount makes chunks.',
      labelNames: ['mount'],
      registers,
      collect(): void {
        for (const mount of health(edge).mounts) this.set({ mount: mount.path }, mount.hasSound ? 1 : 0);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: 'essaim_tracker_connections',
      help: 'Listeners connected to the tracker.',
      registers,
      collect(): void {
        this.set(edge.status.tracker().connections);
      },
    }),
  );
  registry.registerMetric(
    new Counter({
      name: 'essaim_tracker_messages_total',
      help: 'Messages of the tracker; malformed ones are counted as received, too.',
      labelNames: ['kind'],
      registers,
      collect(): void {
        const { messagesReceived, messagesSent, messagesMalformed } = edge.status.tracker();
        this.reset();
        this.inc({ kind: 'received' }, messagesReceived);
        this.inc({ kind: 'sent' }, messagesSent);
        this.inc({ kind: 'malformed' }, messagesMalformed);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: 'essaim_seeding_ready',
      help: '1 while mediasoup pushes to seeds.',
      registers,
      collect(): void {
        this.set(edge.status.seeding().state === 'ready' ? 1 : 0);
      },
    }),
  );
  return registry;
}
