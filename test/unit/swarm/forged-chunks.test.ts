import { describe, expect, test } from 'vitest';
import type { Chunk } from '../../../shared/chunk/chunk.ts';
import type { EngineInput, EngineOutput } from '../../../shared/swarm/engine-io.ts';
import { ListenerEngine } from '../../../shared/swarm/engine.ts';
import { WIRE_VERSION } from '../../../shared/wire/messages.ts';
import { encodeWire } from '../../../shared/wire/wire-codec.ts';
import { kilobitsPerSecond, millis, peerId, stripe } from '../../../shared/units.ts';
import { madeChunk } from '../../support/made-chunks.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const NEIGHBOUR = peerId('00000000000000bb');
const NOW = millis(1_000);

/** An engine that holds `chunk`, and has a neighbour. */
function engineHolding(chunk: Chunk): (input: EngineInput) => readonly EngineOutput[] {
  const engine = new ListenerEngine(
    {
      mountId: chunk.header.mountId,
      participation: 'relay',
      bitrateKbps: 128,
      uploadCapKbps: kilobitsPerSecond(1000),
      playoutDelayMs: 2500,
      peersAllowed: true,
    },
    seededRandom(1),
  );
  const handle = (input: EngineInput): readonly EngineOutput[] => engine.handle(NOW, input);
  handle({ type: 'start' });
  const outputs = handle({ type: 'edgeChunk', data: chunk.wire, cause: 'burst' });
  for (const output of outputs)
    if (output.type === 'verify') handle({ type: 'verified', ticket: output.ticket, genuine: true });
  handle({ type: 'linkOpen', peerId: NEIGHBOUR });
  const hello = {
    type: 'hello',
    version: WIRE_VERSION,
    acceptsChildren: true,
    primaryStripe: stripe(0),
  } as const;
  handle({ type: 'linkMessage', peerId: NEIGHBOUR, data: encodeWire(hello) });
  return handle;
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
