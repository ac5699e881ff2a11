import { expect, test } from 'vitest';
import type { EngineOutput } from '../../../shared/swarm/engine-io.ts';
import { SEED_MISSED_MAX } from '../../../shared/swarm/limits.ts';
import type { Chunk } from '../../../shared/chunk/chunk.ts';
import { chunkStripe } from '../../../shared/chunk/chunk.ts';
import { EngineBench, trackerTold } from '../../support/engine-bench.ts';
import { CHUNK_MS, VirtualOrigin } from '../../support/virtual-origin.ts';

const STEP_MS = 50;
const WITHHELD = 2;

interface Heard {
  readonly failures: readonly unknown[];
  /** Chunks of the stripe that were repaired before the transport was given up. */
  readonly repairedBefore: number;
  readonly skipped: number;
}

/**
 * A seed of stripes 0 and 2 over WebRTC that plays from the edge what it asks for; the other stripes come by push.
 * @param brings whether the transport brings this one of stripe 2
 */
function listenFor(seconds: number, brings: (index: number) => boolean): Heard {
  const bench = new EngineBench({ tracker: true });
  const origin = new VirtualOrigin(128);
  bench.give({
    type: 'tracker',
    message: {
      type: 'seed',
      stripes: [0, WITHHELD],
      transport: 'webrtc',
      solo: false,
      webrtc: {
        routerRtpCapabilities: {},
        transport: { id: 't', iceParameters: {}, iceCandidates: [], dtlsParameters: {}, sctpParameters: {} },
        consumer: { id: 'c', dataProducerId: 'p', sctpStreamParameters: {}, label: '', protocol: '' },
      },
    },
  });
  bench.give({ type: 'seedLink', state: 'open' });
  const outputs: EngineOutput[] = [];
  let repaired = 0;
  let repairedBefore = 0;
  const take = (more: readonly EngineOutput[]): void => {
    for (const output of more) {
      outputs.push(output);
      if (output.type === 'fetchChunk') {
        const chunk = origin.find(output.epoch, output.sequence);
        if (chunk !== undefined) repaired += 1;
        if (chunk !== undefined) take(bench.receive(chunk, 'repair'));
      } else if (output.type === 'tracker' && output.message.type === 'seedFailed') repairedBefore = repaired;
    }
  };
  const push = (chunk: Chunk): void => {
    const stripe = chunkStripe(chunk);
    if (stripe !== WITHHELD || brings((chunk.header.sequence - WITHHELD) / 4))
      take(bench.receive(chunk, stripe % 2 === 0 ? 'seed' : 'burst'));
  };
  for (let at = CHUNK_MS; at <= seconds * 1000; at += STEP_MS) {
    bench.now += STEP_MS;
    if (at % CHUNK_MS === 0) push(origin.produce(bench.now));
    take(bench.give({ type: 'tick' }));
  }
  const skipped = outputs.reduce((sum, output) => sum + (output.type === 'play' ? output.skipped : 0), 0);
  return { failures: trackerTold(outputs, 'seedFailed'), repairedBefore, skipped };
}

test('a seed gives up a transport that leaves a stripe out, says why, and has heard all of it', () => {
  const { failures, repairedBefore, skipped } = listenFor(12, (index) => index < 2);
  expect(failures).toEqual([{ type: 'seedFailed', reason: 'withheld' }]);
  expect(repairedBefore).toBe(SEED_MISSED_MAX);
  expect(skipped).toBe(0);
});

test('a seed forgives chunks that are lost between others that come', () => {
  const { failures, skipped } = listenFor(20, (index) => index % SEED_MISSED_MAX === 0);
  expect(failures).toEqual([]);
  expect(skipped).toBe(0);
});
