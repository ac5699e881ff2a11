/** From, to: a value is drawn uniformly between them. */
export type Range = readonly [number, number];

/** What a listener's line can carry. */
export interface AccessClass {
  readonly name: string;
  /** Of all listeners. */
  readonly share: number;
  /** kbit/s; zero: it cannot upload at all. */
  readonly uplinkKbps: Range;
  readonly downlinkKbps: Range;
}

/** One-way delay between two listeners by how near they are to each other, ms. */
export interface LatencyMap {
  readonly cityMs: Range;
  readonly countryMs: Range;
  readonly continentMs: Range;
  readonly oceanMs: Range;
  /** Mean of what a message waits on top, as a share of the way's delay. */
  readonly jitterShare: number;
}

/** Loss in bursts. The channels are reliable, so a loss is seen as a delay of the message. */
export interface LossModel {
  /** Mean time between two bursts on one line, and their mean length. */
  readonly betweenBurstsMs: number;
  readonly burstMs: number;
  /** Chance that a message is hit during a burst, and at any other time. */
  readonly inBurst: number;
  readonly otherwise: number;
  /** A retransmission waits for a timer of so long, and for a round trip. */
  readonly retransmitMs: Range;
}

export type NatType = 'open' | 'cone' | 'restricted' | 'symmetric';

export interface NetworkPreset {
  readonly name: string;
  readonly about: string;
  readonly access: readonly AccessClass[];
  readonly latency: LatencyMap;
  readonly loss: LossModel;
  /** Share of listeners behind each kind of router. */
  readonly nat: Readonly<Record<NatType, number>>;
  /** Share of listeners per continent; countries and cities follow from `geography.ts`. */
  readonly abroadShare: number;
  readonly overseasShare: number;
  /** A link's own work at both ends (certificates, ICE pacing), besides round trips, ms. */
  readonly linkSetUpMs: Range;
  /** Of its uplink, what a listener offers; and no more than this, the default of the station's settings. */
  readonly uploadShare: number;
  readonly uploadCapMaxKbps: number;
  /** What one edge can send. */
  readonly edgeKbps: number;
}

/** Listeners of a French web radio, on what people have at home and in their pocket. */
const internet: NetworkPreset = {
  name: 'internet',
  about: 'homes and phones: 15 % without upload, 35 % 0.5–1 Mbit/s, 35 % 2–5, 15 % 20 and more',
  access: [
    { name: 'no upload', share: 0.15, uplinkKbps: [0, 0], downlinkKbps: [4_000, 20_000] },
    { name: 'old DSL', share: 0.35, uplinkKbps: [500, 1_000], downlinkKbps: [4_000, 16_000] },
    { name: 'VDSL, 4G', share: 0.35, uplinkKbps: [2_000, 5_000], downlinkKbps: [15_000, 60_000] },
    { name: 'fibre', share: 0.15, uplinkKbps: [20_000, 300_000], downlinkKbps: [100_000, 1_000_000] },
  ],
  latency: {
    cityMs: [5, 15],
    countryMs: [15, 40],
    continentMs: [30, 80],
    oceanMs: [80, 180],
    jitterShare: 0.1,
  },
  loss: {
    betweenBurstsMs: 30_000,
    burstMs: 250,
    inBurst: 0.3,
    otherwise: 0.0005,
    retransmitMs: [200, 500],
  },
  // Two symmetric routers never find each other, nor does one a port-restricted one: 80 % of pairs connect.
  nat: { open: 0.15, cone: 0.35, restricted: 0.22, symmetric: 0.28 },
  abroadShare: 0.2,
  overseasShare: 0.1,
  linkSetUpMs: [60, 250],
  uploadShare: 0.8,
  uploadCapMaxKbps: 1_000,
  edgeKbps: 1_000_000,
};

/** One machine: what `bench:swarm` runs on. */
const loopback: NetworkPreset = {
  name: 'loopback',
  about: 'one machine: no delay to speak of, no loss, everybody reaches everybody',
  access: [
    {
      name: 'loopback',
      share: 1,
      uplinkKbps: [1_000_000, 1_000_000],
      downlinkKbps: [1_000_000, 1_000_000],
    },
  ],
  latency: {
    cityMs: [0.2, 1],
    countryMs: [0.2, 1],
    continentMs: [0.2, 1],
    oceanMs: [0.2, 1],
    jitterShare: 0.5,
  },
  loss: { betweenBurstsMs: 1e9, burstMs: 0, inBurst: 0, otherwise: 0, retransmitMs: [0, 0] },
  nat: { open: 1, cone: 0, restricted: 0, symmetric: 0 },
  abroadShare: 0,
  overseasShare: 0,
  linkSetUpMs: [60, 120],
  uploadShare: 1,
  uploadCapMaxKbps: 1_000,
  edgeKbps: 10_000_000,
};

/** Mostly phones: half cannot upload, lines lose more, routers are worse. */
const mobile: NetworkPreset = {
  ...internet,
  name: 'mobile',
  about: 'mostly phones: half without upload, more loss, more symmetric routers',
  access: [
    { name: 'no upload', share: 0.5, uplinkKbps: [0, 0], downlinkKbps: [2_000, 20_000] },
    { name: '4G', share: 0.35, uplinkKbps: [1_000, 8_000], downlinkKbps: [4_000, 60_000] },
    { name: 'fibre', share: 0.15, uplinkKbps: [20_000, 300_000], downlinkKbps: [100_000, 1_000_000] },
  ],
  loss: { ...internet.loss, betweenBurstsMs: 12_000, burstMs: 400 },
  nat: { open: 0.05, cone: 0.3, restricted: 0.25, symmetric: 0.4 },
};

export const NETWORK_PRESETS: readonly NetworkPreset[] = [internet, loopback, mobile];
export const DEFAULT_NETWORK: NetworkPreset = internet;
