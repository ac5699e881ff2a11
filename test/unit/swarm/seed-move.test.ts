import { expect, test } from 'vitest';
import type { EngineInput, EngineOutput } from '../../../shared/swarm/engine-io.ts';
import type { SeedOffer } from '../../../shared/tracker/messages.ts';
import { EngineBench } from '../../support/engine-bench.ts';

const OFFER: SeedOffer = {
  routerRtpCapabilities: {},
  transport: { id: 't', iceParameters: {}, iceCandidates: [], dtlsParameters: {}, sctpParameters: {} },
  consumer: { id: 'c', dataProducerId: 'p', sctpStreamParameters: {}, label: '', protocol: '' },
};

/** A listener that is a seed of stripes 0 and 2 over HTTP; gives inputs and returns what came of them. */
function seedOverHttp(): (input: EngineInput) => readonly EngineOutput[] {
  const bench = new EngineBench({ tracker: true });
  const give = (input: EngineInput): readonly EngineOutput[] => {
    bench.now += 10;
    return bench.give(input);
  };
  const outputs = give({
    type: 'tracker',
    message: { type: 'seed', stripes: [0, 2], transport: 'http', solo: false },
  });
  expect(streamsOf(outputs)).toEqual([[0, 2]]);
  return give;
}

const streamsOf = (outputs: readonly EngineOutput[]): (readonly number[])[] =>
  outputs.flatMap((output) => (output.type === 'openStream' ? [output.stripes] : []));
const transportsOf = (outputs: readonly EngineOutput[]): (SeedOffer | null)[] =>
  outputs.flatMap((output) => (output.type === 'seedTransport' ? [output.offer] : []));

const MOVE: EngineInput = {
  type: 'tracker',
  message: { type: 'seed', stripes: [0, 2], transport: 'webrtc', solo: false, webrtc: OFFER },
};

test('a seed that moves from HTTP to WebRTC keeps its stream until the transport is open', () => {
  const give = seedOverHttp();
  const moving = give(MOVE);
  expect(transportsOf(moving)).toEqual([OFFER]);
  expect(streamsOf(moving)).toEqual([]);
  expect(streamsOf(give({ type: 'seedLink', state: 'open' }))).toEqual([[]]);
});

test('a seed whose transport fails has its stripes over HTTP again, at once', () => {
  const give = seedOverHttp();
  give(MOVE);
  give({ type: 'seedLink', state: 'open' });
  const failed = give({ type: 'seedLink', state: 'failed', reason: 'ice' });
  expect(transportsOf(failed)).toEqual([null]);
  expect(streamsOf(failed)).toEqual([[0, 2]]);
});

test('an offer that is made again moves nothing', () => {
  const give = seedOverHttp();
  give(MOVE);
  give({ type: 'seedLink', state: 'open' });
  const again = give(MOVE);
  expect(transportsOf(again)).toEqual([]);
  expect(streamsOf(again)).toEqual([]);
});
