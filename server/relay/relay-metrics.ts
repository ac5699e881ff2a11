import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { Gauge, Registry } from 'prom-client';
import { ConfigError } from '../config/config-error.ts';
import { errorCode, errorText } from '../error.ts';
import type { MetricsAddress } from './relay-options.ts';
import type { RelayStatus } from './relay-status.ts';

/**
 * Serves `/metrics`, and nothing else. Its state is a status.
 * @throws ConfigError (the promise rejects) if the port cannot be had.
 */
export async function serveRelayMetrics(address: MetricsAddress, status: () => RelayStatus): Promise<Server> {
  const registry = relayMetrics(status);
  const server = createServer((request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404).end('There is nothing at this address but /metrics.\n');
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'Content-Type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, address)));
    server.listen(address, resolve);
  });
  server.unref();
  return server;
}

function relayMetrics(status: () => RelayStatus): Registry {
  const registry = new Registry();
  const states = ['looking', 'serving', 'resting', 'leaving'] as const;
  const figures: readonly (readonly [string, string, (now: RelayStatus) => number])[] = [
    [
      'essaim_relay_upload_bytes',
      'Sent since the start, headers of packets included',
      (now) => now.sentBytes,
    ],
    ['essaim_relay_month_bytes', 'Sent in this calendar month', (now) => now.usage.monthBytes],
    ['essaim_relay_upload_limit_kbps', 'Of the uplink at most, kbit/s', (now) => now.uploadMaxKbps],
    ['essaim_relay_edge_bytes', 'Sound taken from edges since the start', (now) => now.takenFromEdgesBytes],
    ['essaim_relay_peer_bytes', 'Sound taken from peers since the start', (now) => now.takenFromPeersBytes],
    ['essaim_relay_uptime_seconds', 'Since the start', (now) => now.uptimeSeconds],
    ['essaim_relay_resident_bytes', 'Memory of this process', () => process.memoryUsage.rss()],
  ];
  for (const [name, help, read] of figures)
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(read(status()));
        },
      }),
    );
  registry.registerMetric(
    new Gauge({
      name: 'essaim_relay_state',
      help: 'One for what the relay is doing, zero for the rest',
      labelNames: ['state'],
      registers: [],
      collect() {
        const { state } = status();
        for (const each of states) this.set({ state: each }, Number(each === state));
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: 'essaim_relay_listeners',
      help: 'Served now',
      labelNames: ['mount'],
      registers: [],
      collect() {
        this.reset();
        for (const { path, listeners } of status().mounts) this.set({ mount: path }, listeners);
      },
    }),
  );
  return registry;
}

function listenError(error: Error, { host, port }: MetricsAddress): Error {
  const reason = errorCode(error) === 'EADDRINUSE' ? 'another program has the port' : errorText(error);
  return new ConfigError(`Cannot serve metrics at ${host}, port ${port}: ${reason}`, { cause: error });
}
