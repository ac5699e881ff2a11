import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import type { StationDescription } from '../../shared/station/description.ts';
import { openHostNetwork, runOn } from './host-network.ts';
import type { Host, HostNetwork } from './host-network.ts';
import { makeOrigin, startRelay } from './relay-stage.ts';
import type { OriginProcess, RelayProcess } from './relay-stage.ts';
import { startNodeListeners } from './swarm-node-listeners.ts';
import type { NodeListeners } from './swarm-node-listeners.ts';
import { pollUntil } from './swarm-poll.ts';

/** A relay with a public address, on a host of its own. */
export interface PublicRelayHost {
  readonly url: string;
  readonly host: Host;
  /** Stopped and started again it is the same relay. */
  start(stationKey: string): void;
  /** At once, without a goodbye. */
  kill(): Promise<void>;
}

export interface HomeRelay {
  readonly host: Host;
  readonly process: RelayProcess;
}

/** A station at home, two public relays that it feeds, and people elsewhere, each on a host of their own. */
export interface RelayScene {
  readonly network: HostNetwork;
  readonly originHost: Host;
  readonly origin: OriginProcess;
  readonly relays: readonly [PublicRelayHost, PublicRelayHost];
  /** Starts a relay at home, which is given that address of the station. */
  addHomeRelay(from: string, stationKey: string): Promise<HomeRelay>;
  /** Node listeners that have the station's description from there. */
  addListeners(from: string, count: number): Promise<NodeListeners>;
  stop(): Promise<void>;
}

export const STATION_PATH = '/api/stations/demo';
export const MOUNT_PATH = '/live.mp3';
const RELAY_PORT = 8443;

export async function openRelayScene(): Promise<RelayScene> {
  const network = openHostNetwork();
  const folder = mkdtempSync(join(tmpdir(), 'essaim-scene-'));
  const stops: (() => Promise<unknown>)[] = [];
  const originHost = await network.addHost();
  const origin = await makeOrigin(originHost);
  const makePublicRelay = async (): Promise<PublicRelayHost> => {
    const host = await network.addHost();
    const url = `http://${host.address}:${RELAY_PORT}`;
    const state = join(folder, host.address);
    const flags = ['--public-url', url, '--port', String(RELAY_PORT), '--tracker', '--upload', '50mbit'];
    let process: RelayProcess | null = null;
    const kill = async (): Promise<void> => {
      await process?.end('SIGKILL');
      process = null;
    };
    stops.push(kill);
    return {
      url,
      host,
      start: (key) => {
        process = startRelay(['--feed', '--key', key, ...flags, '--state', state], host);
      },
      kill,
    };
  };
  const relays = [await makePublicRelay(), await makePublicRelay()] as const;
  const listenersHost = await network.addHost();
  return {
    network,
    originHost,
    origin,
    relays,
    addHomeRelay: async (from, key) => {
      const host = await network.addHost();
      // No port is open at home.
      network.closeToStrangers(host);
      const flags = ['--key', key, '--upload', '10mbit', '--state', join(folder, host.address)];
      const process = startRelay([from, ...flags], host);
      stops.push(() => process.end('SIGKILL'));
      return { host, process };
    },
    addListeners: async (from, count) => {
      const crowd = startNodeListeners(`${from}${STATION_PATH}`, MOUNT_PATH, 2_000, listenersHost);
      stops.push(() => crowd.stop());
      await crowd.add(count);
      return crowd;
    },
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()));
      await origin.stop();
      await network.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a station's server, or a relay, tells listeners. */
export async function describeAt(url: string): Promise<StationDescription> {
  const response = await fetch(url + STATION_PATH, { signal: AbortSignal.timeout(2_000) });
  return stationDescriptionSchema.parse(await response.json());
}

/** The same, asked on the host itself. */
export async function describeOn(host: Host, url: string): Promise<StationDescription> {
  return stationDescriptionSchema.parse(JSON.parse(await runOn(host, 'curl', ['-sf', url + STATION_PATH])));
}

/** Waits until this server names exactly these edges, in whatever order. Returns how long that took, ms. */
export async function untilNamed(at: string, edges: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  let named: readonly string[] = [];
  await pollUntil(
    `${at} names ${edges.join(' and ')}`,
    60_000,
    async () => {
      named = (await describeAt(at)).edges;
      return named.toSorted().join() === edges.toSorted().join();
    },
    () => named.join(),
  );
  return Math.round(performance.now() - startedAt);
}
