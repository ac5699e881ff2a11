/** Bars at 10,000 peers and 128 kbit/s, of the measured time; what is absent has no bar. */
export interface Bars {
  readonly playedOnTimeMin: number;
  readonly copiesMax?: number;
  /** After the crowd has settled. */
  readonly copiesSettledMax?: number;
  readonly copiesPeakSecondMax?: number;
  readonly latencyP95MaxMs: number;
}

/** What a scenario may do to a running swarm. */
export interface Stage {
  /** A share of the listeners leaves within a time, some of them without a goodbye. */
  depart(share: number, withinMs: number, vanishShare: number): void;
  /** The preferred one. */
  suspendTracker(): void;
  resumeTracker(): void;
  killEdge(index: number): void;
}

export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly bars: Bars;
  /** Mean of how long a listener stays (exponential), ms. */
  readonly sessionMeanMs: number;
  /** The swarm fills in the warm-up, or in this share of the measured time. */
  readonly crowdShare?: number;
  /** Of the listeners, by chance. */
  readonly freeRiderShare?: number;
  readonly polluterShare?: number;
  readonly slowShare?: number;
  readonly bitrateKbps?: number;
  readonly edges?: number;
  /** Community relays at home, which are there before all listeners and stay. */
  readonly relays?: number;
  /** More than one: one at each edge, the first of them preferred. */
  readonly trackers?: number;
  /** What happens after the warm-up. */
  readonly events?: readonly ScenarioEvent[];
}

export interface ScenarioEvent {
  /** When, as a share of the measured time. */
  readonly at: number;
  /** A few words for whoever looks at the plot. */
  readonly label: string;
  readonly run: (stage: Stage) => void;
}

const MINUTE_MS = 60_000;
const STEADY_MS = 20 * MINUTE_MS;

const TRACKER_AWAY: readonly ScenarioEvent[] = [
  {
    at: 1 / 3,
    label: 'the tracker is gone',
    run: (stage) => {
      stage.suspendTracker();
    },
  },
  {
    at: 2 / 3,
    label: 'the tracker is back',
    run: (stage) => {
      stage.resumeTracker();
    },
  },
];

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'steady',
    about: 'sessions of 20 minutes on average',
    bars: { playedOnTimeMin: 0.9999, copiesMax: 40, latencyP95MaxMs: 3_000 },
    sessionMeanMs: STEADY_MS,
  },
  {
    name: 'flash-crowd',
    about: 'from nobody to everybody in 60 seconds',
    bars: { playedOnTimeMin: 0.999, copiesSettledMax: 40, latencyP95MaxMs: 3_500 },
    sessionMeanMs: STEADY_MS,
    crowdShare: 1 / 3,
  },
  {
    name: 'mass-departure',
    about: '30 % leave in one second, half of them without a goodbye',
    bars: { playedOnTimeMin: 0.999, copiesPeakSecondMax: 400, latencyP95MaxMs: 3_500 },
    sessionMeanMs: STEADY_MS,
    events: [
      {
        at: 1 / 3,
        label: '30 % leave, half of them without a goodbye',
        run: (stage) => {
          stage.depart(0.3, 1_000, 0.5);
        },
      },
    ],
  },
  {
    name: 'heavy-churn',
    about: 'sessions of 2 minutes on average',
    bars: { playedOnTimeMin: 0.999, copiesMax: 330, latencyP95MaxMs: 3_500 },
    sessionMeanMs: 2 * MINUTE_MS,
  },
  {
    name: 'tracker-loss',
    about: 'the tracker is gone for a third of the time (60 of 180 seconds) while listeners come and go',
    bars: { playedOnTimeMin: 0.9995, copiesMax: 60, latencyP95MaxMs: 3_000 },
    sessionMeanMs: STEADY_MS,
    events: TRACKER_AWAY,
  },
  {
    name: 'tracker-failover',
    about: 'as tracker-loss, while a relay tracks as well',
    bars: { playedOnTimeMin: 0.9995, copiesMax: 60, latencyP95MaxMs: 3_000 },
    sessionMeanMs: STEADY_MS,
    edges: 2,
    trackers: 2,
    events: TRACKER_AWAY,
  },
  {
    name: 'edge-loss',
    about: 'one of two edges dies without a word',
    bars: { playedOnTimeMin: 0.999, latencyP95MaxMs: 3_500 },
    sessionMeanMs: STEADY_MS,
    edges: 2,
    events: [
      {
        at: 1 / 3,
        label: 'one of two edges dies',
        run: (stage) => {
          stage.killEdge(0);
        },
      },
    ],
  },
  {
    name: 'relays',
    about: 'eight community relays at home, with 20 Mbit/s each',
    bars: { playedOnTimeMin: 0.9999, copiesMax: 40, latencyP95MaxMs: 3_000 },
    sessionMeanMs: STEADY_MS,
    relays: 8,
  },
  {
    name: 'polluters',
    about: '5 % forge, replay, truncate, announce what they lack, or take children and send nothing',
    bars: { playedOnTimeMin: 0.999, copiesMax: 80, latencyP95MaxMs: 3_500 },
    sessionMeanMs: STEADY_MS,
    polluterShare: 0.05,
  },
  {
    name: 'free-riders',
    about: '60 % never upload',
    bars: { playedOnTimeMin: 0.999, copiesMax: 80, latencyP95MaxMs: 3_500 },
    sessionMeanMs: STEADY_MS,
    freeRiderShare: 0.6,
  },
  {
    name: 'slow-peers',
    about: '20 % stop for 1 to 2 seconds, every 20 seconds on average',
    bars: { playedOnTimeMin: 0.999, copiesMax: 80, latencyP95MaxMs: 3_500 },
    sessionMeanMs: STEADY_MS,
    slowShare: 0.2,
  },
  {
    name: 'low-bitrate',
    about: '48 kbit/s',
    bars: { playedOnTimeMin: 0.999, copiesMax: 80, latencyP95MaxMs: 3_500 },
    sessionMeanMs: STEADY_MS,
    bitrateKbps: 48,
  },
  {
    name: 'high-bitrate',
    about: '320 kbit/s',
    bars: { playedOnTimeMin: 0.999, copiesMax: 80, latencyP95MaxMs: 3_500 },
    sessionMeanMs: STEADY_MS,
    bitrateKbps: 320,
  },
];
