import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { CreatePeer } from '../../client/listener/environment.ts';
import { createListener } from '../../client/listener/listener.ts';
import type { Listener } from '../../client/listener/listener.ts';
import { closeNodeEnvironment, createNodeEnvironment } from '../../server/listener/node-environment.ts';
import { decodeChunk } from '../../shared/chunk/chunk-codec.ts';
import { FrameReader } from '../../shared/chunk/chunk-framing.ts';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import type { StationDescription } from '../../shared/station/description.ts';
import type { EngineOutput } from '../../shared/swarm/engine-io.ts';
import { decodeWire } from '../../shared/wire/wire-codec.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait-for.ts';

const environment = createNodeEnvironment();
let server: TestServer;
let station: StationDescription;
const running: Listening[] = [];

interface Listening {
  readonly listener: Listener;
  readonly played: Chunk[];
  readonly events: EngineOutput[];
  skipped: number;
}

beforeAll(async () => {
  server = await startTestServer();
  let described: unknown;
  const ask = async (): Promise<boolean> => {
    described = await (await fetch(`${server.url}/api/stations/demo`)).json();
    return (stationDescriptionSchema.parse(described).mounts[0]?.live?.newest ?? 0) >= 8;
  };
  for (let ready = await ask(); !ready; ready = await ask()) {
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  station = stationDescriptionSchema.parse(described);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map(({ listener }) => listener.stop()));
});
afterAll(async () => {
  await server.stop();
  closeNodeEnvironment();
});

function listen(createPeer: CreatePeer | null = environment.createPeer): Listening {
  const [mount] = station.mounts;
  if (mount === undefined) throw new Error('the test station has no mount');
  const played: Chunk[] = [];
  const events: EngineOutput[] = [];
  const listener = createListener({
    station,
    mount,
    publicKey: station.publicKey,
    participation: 'relay',
    uploadCapKbps: 2000,
    peersAllowed: true,
    sink: {
      play: (chunk, skipped) => {
        played.push(chunk);
        listening.skipped += skipped;
      },
    },
    environment: { ...environment, createPeer },
    onEvent: (event) => events.push(event),
  });
  const listening: Listening = { listener, played, events, skipped: 0 };
  running.push(listening);
  listener.start();
  return listening;
}

const sequences = (listening: Listening): number[] => listening.played.map(({ header }) => header.sequence);
const isGapless = (numbers: readonly number[]): boolean =>
  numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? 0) + 1);
const fromPeers = ({ listener }: Listening): number => listener.snapshot().counters.chunkBytesFromPeers;
const childrenOf = ({ listener }: Listening): number => listener.snapshot().childCount;
const neighbours = ({ listener }: Listening): number => listener.snapshot().neighbours.length;

describe('listeners over real WebRTC', () => {
  test('hear every chunk once and in order, mostly from each other, and go on when two leave at once', async () => {
    const all = Array.from({ length: 6 }, () => listen());
    await waitFor('everyone plays', () => all.every(({ played }) => played.length > 0));
    await waitFor(
      'everyone takes chunks from peers',
      () => all.every((one) => fromPeers(one) > 20_000),
      20_000,
    );
    const byChildren = all.toSorted((left, right) => childrenOf(right) - childrenOf(left));
    await Promise.all(byChildren.slice(0, 2).map(({ listener }) => listener.stop()));
    const staying = byChildren.slice(2);
    const marks = staying.map(({ played }) => played.length);
    await waitFor(
      'five more seconds are played by those who stay',
      () => staying.every(({ played }, index) => played.length >= (marks[index] ?? 0) + 20),
      20_000,
    );
    for (const one of staying) {
      expect(isGapless(sequences(one))).toBe(true);
      expect(one.skipped).toBe(0);
      const { counters } = one.listener.snapshot();
      expect(counters.chunksInTime).toBe(counters.chunksDue);
      expect(counters.duplicateChunkBytes).toBeLessThan(0.1 * counters.chunkBytesFromPeers);
    }
  });

  test('drop a neighbour that alters what it passes on, and never play it', async () => {
    const honest = Array.from({ length: 4 }, () => listen());
    await waitFor(
      'they take chunks from each other',
      () => honest.every((one) => fromPeers(one) > 4000),
      20_000,
    );
    const forger = listen(forging(environment.createPeer));
    await waitFor('the forger has neighbours', () => neighbours(forger) > 0);
    const accusations = (): EngineOutput[] =>
      honest.flatMap(({ events }) => events.filter(({ type }) => type === 'misbehaviour'));
    // A newcomer becomes a parent when those there are go away.
    await honest[0]?.listener.stop();
    await waitFor('a forged chunk is found out', () => accusations().length > 0, 30_000);
    const id = forger.listener.snapshot().peerId;
    expect(accusations()).toEqual(
      accusations().map(() => ({ type: 'misbehaviour', peerId: id, reason: 'bad-signature' })),
    );
    const window = await signedByOrigin();
    for (const { played } of honest) {
      for (const { header, wire } of played) {
        const original = window.get(header.sequence);
        if (original !== undefined) expect(wire).toEqual(original);
      }
    }
  });
});

/** Every chunk that this end sends has one bit wrong. */
function forging(createPeer: CreatePeer | null): CreatePeer | null {
  if (createPeer === null) return null;
  return (options, handlers) => {
    const peer = createPeer(options, handlers);
    return {
      ...peer,
      send: (data) => {
        const decoded = decodeWire(data);
        const forged = data.slice();
        if (decoded.ok && decoded.message.type === 'chunk') forged[200] = (forged[200] ?? 0) ^ 1;
        peer.send(forged);
      },
    };
  };
}

async function signedByOrigin(): Promise<ReadonlyMap<number, Uint8Array>> {
  const [mount] = station.mounts;
  const response = await fetch(`${server.url}/api/mounts/${mount?.id}/burst?seconds=30`);

  const chunks = new Map<number, Uint8Array>();
  for (const wire of new FrameReader().push(new Uint8Array(await response.arrayBuffer()))) {
    const decoded = decodeChunk(wire);
    if (decoded.ok) chunks.set(decoded.chunk.header.sequence, wire);
  }
  return chunks;
}
