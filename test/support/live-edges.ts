import { frameChunks } from '../../shared/chunk/chunk-framing.ts';
import type { RandomSource } from '../../shared/units.ts';
import { answering, askedFor, CHUNK_MS, chunkOf, edgeBench } from './edge-bench.ts';
import type { EdgeBench } from './edge-bench.ts';
import { FakeClock, settled } from './fake-clock.ts';
import type { EdgeBody, EdgeScript } from './fake-edges.ts';

/** An edge that serves streams live on the bench's clock. */
export class LiveEdge {
  /** Chunks are sent so long after they are packaged. */
  delayMs = 0;
  /** False: it accepts and sends nothing. */
  isSending = true;
  /** Chunks that it leaves out. */
  leavesOut: (number: number) => boolean = () => false;
  isForging = false;
  readonly #clock: () => FakeClock;
  readonly #streams = new Set<{
    readonly body: EdgeBody;
    readonly stripes: readonly number[];
    next: number;
  }>();

  constructor(clock: () => FakeClock) {
    this.#clock = clock;
  }

  readonly script: EdgeScript = (path, body) => {
    const query = new URLSearchParams(path.split('?')[1]);
    if (path.includes('/chunks/')) {
      const number = askedFor(path);
      return this.#has(number)
        ? answering(200, chunkOf(number, this.isForging))(path, body)
        : answering(404)(path, body);
    }
    const from = query.get('from');
    if (path.includes('/burst')) {
      const seconds = Number(query.get('seconds'));
      const newest = this.#newest();
      const count = Math.max(1, Math.round((seconds * 1000) / CHUNK_MS));
      body.write(this.#frames(newest - count + 1, newest, [0, 1, 2, 3]));
      queueMicrotask(() => body.end());
      return new Response(body.stream);
    }
    const stripes = (query.get('stripes') ?? '').split(',').map(Number);
    this.#streams.add({
      body,
      stripes,
      next: from === null ? this.#newest() + 1 : Number(from.split('.')[1]),
    });
    this.pump();
    return new Response(body.stream);
  };

  /** Sends what is due. */
  pump(): void {
    if (!this.isSending) return;
    for (const stream of this.#streams) {
      if (stream.body.cancelled) this.#streams.delete(stream);
      else {
        const newest = this.#newest();
        stream.body.write(this.#frames(stream.next, newest, stream.stripes));
        stream.next = Math.max(stream.next, newest + 1);
      }
    }
  }

  endAll(): void {
    for (const { body } of this.#streams) body.end();
    this.#streams.clear();
  }

  #frames(first: number, last: number, stripes: readonly number[]): Uint8Array {
    const chunks: Uint8Array[] = [];
    for (let number = Math.max(0, first); number <= last; number += 1)
      if (stripes.includes(number % 4) && !this.leavesOut(number))
        chunks.push(chunkOf(number, this.isForging));
    return frameChunks(chunks);
  }

  #newest(): number {
    return Math.floor((this.#clock().now() - this.delayMs) / CHUNK_MS) - 1;
  }

  #has(number: number): boolean {
    return number <= this.#newest() && !this.leavesOut(number);
  }
}

export interface LiveBench extends EdgeBench {
  readonly edges: Readonly<Record<string, LiveEdge>>;
  /** Lets time pass; every edge sends what is due, every CHUNK_MS. */
  readonly pass: (ms: number) => Promise<void>;
  /** From now on neighbours push the chunks of these stripes, so late. */
  readonly hearFromPeers: (stripes: readonly number[], lateMs?: number) => void;
  /** From now on neighbours give what is missing, a second late, as the engine's repair has it. */
  readonly repairFromPeers: () => void;
}

/** A client of edges that are all live. */
export function liveBench(names: readonly string[], random?: RandomSource): LiveBench {
  const holder: { clock: FakeClock } = { clock: new FakeClock() };
  const edges = Object.fromEntries(names.map((name) => [name, new LiveEdge(() => holder.clock)]));
  const bench = edgeBench(
    Object.fromEntries(Object.entries(edges).map(([name, edge]) => [name, edge.script])),
    random,
  );
  holder.clock = bench.clock;
  bench.clock.advance(20_000);
  let pushed: readonly number[] = [];
  let peersLateMs = 0;
  let isRepairing = false;
  let told = 0;
  const givenByPeers = (): void => {
    const newest = Math.floor(bench.clock.now() / CHUNK_MS) - 1;
    const late = newest - peersLateMs / CHUNK_MS;
    if (pushed.includes(late % 4)) bench.hear(late);
    if (isRepairing) for (let number = told + 1; number <= newest - 4; number += 1) bench.hear(number);
    told = Math.max(told, newest - 4);
  };
  return {
    ...bench,
    edges,
    hearFromPeers: (stripes, lateMs = 0) => {
      pushed = stripes;
      peersLateMs = lateMs;
    },
    repairFromPeers: () => {
      isRepairing = true;
    },
    pass: async (ms) => {
      for (let passed = 0; passed < ms; passed += CHUNK_MS / 5) {
        await bench.clock.advanceSettled(CHUNK_MS / 5);
        for (const edge of Object.values(edges)) edge.pump();
        await settled();
        givenByPeers();
      }
    },
  };
}
