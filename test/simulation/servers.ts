import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { SeedOffer } from '../../shared/tracker/messages.ts';
import { TRACKER_DEFAULTS } from '../../shared/tracker/limits.ts';
import { unixMillis } from '../../shared/units.ts';
import type { RandomSource } from '../../shared/units.ts';
import { UNIX_START_MS } from '../support/virtual-origin.ts';
import { concernRandom } from './audience.ts';
import { SimulatedEdge } from './edge-model.ts';
import type { SimulatedListener } from './listener-model.ts';
import type { Measures } from './measures.ts';
import type { NetworkPreset } from './network/presets.ts';
import type { Scenario } from './scenarios.ts';
import { SimulatedSeeding } from './seeding-model.ts';
import { TrackerConnections } from './tracker-connections.ts';
import { SimulatedTracker } from './tracker-model.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface ServersOptions {
  readonly scenario: Scenario;
  readonly network: NetworkPreset;
  readonly peers: number;
  readonly seed: number;
  readonly bitrateKbps: number;
}

/** What serves a station: its edges, and its trackers with the seeds that they feed. */
export class SimulatedServers {
  readonly edges: readonly SimulatedEdge[];
  readonly #trackers: readonly SimulatedTracker[];
  readonly #connections: TrackerConnections;

  constructor(
    time: VirtualTime,
    options: ServersOptions,
    measures: Measures,
    byPeerId: Map<string, SimulatedListener>,
  ) {
    const { scenario, network, peers, seed, bitrateKbps } = options;
    const random = (concern: number): RandomSource => concernRandom(seed, concern);
    this.edges = Array.from(
      { length: scenario.edges ?? 1 },
      (_, city) =>
        new SimulatedEdge(time, city, network.edgeKbps, { sent: measures.sentByEdge.bind(measures) }),
    );
    const tracker = {
      ...TRACKER_DEFAULTS,
      // Only a run of more than half that many needs more than what stations have.
      swarmSizeMax: Math.max(TRACKER_DEFAULTS.swarmSizeMax, 2 * peers),
      unixTime: (now: number) => unixMillis(UNIX_START_MS + now),
    };
    const events = {
      message: () => {
        if (measures.isMeasuring) measures.trackerMessages += 1;
      },
      connecting: () => {
        measures.trackerConnecting();
      },
      resting: () => {
        measures.relaysRested += 1;
      },
    };
    const firstRandom = random(8);
    this.#trackers = groupsOf(this.edges, scenario.trackers ?? 1).map(
      ({ edges, place }, index) =>
        new SimulatedTracker(time, {
          address: `wss://tracker-${index}.example`,
          place,
          tracker,
          random: index === 0 ? firstRandom : random(8 + 2 * index),
          seeding: new SimulatedSeeding(
            time,
            network,
            edges,
            random(index === 0 ? 6 : 7 + 2 * index),
            `${index}:`,
          ),
          byPeerId,
          events,
        }),
    );
    for (const each of this.#trackers) each.addMount(bitrateKbps);
    this.#connections = new TrackerConnections(time, network, firstRandom, this.#trackers);
  }

  get connections(): TrackerConnections {
    return this.#connections;
  }

  push(chunk: Chunk): void {
    for (const edge of this.edges) edge.push(chunk);
  }

  /** An engine takes up a tracker's offer, which ends what another tracker gave it; null: all of them end. */
  takeSeed(listener: SimulatedListener, offer: SeedOffer | null): void {
    for (const { seeding } of this.#trackers) seeding.take(listener, offer);
  }

  leave(listener: SimulatedListener, how: 'closed' | 'vanished'): void {
    for (const { seeding } of this.#trackers) seeding.release(listener);
    this.#connections.leave(listener, how);
  }

  /** The one that is preferred. */
  suspendTracker(): void {
    this.#trackers[0]?.suspend();
  }

  resumeTracker(): void {
    this.#trackers[0]?.resume();
  }

  /** @throws RangeError */
  killEdge(index: number): void {
    const edge = this.edges[index];
    if (edge === undefined)
      throw new RangeError(`Cannot kill an edge as it must exist: current value is ${index}`);
    edge.die();
    for (const { seeding } of this.#trackers) seeding.edgeDied(edge);
  }
}

/** One tracker seeds from all edges; of several, each from its own. */
function groupsOf(
  edges: readonly SimulatedEdge[],
  trackers: number,
): readonly { readonly edges: readonly SimulatedEdge[]; readonly place: SimulatedEdge['place'] }[] {
  const [first] = edges;
  if (first === undefined || (trackers > 1 && trackers !== edges.length))
    throw new RangeError(
      `Cannot place trackers as there is one, or one at each of the ${edges.length} edges: current value is ${trackers}`,
    );
  if (trackers === 1) return [{ edges, place: first.place }];
  return edges.map((edge) => ({ edges: [edge], place: edge.place }));
}
