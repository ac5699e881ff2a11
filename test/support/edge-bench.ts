import { EdgeClient } from '../../client/listener/edge-client.ts';
import { encodeUnsigned, decodeChunk, sealChunk } from '../../shared/chunk/chunk-codec.ts';
import { frameChunks } from '../../shared/chunk/chunk-framing.ts';
import { SIGNATURE_LENGTH } from '../../shared/chunk/chunk.ts';
import type { RandomSource } from '../../shared/units.ts';
import { epoch, micros, sequence, stripe, unixMillis } from '../../shared/units.ts';
import { plainFields } from './arbitrary-chunk.ts';
import { FakeClock } from './fake-clock.ts';
import { fakeEdges } from './fake-edges.ts';
import type { EdgeScript, FakeRequest } from './fake-edges.ts';

export const CHUNK_MS = 250;
export const EPOCH = epoch(1_700_000_000_000);
export const ALL = [stripe(0), stripe(1), stripe(2), stripe(3)];
/** How long after its packaging an edge that is in time sends a chunk, on the test's clock. */
const CLOCK_OFFSET_MS = 5_000;

/** Chunk `number`, packaged as the test's clock says when it should be; `forged` marks it for the bench's verifier. */
export function chunkOf(number: number, forged = false, length = 10): Uint8Array {
  const fields = {
    ...plainFields,
    epoch: EPOCH,
    sequence: sequence(number),
    mediaTime: micros(number * CHUNK_MS * 1000),
    packagedAt: unixMillis(1_700_000_000_000 - CLOCK_OFFSET_MS + (number + 1) * CHUNK_MS),
  };
  const payload = new Uint8Array(length).fill(forged ? 6 : 1);
  return sealChunk(
    encodeUnsigned(fields, new Uint8Array(0), payload),
    new Uint8Array(SIGNATURE_LENGTH).fill(forged ? 6 : 9),
  ).wire;
}

export const framed = (...numbers: readonly number[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(frameChunks(numbers.map((number) => chunkOf(number))));

export const streaming: EdgeScript = (_, body) => new Response(body.stream);
export const answering =
  (
    status: number,
    body: Uint8Array | null = null,
    headers: Readonly<Record<string, string>> = {},
  ): EdgeScript =>
  () =>
    new Response(body === null ? null : Uint8Array.from(body), { status, headers });
export const never: EdgeScript = () => new Promise<Response>(() => undefined);
/** The chunk that the path asks for. */
export const repairing: EdgeScript = (path) => new Response(Uint8Array.from(chunkOf(askedFor(path))));
export const askedFor = (path: string): number => Number(path.slice(path.lastIndexOf('/') + 1));

export interface EdgeBench {
  readonly clock: FakeClock;
  readonly client: EdgeClient;
  readonly requests: FakeRequest[];
  /** What the client told, in order: `seed 4`, `burst done`, `fetch 3 gone`, `stream closed: ended`. */
  readonly events: string[];
  readonly complaints: string[];
  /** Numbers of the genuine chunks that came, each once. */
  readonly heard: () => number[];
  /** A neighbour gives a chunk. */
  readonly hear: (number: number) => void;
  /** The newest request of one edge. */
  readonly last: (edge: string) => FakeRequest;
  /** The number of requests that each edge has had. */
  readonly asked: () => Record<string, number>;
}

/** A client of scripted edges, each named by its host; what comes is verified at once. */
export function edgeBench(
  scripts: Readonly<Record<string, EdgeScript>>,
  random: RandomSource = () => 0.999_999,
): EdgeBench {
  const clock = new FakeClock();
  const edges = fakeEdges(scripts);
  const events: string[] = [];
  const complaints: string[] = [];
  const genuine = new Set<number>();
  const client: EdgeClient = new EdgeClient({
    edges: Object.keys(scripts).map((host) => `http://${host}`),
    mountId: plainFields.mountId,
    clock,
    random,
    fetch: edges.fetch,
    onChunk: (data, cause) => {
      const decoded = decodeChunk(data);
      events.push(`${cause} ${decoded.ok ? decoded.chunk.header.sequence : decoded.reason}`);
      verifyNew(data);
    },
    onBurstDone: (ok, reason) => events.push(ok ? 'burst done' : `burst failed: ${reason}`),
    onFetchFailed: (_, number, gone) => events.push(`fetch ${number} ${gone ? 'gone' : 'failed'}`),
    onStreamClosed: (reason) => events.push(`stream closed: ${reason}`),
    onComplaint: (address, reason) => complaints.push(`${address.slice('http://'.length)} ${reason}`),
  });
  const verifyNew = (data: Uint8Array): void => {
    const decoded = decodeChunk(data);
    if (!decoded.ok) throw new Error(`Cannot take a chunk as it must be one: ${decoded.reason}`);
    // As the engine does: what is there already is not verified again.
    const number = decoded.chunk.header.sequence;
    if (genuine.has(number)) return;
    const isGenuine = data.at(-1) === 9;
    if (isGenuine) genuine.add(number);
    client.verified(decoded.chunk, isGenuine);
  };
  return {
    clock,
    client,
    hear: (number) => {
      verifyNew(chunkOf(number));
    },
    events,
    complaints,
    requests: edges.requests,
    heard: () => [...genuine].toSorted((a, b) => a - b),
    last: (edge) => {
      const request = edges.requests.findLast((each) => each.edge === edge);
      if (request === undefined) throw new Error(`Cannot find a request to ${edge} as there was none`);
      return request;
    },
    asked: () => {
      const counts: Record<string, number> = {};
      for (const { edge } of edges.requests) counts[edge] = (counts[edge] ?? 0) + 1;
      return counts;
    },
  };
}
