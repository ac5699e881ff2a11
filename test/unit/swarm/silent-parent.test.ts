import { expect, test } from 'vitest';
import { SIGN_OF_LIFE_MAX_MS, SUSPECT_MAX_MS } from '../../../shared/swarm/limits.ts';
import type { EngineOutput } from '../../../shared/swarm/engine-io.ts';
import { sequence, STRIPES } from '../../../shared/units.ts';
import { EngineBench, idOf, told } from '../../support/engine-bench.ts';
import { CHUNK_MS, VirtualOrigin } from '../../support/virtual-origin.ts';

const [A, B] = [idOf(1), idOf(2)];
const STEP_MS = 50;

/** All stripes come from A, as chunks do, until A falls silent; B goes on telling of new ones. */
function orphaned(signOfLife: boolean): readonly EngineOutput[] {
  const bench = new EngineBench();
  const origin = new VirtualOrigin(128);
  bench.addNeighbour(A, { slotsFree: 8, depth: 0 });
  for (const stripe of STRIPES) bench.hear(A, { type: 'path', stripe, path: [1] });
  for (let number = 0; number < 12; number += 1) {
    bench.now += CHUNK_MS;
    bench.receive(origin.produce(bench.now));
  }
  bench.addNeighbour(B, { slotsFree: 8, depth: 0 });
  const outputs: EngineOutput[] = [];
  const until = bench.now + CHUNK_MS + SUSPECT_MAX_MS + SIGN_OF_LIFE_MAX_MS + STEP_MS;
  for (let next = bench.now + CHUNK_MS; bench.now < until; bench.now += STEP_MS) {
    if (bench.now >= next) {
      next += CHUNK_MS;
      const { epoch, sequence: number } = origin.produce(bench.now).header;
      outputs.push(
        ...bench.hear(B, {
          type: 'haveOne',
          epoch,
          sequence: sequence(number),
        }),
      );
    }
    const now = bench.give({ type: 'tick' });
    outputs.push(...now);
    if (signOfLife)
      for (const { message } of told(now, 'ping'))
        if (message.type === 'ping') outputs.push(...bench.hear(A, { type: 'pong', nonce: message.nonce }));
  }
  return outputs;
}

const askedToAdopt = (outputs: readonly EngineOutput[]): readonly string[] =>
  told(outputs, 'adopt').map(({ to }) => to);

test('a parent that falls silent is asked for a sign of life, and replaced within about a second without one', () => {
  const outputs = orphaned(false);
  expect(told(outputs, 'ping').map(({ to }) => to)).toContain(A);
  expect(askedToAdopt(outputs)).toContain(B);
});

test('a parent that gives a sign of life is not left for a chunk that is late', () => {
  const outputs = orphaned(true);
  expect(told(outputs, 'ping').map(({ to }) => to)).toContain(A);
  expect(askedToAdopt(outputs)).toEqual([]);
});
