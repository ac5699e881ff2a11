import { expect, test } from 'vitest';
import type { Chunk } from '../../../shared/chunk/chunk.ts';
import type { EngineOutput } from '../../../shared/swarm/engine-io.ts';
import { LATE_REASON } from '../../../shared/tracker/messages.ts';
import { STRIPES } from '../../../shared/units.ts';
import type { PeerId } from '../../../shared/units.ts';
import { EngineBench, idOf, told, trackerTold } from '../../support/engine-bench.ts';
import { CHUNK_MS, VirtualOrigin } from '../../support/virtual-origin.ts';

const [A, B] = [idOf(1), idOf(2)];
const STEP_MS = 50;
const ANSWER_MS = 100;

interface Arrival {
  readonly at: number;
  readonly from: PeerId;
  readonly chunk: Chunk;
}

/**
 * All stripes come from A, which lives; B has every chunk at once, and gives what it is asked for.
 * @param lateMs so long after its packaging A passes a chunk on, from the 13th on
 * @param line until when nothing at all reaches us; it comes then
 */
function listenTo(lateMs: number, line = { downFromMs: 0, downForMs: 0 }): readonly EngineOutput[] {
  const bench = new EngineBench({ tracker: true });
  const origin = new VirtualOrigin(128);
  const outputs: EngineOutput[] = [];
  let arrivals: Arrival[] = [];
  bench.addNeighbour(A, { slotsFree: 8, depth: 0 });
  for (const stripe of STRIPES) bench.hear(A, { type: 'path', stripe, path: [1] });
  for (let number = 0; number < 12; number += 1) {
    bench.now += CHUNK_MS;
    bench.receive(origin.produce(bench.now));
  }
  bench.addNeighbour(B, { slotsFree: 0, depth: 0 });
  const begunAt = bench.now;
  const [downAt, upAt] = [begunAt + line.downFromMs, begunAt + line.downFromMs + line.downForMs];
  const reaches = (at: number): number => (at >= downAt && at < upAt ? upAt : at);
  const perform = (more: readonly EngineOutput[]): void => {
    outputs.push(...more);
    for (const { to, message } of told(more, 'want')) {
      if (to !== B || message.type !== 'want') continue;
      for (const number of message.sequences) {
        const chunk = origin.find(message.epoch, number);
        if (chunk !== undefined) arrivals.push({ at: reaches(bench.now + ANSWER_MS), from: B, chunk });
      }
    }
    for (const { to, message } of told(more, 'ping'))
      if (message.type === 'ping') perform(bench.hear(to, { type: 'pong', nonce: message.nonce }));
    for (const output of more)
      if (output.type === 'verify')
        perform(bench.give({ type: 'verified', ticket: output.ticket, genuine: true }));
  };
  for (let next = begunAt + CHUNK_MS; bench.now < begunAt + 8_000; bench.now += STEP_MS) {
    if (bench.now >= next) {
      next += CHUNK_MS;
      const chunk = origin.produce(bench.now);
      const { epoch, sequence } = chunk.header;
      arrivals.push({ at: reaches(bench.now + lateMs), from: A, chunk });
      if (reaches(bench.now) === bench.now) perform(bench.hear(B, { type: 'haveOne', epoch, sequence }));
    }
    const due = arrivals.filter(({ at }) => at <= bench.now);
    arrivals = arrivals.filter(({ at }) => at > bench.now);
    for (const { from, chunk } of due) perform(bench.hear(from, { type: 'chunk', wire: chunk.wire }));
    perform(bench.give({ type: 'tick' }));
  }
  return outputs;
}

test('a parent that is let go for chunks which another had in time is told of to the tracker', () => {
  const complaints = trackerTold(listenTo(4_000), 'complaint');
  expect(complaints.length).toBeGreaterThanOrEqual(STRIPES.length);
  for (const complaint of complaints) expect(complaint).toMatchObject({ peerId: A, reason: LATE_REASON });
});

test('a parent that passes chunks on in time is not told of', () => {
  expect(trackerTold(listenTo(200), 'complaint')).toEqual([]);
});

test('a listener whose own line stood still for 2 s tells nobody of its parent', () => {
  expect(trackerTold(listenTo(200, { downFromMs: 1_000, downForMs: 2_000 }), 'complaint')).toEqual([]);
});
