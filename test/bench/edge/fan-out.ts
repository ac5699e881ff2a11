import type { OpenSeedTransport, SeedTransport } from '../../../client/listener/environment.ts';
import { loadDemo } from '../../../server/demo/demo-feed.ts';
import { EgressCounter } from '../../../server/edge/egress.ts';
import { createNodeEnvironment } from '../../../server/listener/node-environment.ts';
import { silentLog } from '../../../server/log.ts';
import { MediasoupSeeding } from '../../../server/seeding/seeding.ts';
import { CHUNK_DURATION_MS } from '../../../server/station/packager.ts';
import { ephemeralStationKey } from '../../../server/station/station-key.ts';
import { StationMount } from '../../../server/station/station-mount.ts';
import { decodeChunk } from '../../../shared/chunk/chunk-codec.ts';
import { epoch, peerId, STRIPES, unixMillis } from '../../../shared/units.ts';
import { cpuSecondsOf } from '../process-usage.ts';
import { concurrently, rounded, sleep } from './section.ts';
import type { PeerId } from '../../../shared/units.ts';
import type { Row, Section, SectionOptions } from './section.ts';

const SEED_COUNTS = [1, 10, 50, 200] as const;
const SEED_COUNTS_QUICK = [1, 10] as const;
/** Hand-shakes at a time. */
const OPENING_MAX = 4;
const READY_TIMEOUT_MS = 30_000;
const OPEN_TIMEOUT_MS = 15_000;
/** After the last chunk of a measurement, for those still under way. */
const DRAIN_MS = 1_000;

/**
 * The demo in real time through mediasoup to seeds in Node, each with every stripe. Seeds are in this process: where
 * they are many, what they themselves cost on this machine is in the delivery times.
 */
export const fanOutSection: Section = {
  name: 'fanOut',
  title: 'mediasoup to Node seeds, the demo in real time',
  run: async (options) => {
    const bench = await FanOut.start(options.progress);
    try {
      const rows: Row[] = [];
      for (const count of options.quick ? SEED_COUNTS_QUICK : SEED_COUNTS) {
        options.progress(`${count} seeds: connecting`);
        await bench.growTo(count);
        options.progress(`${count} seeds: measuring`);
        rows.push(await bench.measure(options));
      }
      return rows;
    } finally {
      await bench.stop();
    }
  },
};

class FanOut {
  readonly #mount: StationMount;
  readonly #seeding: MediasoupSeeding;
  readonly #open: OpenSeedTransport;
  readonly #seeds = new Map<PeerId, SeedTransport>();
  readonly #progress: (line: string) => void;
  #opened = 0;
  #lost = 0;
  readonly #demo = loadDemo();
  #frameIndex = 0;
  /** When each chunk was made, by its number. */
  readonly #madeAtMs = new Map<number, number>();
  readonly #delaysMs: number[] = [];
  /** Messages that each seed got in this measurement. */
  readonly #counts = new Map<PeerId, number>();
  #isPathUp = false;

  static async start(progress: (line: string) => void): Promise<FanOut> {
    const open = await createNodeEnvironment().loadSeedTransport?.();
    if (open === undefined)
      throw new Error('Cannot measure seeds as Node must have WebRTC: current value is none');
    const bench = new FanOut(open, progress);
    try {
      await bench.#untilReady();
      return bench;
    } catch (error) {
      await bench.stop();
      throw error;
    }
  }

  constructor(open: OpenSeedTransport, progress: (line: string) => void) {
    this.#progress = progress;
    this.#open = open;
    this.#mount = new StationMount({
      path: '/live.mp3',
      key: ephemeralStationKey(),
      bitrateKbps: null,
      nextEpoch: () => epoch(1),
      now: () => unixMillis(Date.now()),
    });
    // Before seeding listens, so that the time is taken before the chunk leaves.
    this.#mount.onChunk(({ header }) => {
      this.#madeAtMs.set(header.sequence, performance.now());
    });
    this.#seeding = new MediasoupSeeding({
      mounts: [this.#mount],
      config: { enabled: true, port: 0, announcedAddress: null, workersMax: 1 },
      egress: new EgressCounter(),
      log: silentLog(),
      random: Math.random,
    });
    this.#seeding.start({
      onPath: (_, up) => {
        this.#isPathUp = up;
      },
      onStalled: () => undefined,
      onLost: (_, peer, reason) => {
        this.#lose(peer, reason);
      },
      onMoved: () => undefined,
    });
    this.#mount.handle({ type: 'config', config: this.#demo.config });
  }

  async growTo(count: number): Promise<void> {
    await concurrently(count - this.#seeds.size, OPENING_MAX, async () => {
      this.#opened += 1;
      const id = peerId(this.#opened.toString(16).padStart(16, '0'));
      this.#seeds.set(id, await this.#openSeed(id));
    });
  }

  async measure({ quick }: SectionOptions): Promise<Row> {
    const durationMs = quick ? 3_000 : 10_000;
    const [pid] = this.#seeding.pids;
    if (pid === undefined)
      throw new Error('Cannot measure the worker as it must be up: current value is none');
    const seedCount = this.#seeds.size;
    this.#lost = 0;
    this.#madeAtMs.clear();
    this.#delaysMs.length = 0;
    this.#counts.clear();
    const cpuBefore = cpuSecondsOf(pid);
    const started = performance.now();
    await this.#play(durationMs);
    const playedSeconds = (performance.now() - started) / 1000;
    await sleep(DRAIN_MS);
    const cpuSeconds = cpuSecondsOf(pid) - cpuBefore;
    const due = this.#madeAtMs.size * seedCount;
    const sorted = this.#delaysMs.toSorted((left, right) => left - right);
    const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
    return {
      of: `seeds${seedCount}`,
      figures: {
        messagesPerSecond: rounded(sorted.length / playedSeconds, 1),
        deliveredShare: rounded(sorted.length / due, 4),
        seedsLost: this.#lost,
        seedsWithAll: [...this.#counts.values()].filter((count) => count === this.#madeAtMs.size).length,
        deliveryP50Ms: rounded(at(0.5), 2),
        deliveryP95Ms: rounded(at(0.95), 2),
        workerCpuSeconds: rounded(cpuSeconds, 2),
        playedSeconds: rounded(playedSeconds, 1),
      },
    };
  }

  async stop(): Promise<void> {
    for (const seed of this.#seeds.values()) seed.close();
    await this.#seeding.stop();
  }

  /** A chunk at the moment when it is due, as a live source would. */
  async #play(durationMs: number): Promise<void> {
    const started = performance.now();
    for (let dueMs = CHUNK_DURATION_MS; dueMs <= durationMs; dueMs += CHUNK_DURATION_MS) {
      await sleep(started + dueMs - performance.now());
      const made = this.#madeAtMs.size;
      while (this.#madeAtMs.size === made) {
        const frame = this.#demo.frames[this.#frameIndex % this.#demo.frames.length];
        if (frame === undefined)
          throw new Error('Cannot play the demo as it must have frames: current value is none');
        this.#frameIndex += 1;
        this.#mount.handle({ type: 'frame', frame });
      }
    }
  }

  /** Either end may notice first. What a lost seed misses counts as not delivered. */
  #lose(id: PeerId, reason: string): void {
    const seed = this.#seeds.get(id);
    if (!this.#seeds.delete(id)) return;
    this.#lost += 1;
    this.#progress(`seed ${id} is lost: ${reason}`);
    seed?.close();
  }

  async #openSeed(id: PeerId): Promise<SeedTransport> {
    const offer = await this.#seeding.assign(this.#mount.id, id, STRIPES);
    const opened = Promise.withResolvers<undefined>();
    const seed = this.#open(offer, {
      onConnect: (dtlsParameters) => {
        this.#seeding.connect(this.#mount.id, id, offer.transport.id, dtlsParameters);
      },
      onOpen: () => {
        opened.resolve(undefined);
      },
      onMessage: (data) => {
        this.#received(id, data);
      },
      onFailed: (reason) => {
        this.#lose(id, reason);
        opened.reject(new Error(`Cannot connect a seed as it must open: current value is ${reason}`));
      },
    });
    const timer = setTimeout(() => {
      opened.reject(
        new Error(`Cannot connect a seed as it must open in ${OPEN_TIMEOUT_MS} ms: current value is not`),
      );
    }, OPEN_TIMEOUT_MS);
    try {
      await opened.promise;
      return seed;
    } catch (error) {
      seed.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #received(id: PeerId, data: Uint8Array): void {
    const now = performance.now();
    const decoded = decodeChunk(data);
    const madeAtMs = decoded.ok ? this.#madeAtMs.get(decoded.chunk.header.sequence) : undefined;
    if (madeAtMs === undefined) return;
    this.#delaysMs.push(now - madeAtMs);
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1);
  }

  /** A worker that is up has no router for the mount yet: the path is what counts. */
  async #untilReady(): Promise<void> {
    const until = performance.now() + READY_TIMEOUT_MS;
    while (!this.#isPathUp) {
      const { state, detail } = this.#seeding.status();
      if (state === 'unavailable' || performance.now() > until)
        throw new Error(
          `Cannot measure seeds as a mediasoup path must be up: current value is ${state} (${detail})`,
        );
      await sleep(20);
    }
  }
}
