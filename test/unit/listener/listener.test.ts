import { NO_COUNTS } from '../../../shared/swarm/engine-io.ts';
import { describe, expect, test } from 'vitest';
import { createListener } from '../../../client/listener/listener.ts';
import type { ListenerOptions, SnapshotEngine } from '../../../client/listener/listener.ts';
import type {
  ListenerEnvironment,
  SeedTransportHandlers,
  SocketHandlers,
} from '../../../client/listener/environment.ts';
import { encodeUnsigned, sealChunk } from '../../../shared/chunk/chunk-codec.ts';
import { frameChunks } from '../../../shared/chunk/chunk-framing.ts';
import { SIGNATURE_LENGTH } from '../../../shared/chunk/chunk.ts';
import type {
  EngineInput,
  EngineOptions,
  EngineOutput,
  EngineSnapshot,
} from '../../../shared/swarm/engine-io.ts';
import type { SeedOffer } from '../../../shared/tracker/messages.ts';
import { millis, peerId, stripe } from '../../../shared/units.ts';
import { plainFields } from '../../support/arbitrary-chunk.ts';
import { FakeClock, settled } from '../../support/fake-clock.ts';
import { fakeEdges } from '../../support/fake-edges.ts';
import { fakePeers } from '../../support/fake-peers.ts';

const neighbour = peerId('00000000000000bb');
const chunk = sealChunk(
  encodeUnsigned(plainFields, new Uint8Array(0), Uint8Array.of(1)),
  new Uint8Array(SIGNATURE_LENGTH).fill(9),
);
const offer: SeedOffer = {
  routerRtpCapabilities: {},
  transport: { id: 't1', iceParameters: {}, iceCandidates: [], dtlsParameters: {}, sctpParameters: {} },
  consumer: { id: 'c', dataProducerId: 'd', sctpStreamParameters: {}, label: '', protocol: '' },
};
const snapshot: EngineSnapshot = {
  phase: 'playing',
  peerId: null,
  neighbours: [],
  parents: [],
  childCount: 0,
  childSlots: 0,
  childNeighbourCount: 0,
  live: null,
  bufferMs: 0,
  counters: NO_COUNTS,
};

/** Says what the test told it to say when an input of that type comes. */
class ScriptedEngine implements SnapshotEngine {
  readonly inputs: EngineInput[] = [];
  readonly answers = new Map<EngineInput['type'], readonly EngineOutput[]>();
  options: EngineOptions | null = null;
  /** What edges send is given to be verified, the very bytes. */
  verifiesEdgeChunks = false;

  handle(_: unknown, input: EngineInput): readonly EngineOutput[] {
    this.inputs.push(input);
    const answer = this.answers.get(input.type) ?? [];
    this.answers.delete(input.type);
    if (this.verifiesEdgeChunks && input.type === 'edgeChunk')
      return [{ type: 'verify', ticket: 1, chunk: { header: chunk.header, wire: input.data } }];
    return answer;
  }

  deadline = () => null;
  snapshot = () => snapshot;
}

function setUp(changes: Partial<ListenerEnvironment> = {}) {
  const clock = new FakeClock();
  const engine = new ScriptedEngine();
  const edges = fakeEdges({ edge: (_, body) => new Response(body.stream) });
  const peers = fakePeers();
  const seeds: SeedTransportHandlers[] = [];
  const sockets: SocketHandlers[] = [];
  const sent: string[] = [];
  const log: string[] = [];
  const hide: (() => void)[] = [];
  const environment: ListenerEnvironment = {
    now: clock.now,
    after: clock.after,
    random: () => 0.5,
    fetch: edges.fetch,
    openSocket: (_, handlers) => {
      sockets.push(handlers);
      return { send: (text) => sent.push(text), close: () => log.push('tracker closed') };
    },
    createPeer: peers.create,
    createVerifier: () => (_, signature) => Promise.resolve(signature[0] === 9),
    loadSeedTransport: () =>
      Promise.resolve((_, handlers) => {
        seeds.push(handlers);
        return { close: () => log.push('seed closed') };
      }),
    onPageHide: (run) => {
      hide.push(run);
      return () => log.push('hide forgotten');
    },
    ...changes,
  };
  const options: ListenerOptions = {
    station: {
      id: 'demo',
      name: 'Demo',
      description: '',
      publicKey: 'A'.repeat(43),
      mounts: [],
      edges: ['http://edge'],
      trackers: ['ws://edge/tracker'],
      iceServers: [],
    },
    mount: {
      id: '0123456789abcdef',
      path: '/live.mp3',
      bitrateKbps: 128,
      chunkDurationMs: 250,
      stripeCount: 4,
      codec: null,
      live: null,
      title: '',
      artist: '',
      album: '',
      artworkUrl: '',
      show: '',
    },
    publicKey: 'A'.repeat(43),
    participation: 'relay',
    uploadCapKbps: 1000,
    peersAllowed: true,
    sink: { play: (played, skipped) => log.push(`play ${played.header.sequence} after ${skipped}`) },
    environment,
  };
  const listener = createListener(options, (engineOptions) => {
    engine.options = engineOptions;
    return engine;
  });
  const say = (message: unknown) => sockets[0]?.onText(JSON.stringify(message));
  const begin = (outputs: readonly EngineOutput[]): void => {
    engine.answers.set('start', outputs);
    listener.start();
    sockets[0]?.onOpen();
  };
  const types = () => engine.inputs.map(({ type }) => type);
  return { clock, engine, listener, begin, say, types, sent, log, seeds, hide, peers, edges };
}

const welcome = {
  type: 'welcome',
  peerId: '00000000000000aa',
  secret: 's',
  serverTimeMs: 1,
  primaryStripe: 0,
  reportIntervalMs: 5000,
  neighbours: [],
  proposals: [],
};

describe('a listener', () => {
  test('starts once, joins when the tracker is there, and tells the engine all that it says', () => {
    const { listener, begin, engine, say, types, sent, log } = setUp();
    engine.answers.set('trackerOpen', [{ type: 'tracker', message: { type: 'leave' } }]);
    begin([{ type: 'play', chunk, skipped: 2, dueAt: millis(0) }]);
    listener.start();
    say(welcome);
    say({ type: 'signal', from: neighbour, data: 'anything' });
    expect(types()).toEqual(['start', 'trackerOpen', 'tracker', 'tracker']);
    expect(sent).toEqual(['{"type":"leave"}']);
    expect(log).toEqual(['play 7 after 2']);
    expect(engine.options).toMatchObject({ playoutDelayMs: 2500, peersAllowed: true, uploadCapKbps: 1000 });
  });

  test('answers each verification with its ticket, and a verifier that fails is no yes', async () => {
    const forged = sealChunk(chunk.wire.subarray(0, -SIGNATURE_LENGTH), new Uint8Array(SIGNATURE_LENGTH));
    const { begin, engine } = setUp();
    begin([
      { type: 'verify', ticket: 1, chunk },
      { type: 'verify', ticket: 2, chunk: forged },
    ]);
    await settled();
    expect(engine.inputs.slice(2)).toEqual([
      { type: 'verified', ticket: 1, genuine: true },
      { type: 'verified', ticket: 2, genuine: false },
    ]);
  });

  test('carries a link from the offer to its messages', async () => {
    const { begin, engine, listener, say, types, peers } = setUp();
    begin([{ type: 'connect', peerId: neighbour }]);
    say(welcome);
    await settled();
    const signal = engine.inputs.at(-1);
    if (signal?.type !== 'signal') throw new Error('Cannot find the offer: the last input is another');
    expect(signal.to).toBe(neighbour);
    const { session } = JSON.parse(signal.data);
    const answer = JSON.stringify({ session, type: 'answer', sdp: 'x' });
    engine.answers.set('tracker', [{ type: 'signal', from: neighbour, data: answer }]);
    say({ type: 'signal', from: neighbour, data: answer });
    peers.made[0]?.handlers.onData(Uint8Array.of(7));
    expect(types().slice(3)).toEqual(['signal', 'tracker', 'linkOpen', 'linkMessage']);
    engine.answers.set('setUploadCap', [
      { type: 'send', peerId: neighbour, data: Uint8Array.of(8) },
      { type: 'disconnect', peerId: neighbour, reason: 'enough' },
    ]);
    listener.setUploadCap(500);
    expect(peers.made[0]?.sent).toEqual([Uint8Array.of(8)]);
    expect([peers.made[0]?.destroyed, listener.linkCount()]).toEqual([true, 0]);
    expect(types().at(-1)).toBe('setUploadCap');
  });

  test('gives what edges send to the engine, by cause', async () => {
    const { begin, engine, listener, edges, types } = setUp();
    begin([
      { type: 'fetchBurst', durationMs: 2000 },
      { type: 'openStream', stripes: [stripe(1)], cause: 'fallback' },
      { type: 'fetchChunk', epoch: plainFields.epoch, sequence: plainFields.sequence },
    ]);
    await settled();
    const [burst, stream, one] = edges.requests.map(({ body }) => body);
    burst?.write(frameChunks([chunk.wire]));
    burst?.end();
    stream?.write(frameChunks([chunk.wire]));
    stream?.end();
    one?.write(chunk.wire);
    one?.end();
    await settled();
    const causes = engine.inputs.flatMap((input) => (input.type === 'edgeChunk' ? [input.cause] : []));
    expect(causes.toSorted()).toEqual(['burst', 'fallback', 'repair']);
    expect(types()).toEqual(expect.arrayContaining(['burstDone', 'streamClosed']));
    const length = chunk.wire.length;
    expect(listener.edgeBytes()).toEqual({
      burst: length + 4,
      fallback: length + 4,
      repair: length,
      seed: 0,
    });
  });

  test('asks the edges that the tracker tells of, and keeps the page’s in reserve', async () => {
    const { begin, engine, say, edges } = setUp();
    begin([]);
    say(welcome);
    say({ type: 'edges', edges: ['http://relay'], trackers: ['ws://relay/tracker', 'nonsense'] });
    expect(engine.inputs.at(-1)).toMatchObject({ type: 'tracker', message: { type: 'welcome' } });
    engine.answers.set('tracker', [{ type: 'fetchBurst', durationMs: 2000 }]);
    say({ type: 'peerLeft', peerId: neighbour });
    await settled();
    expect(edges.requests.map(({ edge }) => edge)).toEqual(['relay', 'edge']);
  });

  test('tells the tracker of an edge that forges, once it knows its key to be right', async () => {
    const forged = sealChunk(chunk.wire.subarray(0, -SIGNATURE_LENGTH), new Uint8Array(SIGNATURE_LENGTH));
    const { begin, engine, say, edges, sent } = setUp();
    begin([{ type: 'fetchBurst', durationMs: 2000 }]);
    say(welcome);
    await settled();
    const frame = frameChunks([forged.wire]);
    engine.verifiesEdgeChunks = true;
    edges.requests[0]?.body.write(frame);
    await settled();
    expect(sent).toEqual([]);
    engine.answers.set('tracker', [{ type: 'verify', ticket: 2, chunk }]);
    say({ type: 'peerLeft', peerId: neighbour });
    await settled();
    expect(sent).toEqual(['{"type":"edgeComplaint","address":"http://edge","reason":"forged"}']);
  });

  test('lets go of the seed transport of an edge that forges, and says so', async () => {
    const { begin, engine, seeds, log } = setUp();
    begin([{ type: 'seedTransport', offer }]);
    await settled();
    engine.verifiesEdgeChunks = true;
    const forged = chunk.wire.slice();
    forged[forged.length - SIGNATURE_LENGTH] = 1;
    seeds[0]?.onMessage(forged);
    await settled();
    expect(log).toEqual(['seed closed']);
    expect(engine.inputs.slice(-2)).toEqual([
      { type: 'seedLink', state: 'failed', reason: 'forged' },
      { type: 'verified', ticket: 1, genuine: false },
    ]);
  });

  test('lets go of a relay that feeds it and forges, and says so without accusing the tracker', async () => {
    const { begin, engine, seeds, log, say, sent } = setUp();
    begin([{ type: 'seedTransport', offer: { ...offer, ofRelay: true } }]);
    say(welcome);
    await settled();
    engine.answers.set('tracker', [{ type: 'verify', ticket: 2, chunk }]);
    say({ type: 'peerLeft', peerId: neighbour });
    engine.verifiesEdgeChunks = true;
    const forged = chunk.wire.slice();
    forged[forged.length - SIGNATURE_LENGTH] = 1;
    seeds[0]?.onMessage(forged);
    await settled();
    expect(log).toEqual(['seed closed']);
    expect(sent).toEqual([]);
    expect(engine.inputs).toContainEqual({ type: 'seedLink', state: 'failed', reason: 'forged' });
  });

  test('holds the seed transport that the engine asks for, counts its bytes, and replaces it', async () => {
    const { begin, engine, listener, seeds, sent, log } = setUp();
    begin([{ type: 'seedTransport', offer }]);
    await settled();
    seeds[0]?.onConnect({ role: 'client' });
    seeds[0]?.onOpen();
    seeds[0]?.onMessage(chunk.wire);
    expect(sent).toEqual([
      JSON.stringify({ type: 'seedConnect', transportId: 't1', dtlsParameters: { role: 'client' } }),
    ]);
    expect(engine.inputs.slice(2)).toMatchObject([
      { type: 'seedLink', state: 'open' },
      { type: 'edgeChunk', cause: 'seed' },
    ]);
    expect(listener.edgeBytes().seed).toBe(chunk.wire.length);
    engine.answers.set('setPeersAllowed', [{ type: 'seedTransport', offer: null }]);
    listener.setPeersAllowed(false);
    seeds[0]?.onFailed('late');
    expect(log).toEqual(['seed closed']);
    expect(engine.inputs.at(-1)).toEqual({ type: 'setPeersAllowed', allowed: false });
  });

  test('says that a seed transport cannot be had where there is no WebRTC, or its code does not load', async () => {
    for (const loadSeedTransport of [null, () => Promise.reject(new Error('offline'))]) {
      const { begin, engine } = setUp({ loadSeedTransport });
      begin([{ type: 'seedTransport', offer }]);
      await settled();
      expect(engine.inputs.at(-1)).toMatchObject({ type: 'seedLink', state: 'failed' });
    }
  });

  test('without WebRTC never allows peers', () => {
    const { engine, listener } = setUp({ createPeer: null });
    expect(engine.options?.peersAllowed).toBe(false);
    listener.start();
    listener.setPeersAllowed(true);
    expect(engine.inputs.at(-1)).toEqual({ type: 'setPeersAllowed', allowed: false });
  });

  test('says good-bye before it closes everything, once, and then does nothing more', async () => {
    const { begin, clock, engine, listener, sent, log, seeds, edges, types } = setUp();
    engine.answers.set('stop', [{ type: 'tracker', message: { type: 'leave' } }]);
    begin([
      { type: 'seedTransport', offer },
      { type: 'connect', peerId: neighbour },
      { type: 'openStream', stripes: [stripe(1)], cause: 'fallback' },
    ]);
    await settled();
    await Promise.all([listener.stop(), listener.stop()]);
    expect(sent.at(-1)).toBe('{"type":"leave"}');
    expect(log).toEqual(['hide forgotten', 'seed closed', 'tracker closed']);
    expect(edges.requests[0]?.body.cancelled).toBe(true);
    const before = types();
    seeds[0]?.onMessage(chunk.wire);
    listener.setUploadCap(7);
    await settled();
    clock.advance(100_000);
    expect([types(), clock.pending]).toEqual([before, 0]);
  });

  test('leaves at once when its page goes away', () => {
    const { begin, hide, types, log } = setUp();
    begin([]);
    hide[0]?.();
    expect(types()).toEqual(['start', 'trackerOpen', 'stop']);
    expect(log).toEqual(['hide forgotten', 'tracker closed']);
  });
});
