import { EDGE_LEAD_MAX_MS, EDGE_LEAD_MIN_MS } from '../../../shared/swarm/limits.ts';
import type { RandomSource } from '../../../shared/units.ts';
import { CHUNK_MS } from '../../support/virtual-origin.ts';
import {
  audienceRandom,
  concernRandom,
  drawDeparture,
  drawMassDeparture,
  drawNewcomer,
  START_MS,
  timetableOf,
  WINDOW_CHUNKS,
} from '../audience.ts';
import type { Departure } from '../audience.ts';
import type { ProtocolFigures } from '../figures.ts';
import { protocolFiguresOf } from '../figures.ts';
import { Measures } from '../measures.ts';
import { uniform } from '../network/random.ts';
import { populate } from '../population.ts';
import type { Stage } from '../scenarios.ts';
import type { SimulationOptions } from '../simulation.ts';
import type { WatchedUpload } from '../upload-watch.ts';
import { VirtualTime } from '../virtual-time.ts';
import { chunkLengthOf } from './chunk-length.ts';
import type { Comparator, Protocol } from './comparator.ts';
import { Ear } from './ear.ts';
import { ComparatorEdge } from './edge.ts';
import { Listener } from './listener.ts';
import { PeerPaths } from './peer-paths.ts';

/** A chunk's repair is planned so long before its time: more than an edge's lead. */
const REPAIR_PLANNED_CHUNKS = Math.ceil(EDGE_LEAD_MAX_MS / CHUNK_MS) + 1;

/** Runs one comparator with the audience, network, play-out delay and measures of Essaim's own simulation. */
export class World implements Stage {
  readonly options: SimulationOptions;
  readonly time = new VirtualTime(START_MS);
  readonly measures: Measures;
  readonly edge: ComparatorEdge;
  readonly paths: PeerPaths;
  /** Decisions of the protocol. */
  readonly random: RandomSource;
  /** In the order of joining. */
  readonly present = new Set<Listener>();
  readonly playoutDelayMs: number;
  /** Of the stream. */
  newest = WINDOW_CHUNKS - 1;
  readonly #uploadsOfGone: WatchedUpload[] = [];
  readonly #audience: ReturnType<typeof audienceRandom>;
  readonly #repairRandom: RandomSource | null;
  readonly #chunkLength: number;
  readonly #protocol: Protocol;
  readonly #warmUpMs: number;
  readonly #burstAtJoin: boolean;

  constructor(options: SimulationOptions, comparator: Comparator) {
    this.options = options;
    const { seed, network, scenario, bitrateKbps, peers } = options;
    this.playoutDelayMs = comparator.playoutDelayMs;
    this.#burstAtJoin = comparator.burstAtJoin;
    this.#chunkLength = chunkLengthOf(bitrateKbps);
    this.measures = new Measures(bitrateKbps);
    this.random = concernRandom(seed, 9);
    this.#repairRandom = comparator.edgeRepairs ? concernRandom(seed, 10) : null;
    const ofNetwork = { preset: network, chunkLength: this.#chunkLength };
    this.edge = new ComparatorEdge(this.time, this.measures, {
      ...ofNetwork,
      kbps: comparator.edgeKbps,
      random: concernRandom(seed, 3),
      receive: (listener, chunk) => {
        this.receive(listener, chunk);
      },
    });
    this.paths = new PeerPaths(this.time, this.measures, this.edge, {
      ...ofNetwork,
      random: concernRandom(seed, 7),
    });
    this.#protocol = comparator.begin(this);
    this.#audience = audienceRandom(seed);
    const { fillFromMs, fillMs, warmUpMs } = timetableOf(scenario, peers, options.measuredMs);
    this.#warmUpMs = warmUpMs;
    populate(this.time, {
      peers,
      fillFromMs,
      fillMs,
      sessionMeanMs: scenario.sessionMeanMs,
      random: this.#audience.people,
      join: (stayMs) => {
        this.#join(stayMs);
      },
    });
    this.#produce();
  }

  /** Runs all of it, and tells the figures of the measured time. */
  run(): ProtocolFigures {
    const { measuredMs, scenario } = this.options;
    const seconds = Math.ceil((this.#warmUpMs + measuredMs) / 1000);
    const warmUpSeconds = Math.ceil(this.#warmUpMs / 1000);
    for (const { at, run } of scenario.events ?? []) {
      this.time.at(START_MS + warmUpSeconds * 1000 + at * measuredMs, () => {
        run(this);
      });
    }
    for (let second = 0; second < seconds; second += 1) {
      if (second === warmUpSeconds) this.measures.begin(this.time.now);
      this.time.runUntil(START_MS + (second + 1) * 1000);
      this.measures.closeSecond(second, this.present.size);
    }
    for (const listener of this.present) this.#settleAccount(listener);
    const uploads = [...this.present].map((listener) => this.#uploadOf(listener));
    return protocolFiguresOf(this.measures, [...uploads, ...this.#uploadsOfGone], measuredMs);
  }

  packagedAt(chunk: number): number {
    return START_MS + (chunk + 1 - WINDOW_CHUNKS) * CHUNK_MS;
  }

  /** A chunk has come, from anywhere: it is verified, kept, and told to the protocol if it is new. */
  receive(listener: Listener, chunk: number): void {
    if (!listener.isPresent) return;
    if (listener.holdings.has(chunk)) {
      if (this.measures.isMeasuring) this.measures.duplicateBytes += this.#chunkLength;
      return;
    }
    listener.holdings.add(chunk);
    if (listener.ear.start(this.time.now)) this.#sound(listener);
    this.#protocol.received(listener, chunk);
  }

  /** The newest seconds from the edge: as much as the play-out delay, and one chunk that covers the way. */
  burst(listener: Listener, then: () => void = () => undefined): void {
    this.edge.request(listener, () => {
      this.edge.burst(listener, this.newest - Math.ceil(this.playoutDelayMs / CHUNK_MS), this.newest);
      then();
    });
  }

  depart(share: number, withinMs: number, vanishShare: number): void {
    for (const listener of this.present) {
      const departure = drawMassDeparture(this.#audience, share, withinMs, vanishShare);
      if (departure === null) continue;
      this.time.after(departure.afterMs, () => {
        this.#leave(listener, departure.how);
      });
    }
  }

  suspendTracker(): void {
    throw new RangeError(
      'Cannot compare in a scenario as only people may change: current value is a tracker',
    );
  }

  resumeTracker(): void {
    this.suspendTracker();
  }

  killEdge(): void {
    throw new RangeError('Cannot compare in a scenario as only people may change: current value is an edge');
  }

  #join(stayMs: number): void {
    const { scenario, network } = this.options;
    const { machine } = drawNewcomer(scenario, network, this.#audience);
    const listener = new Listener(
      machine,
      this.time.now,
      (holdings) => new Ear(holdings, this.packagedAt.bind(this), this.playoutDelayMs, this.#burstAtJoin),
    );
    this.present.add(listener);
    this.measures.joined();
    this.#protocol.join(listener);
    this.time.after(stayMs, () => {
      this.#leave(listener, drawDeparture(this.#audience));
    });
  }

  #leave(listener: Listener, how: Departure): void {
    if (!listener.isPresent) return;
    this.#settleAccount(listener);
    listener.isPresent = false;
    this.present.delete(listener);
    this.#uploadsOfGone.push(this.#uploadOf(listener));
    this.measures.left();
    this.#protocol.leave(listener, how);
  }

  #uploadOf({ joinedAt, upload }: Listener): WatchedUpload {
    return { joinedAt, leftAt: this.time.now, upload };
  }

  #produce(): void {
    this.time.after(CHUNK_MS, () => {
      this.newest += 1;
      this.#protocol.produced(this.newest);
      this.#produce();
    });
  }

  /** Its first sound, and then every chunk when the ear reaches it. */
  #sound(listener: Listener): void {
    const first = listener.ear.next;
    if (first === null) return;
    for (let chunk = first.chunk; chunk < first.chunk + REPAIR_PLANNED_CHUNKS; chunk += 1)
      this.#planRepair(listener, chunk);
    this.time.at(first.at, () => {
      if (this.measures.isMeasuring && listener.isPresent)
        this.measures.startupMs.add(this.time.now - listener.joinedAt);
      this.#hear(listener);
    });
  }

  #hear(listener: Listener): void {
    if (!listener.isPresent) return;
    const heard = listener.ear.hear(this.time.now);
    const { next } = listener.ear;
    if (heard === null || next === null) return;
    this.measures.heard(heard, true);
    this.#planRepair(listener, next.chunk + REPAIR_PLANNED_CHUNKS - 1);
    this.time.at(next.at, () => {
      this.#hear(listener);
    });
  }

  #planRepair(listener: Listener, chunk: number): void {
    if (this.#repairRandom === null) return;
    const leadMs = uniform(this.#repairRandom, [EDGE_LEAD_MIN_MS, EDGE_LEAD_MAX_MS]);
    this.time.at(listener.ear.dueAt(chunk) - leadMs, () => {
      if (!listener.isPresent || listener.holdings.has(chunk)) return;
      this.edge.request(listener, () => {
        this.edge.send(listener, chunk, 'repair');
      });
    });
  }

  #settleAccount({ ear, joinedAt }: Listener): void {
    const since = Math.max(joinedAt, START_MS + this.#warmUpMs);
    this.measures.missed(ear.neverHeard(this.time.now, since), true);
  }
}
