import type { EdgeCause } from '../../shared/swarm/engine-io.ts';

/** Figures of one simulated run; a share is 0 to 1, a copy is the stream's own rate. All of the measured time. */
export interface SimulationResult {
  readonly scenario: string;
  readonly network: string;
  readonly peers: number;
  readonly seed: number;
  readonly bitrateKbps: number;
  readonly warmUpMs: number;
  readonly measuredMs: number;
  /** What the scenario did in the measured time; ms after the warm-up. */
  readonly events: readonly TimedEvent[];
  readonly figures: SimulationFigures;
  /** One entry per simulated second, warm-up included. */
  readonly timeline: readonly SecondFigures[];
}

export interface TimedEvent {
  readonly atMs: number;
  readonly label: string;
}

export interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

export interface SimulationFigures {
  /** Chunks due that were there at their time; a silence counts as the chunks it lasted. */
  readonly playedOnTime: number;
  readonly chunksDue: number;
  /** Times that sound stopped or skipped, per hour of listening. */
  readonly interruptionsPerListenerHour: number;
  /** From joining to the first chunk handed to the ear, ms. */
  readonly startupMs: Percentiles;
  /** From packaging to the ear, ms. */
  readonly latencyMs: Percentiles;
  /** What the edges sent, as multiples of the stream. */
  readonly copies: number;
  readonly copiesByCause: Readonly<Record<EdgeCause, number>>;
  /** The second in which the edges sent most. */
  readonly copiesPeakSecond: number;
  /** In the last third of the measured time. */
  readonly copiesSettled: number;
  readonly offload: number;
  readonly duplicateShare: number;
  /** Bytes of peers' control messages over bytes of chunks received. */
  readonly controlShare: number;
  /** kbit/s sent to peers, and the same as a share of the peer's cap: the mean, and the busiest ten seconds. */
  readonly uploadKbps: Percentiles;
  readonly uploadOfCap: Percentiles;
  readonly uploadOfCapBusiest: number;
  /** Hops from an edge at the end, per stripe. */
  readonly treeDepth: readonly Percentiles[];
  /** From losing a parent to having another, ms. */
  readonly reparentMs: Percentiles;
  readonly trackerMessagesPerPeerMinute: number;
  readonly trackerConnectsPeakSecond: number;
  readonly linkSuccess: number;
  readonly joins: number;
  readonly departures: number;
  /** Listeners at the end; of them, those that hold an HTTP stream for want of a parent. */
  readonly listenersAtEnd: number;
  readonly streamingAtEnd: number;
  /** Peers that engines dropped for breaking a rule; and honest ones among them. */
  readonly droppedPeers: number;
  readonly droppedHonestPeers: number;
  /** Times that the tracker made a community relay rest. */
  readonly relaysRested: number;
  /** Only when some listeners are troubled by the scenario itself (slow, polluting): the others' playedOnTime. */
  readonly playedOnTimeOfUntroubled: number;
}

export interface SecondFigures {
  readonly second: number;
  readonly listeners: number;
  readonly copiesByCause: Readonly<Record<EdgeCause, number>>;
  readonly playedOnTime: number | null;
  readonly latencyP50Ms: number | null;
  readonly latencyP95Ms: number | null;
  readonly joins: number;
  readonly departures: number;
}
