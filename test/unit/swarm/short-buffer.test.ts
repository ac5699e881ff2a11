import { expect, test } from 'vitest';
import type { EngineOutput } from '../../../shared/swarm/engine-io.ts';
import { EDGE_LEAD_MIN_MS } from '../../../shared/swarm/limits.ts';
import { millis } from '../../../shared/units.ts';
import { EngineBench } from '../../support/engine-bench.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { CHUNK_MS, VirtualOrigin } from '../../support/virtual-origin.ts';

const STEP_MS = 10;
/** From asking an edge for a chunk until it is here, the second edge's answer after the first one's "not here". */
const EDGE_MS = 350;
const BURST_CHUNKS = 10;

/** An origin that has made so many chunks, the last one just now. */
function originWith(chunks: number, now: number): VirtualOrigin {
  const origin = new VirtualOrigin(128);
  for (let left = chunks - 1; left >= 0; left -= 1) origin.produce(now - left * CHUNK_MS);
  return origin;
}

const played = (outputs: readonly EngineOutput[]): number[] =>
  outputs.flatMap((output) => (output.type === 'play' ? [output.chunk.header.sequence] : []));
const asked = (outputs: readonly EngineOutput[]): number[] =>
  outputs.flatMap((output) => (output.type === 'fetchChunk' ? [output.sequence] : []));

/** A burst has come, and nothing of it is verified yet. Returns how its chunks are named to the verifier. */
function takeBurst(bench: EngineBench, chunks = BURST_CHUNKS, before = 0): number[] {
  const origin = originWith(before + chunks, Math.floor(bench.now));
  const tickets = origin
    .burst(chunks * CHUNK_MS)
    .flatMap(({ wire }) =>
      bench
        .give({ type: 'edgeChunk', data: wire, cause: 'burst' })
        .flatMap((output) => (output.type === 'verify' ? [output.ticket] : [])),
    );
  bench.give({ type: 'burstDone', ok: true, reason: '' });
  return tickets;
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'sound begins with the oldest chunk of a burst, in whatever order its signatures are checked (seed %i)',
  (seed) => {
    const random = seededRandom(seed);
    const bench = new EngineBench();
    const outputs = takeBurst(bench)
      .map((ticket) => ({ ticket, at: random() }))
      .toSorted((left, right) => left.at - right.at)
      .flatMap(({ ticket }) => bench.give({ type: 'verified', ticket, genuine: true }));
    expect(played(outputs)).toEqual(Array.from({ length: BURST_CHUNKS }, (_, index) => index));
  },
);

test('a forged chunk in a burst does not keep the sound from beginning after it', () => {
  const bench = new EngineBench();
  const outputs = takeBurst(bench)
    .toReversed()
    .flatMap((ticket, back) => bench.give({ type: 'verified', ticket, genuine: back !== 6 }));
  expect(played(outputs)).toEqual([4, 5, 6, 7, 8, 9]);
});

test('the first chunk of a burst is in time, however long its signature took: it is heard at once (seed 9)', () => {
  const random = seededRandom(9);
  for (let start = 0; start < 200; start += 1) {
    const bench = new EngineBench();
    // A third has no end in binary: what is added and taken away again comes out a little less.
    bench.now = 1_000 + (4_000 * random()) / 3;
    const tickets = takeBurst(bench, BURST_CHUNKS + 1, 100);
    bench.now += 100 * random();
    const outputs = tickets
      .toReversed()
      .flatMap((ticket) => bench.give({ type: 'verified', ticket, genuine: true }));
    bench.now += 1;
    outputs.push(...bench.give({ type: 'tick' }));
    const [due] = outputs.flatMap((output) => (output.type === 'due' ? [output] : []));
    expect(due, `at ${bench.now}`).toMatchObject({ sequence: 100, inTime: true });
  }
});

/** A second of sound, nobody near, and an edge that is asked for single chunks. @param sourceMs chunks are made so long */
function listenAlone(sourceMs: number, listenMs: number): { bench: EngineBench; outputs: EngineOutput[] } {
  const bench = new EngineBench();
  const startedAt = bench.now;
  const origin = originWith(4, startedAt);
  const outputs: EngineOutput[] = [];
  const answers: { readonly at: number; readonly give: () => readonly EngineOutput[] }[] = [];
  const take = (more: readonly EngineOutput[]): void => {
    outputs.push(...more);
    for (const output of more) {
      const at = bench.now + EDGE_MS;
      if (output.type === 'fetchChunk') answers.push({ at, give: () => answerTo(output) });
      else if (output.type === 'fetchBurst') answers.push({ at, give: () => burst(output.durationMs) });
    }
  };
  const answerTo = ({ epoch, sequence }: Extract<EngineOutput, { type: 'fetchChunk' }>) => {
    const chunk = origin.find(epoch, sequence);
    return chunk === undefined
      ? bench.give({ type: 'fetchFailed', epoch, sequence, gone: false })
      : bench.receive(chunk, 'repair');
  };
  const burst = (durationMs: number): readonly EngineOutput[] => [
    ...origin.burst(durationMs).flatMap((chunk) => bench.receive(chunk)),
    ...bench.give({ type: 'burstDone', ok: true, reason: '' }),
  ];
  take(burst(1000));
  for (let ms = STEP_MS; ms <= listenMs; ms += STEP_MS) {
    bench.now = startedAt + ms;
    if (ms % CHUNK_MS === 0 && ms <= sourceMs) origin.produce(bench.now);
    for (let answer = answers[0]; answer !== undefined && answer.at <= bench.now; answer = answers[0]) {
      answers.shift();
      take(answer.give());
    }
    take(bench.give({ type: 'tick' }));
  }
  return { bench, outputs };
}

test('an ear close to the live edge asks for the next chunk before it has nothing to hear, though nobody told of it', () => {
  const { bench, outputs } = listenAlone(Number.POSITIVE_INFINITY, 1_500);
  expect(asked(outputs)[0]).toBe(4);
  expect(played(outputs).length).toBeGreaterThan(6);
  expect(played(outputs)).toEqual(Array.from({ length: played(outputs).length }, (_, index) => index));
  const { counters } = bench.engine.snapshot(millis(bench.now));
  expect(counters.chunksInTime).toBe(counters.chunksDue);
  expect(EDGE_MS).toBeLessThan(EDGE_LEAD_MIN_MS);
});

test('a source that has fallen silent is asked for ever more rarely by such an ear, too', () => {
  const { outputs } = listenAlone(0, 12_000);
  const questions = outputs.filter(({ type }) => type === 'fetchChunk' || type === 'fetchBurst');
  expect(questions.length).toBeGreaterThan(1);
  expect(questions.length).toBeLessThanOrEqual(4);
});
