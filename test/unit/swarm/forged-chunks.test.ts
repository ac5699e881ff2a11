import { describe, expect, test } from 'vitest';
import type { Chunk } from '../../../shared/chunk/chunk.ts';
import type { EngineInput, EngineOutput } from '../../../shared/swarm/engine-io.ts';
import { encodeWire } from '../../../shared/wire/wire-codec.ts';
import { EngineBench, idOf } from '../../support/engine-bench.ts';
import { madeChunk } from '../../support/made-chunks.ts';

const NEIGHBOUR = idOf(0xbb);

const chunkOf = (sequence: number): Chunk => madeChunk({ epoch: 1_700_000_000_000, sequence });
const asksFor5 = (outputs: readonly EngineOutput[]): boolean =>
  outputs.some((output) => output.type === 'fetchChunk' && output.sequence === 5);

/** An engine that holds `chunk`, and has a neighbour. */
function engineHolding(chunk: Chunk): (input: EngineInput) => readonly EngineOutput[] {
  const bench = new EngineBench({ mountId: chunk.header.mountId });
  bench.receive(chunk);
  bench.addNeighbour(NEIGHBOUR);
  return (input) => bench.give(input);
}

const pushed = (wire: Uint8Array): EngineInput => ({
  type: 'linkMessage',
  peerId: NEIGHBOUR,
  data: encodeWire({ type: 'chunk', wire }),
});

describe('a chunk that is held already', () => {
  const chunk = madeChunk({ epoch: 1_700_000_000_000, sequence: 4 });

  test('costs the neighbour that sends a changed copy its link, without a verification', () => {
    const handle = engineHolding(chunk);
    const forged = chunk.wire.slice();
    forged[forged.length - 65] = (forged[forged.length - 65] ?? 0) ^ 1;
    const outputs = handle(pushed(forged));
    expect(outputs).toContainEqual({ type: 'misbehaviour', peerId: NEIGHBOUR, reason: 'bad-signature' });
    expect(outputs.map(({ type }) => type)).toContain('disconnect');
    expect(outputs.map(({ type }) => type)).not.toContain('verify');
  });

  test('is a duplicate when the copy is the same', () => {
    const outputs = engineHolding(chunk)(pushed(chunk.wire));
    expect(outputs.map(({ type }) => type)).not.toContain('misbehaviour');
  });
});

test('a neighbour whose forgeries come faster than they are verified is accused once', () => {
  const handle = engineHolding(madeChunk({ epoch: 1_700_000_000_000, sequence: 4 }));
  const tickets = [5, 6].flatMap((sequence) => {
    const outputs = handle(pushed(madeChunk({ epoch: 1_700_000_000_000, sequence }).wire));
    return outputs.flatMap((output) => (output.type === 'verify' ? [output.ticket] : []));
  });
  expect(tickets).toHaveLength(2);
  const outputs = tickets.flatMap((ticket) => handle({ type: 'verified', ticket, genuine: false }));
  expect(outputs.filter(({ type }) => type === 'misbehaviour')).toHaveLength(1);
});

test('a chunk that an edge forged is asked for again at once: the driver has left that edge', () => {
  const bench = new EngineBench({ mountId: chunkOf(0).header.mountId });
  const outputs = [0, 1, 2, 3, 4, 6, 7].flatMap((sequence) => bench.receive(chunkOf(sequence)));
  outputs.push(...bench.give({ type: 'burstDone', ok: true }));
  for (let turn = 0; turn < 500 && !asksFor5(outputs); turn += 1) {
    bench.now += 10;
    outputs.push(...bench.give({ type: 'tick' }));
  }
  expect(asksFor5(outputs)).toBe(true);
  const [verify] = bench.give({ type: 'edgeChunk', data: chunkOf(5).wire, cause: 'repair' });
  const ticket = verify?.type === 'verify' ? verify.ticket : -1;
  expect(asksFor5(bench.give({ type: 'verified', ticket, genuine: false }))).toBe(true);
});
