import type { EdgeCause } from '../../shared/swarm/engine-io.ts';
import { Histogram } from './histogram.ts';
import type { HeardChunk } from './playback-watch.ts';
import type { Percentiles, SecondFigures } from './result.ts';

const CAUSES: readonly EdgeCause[] = ['seed', 'burst', 'repair', 'fallback'];

type CauseBytes = Record<EdgeCause, number>;

/** Everything that is counted over all listeners: in this second, and in the measured time. */
export class Measures {
  readonly latencyMs = new Histogram(1, 30_000);
  readonly startupMs = new Histogram(1, 30_000);
  /** Of those who joined during the warm-up. */
  readonly warmUpStartupMs = new Histogram(1, 30_000);
  readonly reparentMs = new Histogram(1, 30_000);
  readonly timeline: SecondFigures[] = [];
  due = 0;
  inTime = 0;
  dueUntroubled = 0;
  inTimeUntroubled = 0;
  interruptions = 0;
  listenedMs = 0;
  joins = 0;
  departures = 0;
  trackerMessages = 0;
  trackerConnectsPeak = 0;
  chunkBytesDelivered = 0;
  controlBytesDelivered = 0;
  duplicateBytes = 0;
  droppedPeers = 0;
  droppedHonestPeers = 0;
  /** Times that a community relay was made to rest, in the warm-up too. */
  relaysRested = 0;
  readonly edgeBytes: CauseBytes = noBytes();
  #measuringSince: number | null = null;
  readonly #bytesPerSecond: number;
  readonly #second = {
    edgeBytes: noBytes(),
    latencyMs: new Histogram(10, 30_000),
    due: 0,
    inTime: 0,
    joins: 0,
    departures: 0,
    trackerConnects: 0,
  };

  constructor(bitrateKbps: number) {
    this.#bytesPerSecond = bitrateKbps * 125;
  }

  /** The warm-up is over. */
  begin(now: number): void {
    this.#measuringSince = now;
  }

  get isMeasuring(): boolean {
    return this.#measuringSince !== null;
  }

  /** ms of virtual time; null during the warm-up. */
  get measuringSince(): number | null {
    return this.#measuringSince;
  }

  heard(chunk: HeardChunk, untroubled: boolean): void {
    const due = 1 + chunk.silent;
    const inTime = chunk.inTime ? 1 : 0;
    this.#second.due += due;
    this.#second.inTime += inTime;
    if (chunk.latencyMs !== null) this.#second.latencyMs.add(chunk.latencyMs);
    if (!this.isMeasuring) return;
    this.missed(due, untroubled);
    this.inTime += inTime;
    if (untroubled) this.inTimeUntroubled += inTime;
    if (chunk.interrupted) this.interruptions += 1;
    if (chunk.latencyMs !== null) this.latencyMs.add(chunk.latencyMs);
  }

  /** Chunks that were due and have not been heard (yet). */
  missed(count: number, untroubled: boolean): void {
    if (!this.isMeasuring) return;
    this.due += count;
    if (untroubled) this.dueUntroubled += count;
  }

  sentByEdge(cause: EdgeCause, bytes: number): void {
    this.#second.edgeBytes[cause] += bytes;
    if (this.isMeasuring) this.edgeBytes[cause] += bytes;
  }

  delivered(length: number, isChunk: boolean): void {
    if (!this.isMeasuring) return;
    if (isChunk) this.chunkBytesDelivered += length;
    else this.controlBytesDelivered += length;
  }

  started(afterMs: number): void {
    (this.isMeasuring ? this.startupMs : this.warmUpStartupMs).add(afterMs);
  }

  joined(): void {
    this.#second.joins += 1;
    if (this.isMeasuring) this.joins += 1;
  }

  left(): void {
    this.#second.departures += 1;
    if (this.isMeasuring) this.departures += 1;
  }

  /** An engine dropped a peer for breaking a rule. */
  dropped(honest: boolean): void {
    if (!this.isMeasuring) return;
    this.droppedPeers += 1;
    if (honest) this.droppedHonestPeers += 1;
  }

  trackerConnecting(): void {
    this.#second.trackerConnects += 1;
  }

  /** A second is over. */
  closeSecond(second: number, listeners: number): void {
    const now = this.#second;
    this.timeline.push({
      second,
      listeners,
      copiesByCause: this.copies(now.edgeBytes, 1),
      playedOnTime: now.due === 0 ? null : now.inTime / now.due,
      latencyP50Ms: now.latencyMs.percentile(0.5),
      latencyP95Ms: now.latencyMs.percentile(0.95),
      joins: now.joins,
      departures: now.departures,
    });
    if (this.isMeasuring) {
      this.listenedMs += listeners * 1000;
      this.trackerConnectsPeak = Math.max(this.trackerConnectsPeak, now.trackerConnects);
    }
    Object.assign(now.edgeBytes, noBytes());
    now.latencyMs.clear();
    now.due = now.inTime = now.joins = now.departures = now.trackerConnects = 0;
  }

  /** Bytes over so many seconds as multiples of the stream. */
  copies(edgeBytes: Readonly<CauseBytes>, seconds: number): CauseBytes {
    const copies = noBytes();
    for (const cause of CAUSES) copies[cause] = round(edgeBytes[cause] / this.#bytesPerSecond / seconds, 4);
    return copies;
  }
}

export const copiesOf = (copies: Readonly<CauseBytes>): number =>
  CAUSES.reduce((sum, cause) => sum + copies[cause], 0);

export const percentilesOf = (histogram: Histogram): Percentiles => ({
  p50: histogram.percentile(0.5),
  p95: histogram.percentile(0.95),
  p99: histogram.percentile(0.99),
  max: histogram.total === 0 ? null : round(histogram.max, 3),
});

/** Of a list, by nearest rank. */
export function percentilesOfList(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((left, right) => left - right);
  const at = (share: number): number | null => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
    return value === undefined ? null : round(value, 3);
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

export const round = (value: number, digits: number): number =>
  Math.round(value * 10 ** digits) / 10 ** digits;

function noBytes(): CauseBytes {
  return { seed: 0, burst: 0, repair: 0, fallback: 0 };
}
