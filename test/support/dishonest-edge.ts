import http from 'node:http';
import { decodeChunk } from '../../shared/chunk/chunk-codec.ts';
import { FrameReader, frameChunks } from '../../shared/chunk/chunk-framing.ts';
import { SIGNATURE_LENGTH } from '../../shared/chunk/chunk.ts';

/**
 * `forges`: a byte of each chunk's sound is another. `delays`: all is old. `withholds`: one stripe of four is left out.
 * `is overloaded`: each answer takes long, whatever it says of its load.
 */
export type Misdeed = 'forges' | 'delays' | 'withholds' | 'is overloaded';

/**
 * A real HTTP edge in front of an honest one, that does to listeners what it should not. The station finds nothing: a
 * dishonest relay knows the station's address, and is honest to it. Here listeners show themselves by LISTENER_HEADER.
 */
export interface DishonestEdge {
  readonly url: string;
  passTo(target: string): void;
  /** Null: honest. */
  misdeed: Misdeed | null;
  /** Streams that listeners have open. */
  readonly streamCount: () => number;
  /** Chunks that it spoiled, held back or left out, or answers that it was slow with. */
  readonly misdeedCount: () => number;
  stop(): Promise<void>;
}

export const LISTENER_HEADER = 'x-listener';
const DELAY_MS = 4_000;
const OVERLOADED_MS = 700;
const WITHHELD_STRIPE = 1;
const STRIPES = 4;

/** @param streamUrl the station's own stream of the mount, for what is to come late */
export async function startDishonestEdge(streamUrl: string): Promise<DishonestEdge> {
  let target = '';
  let misdeeds = 0;
  const recorder = record(streamUrl);
  const streams = new Set<http.ServerResponse>();

  /** What goes out of these chunks. */
  const treated = (wires: readonly Uint8Array[]): Uint8Array => {
    const kept = wires.filter((wire) => edge.misdeed !== 'withholds' || !isWithheld(sequenceOf(wire)));
    misdeeds += edge.misdeed === 'forges' ? wires.length : wires.length - kept.length;
    return frameChunks(edge.misdeed === 'forges' ? kept.map(spoiled) : kept);
  };

  /** Chunks that are DELAY_MS old: those of the last seconds at once, the others as they come of age. */
  const sendOld = (asked: URLSearchParams, isBurst: boolean, response: http.ServerResponse): void => {
    const stripes = (asked.get('stripes') ?? '0,1,2,3').split(',').map(Number);
    let sent = recorder.newestBefore(DELAY_MS) - Math.ceil(4 * Number(asked.get('seconds') ?? 0));
    const pump = (): void => {
      const newest = recorder.newestBefore(DELAY_MS);
      const due = recorder.between(sent, newest);
      const wires = due.filter((wire) => stripes.includes(sequenceOf(wire) % STRIPES));
      misdeeds += wires.length;
      if (wires.length > 0) response.write(frameChunks(wires));
      sent = Math.max(sent, newest);
    };
    response.writeHead(200);
    response.flushHeaders();
    pump();
    if (isBurst) {
      response.end();
      return;
    }
    const timer = setInterval(pump, 50);
    response.on('close', () => clearInterval(timer));
  };

  const pass = (request: http.IncomingMessage, response: http.ServerResponse, kind: Kind): void => {
    const upstream = http.request(target + request.url, { agent: false }, (answer) => {
      const { 'content-length': _, ...headers } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, headers);
      response.flushHeaders();
      if (kind === null || answer.statusCode !== 200) answer.pipe(response);
      else if (kind === 'chunk') void wholeOf(answer).then((body) => response.end(treatedChunk(body)));
      else {
        const reader = new FrameReader();
        answer.on('data', (data: Buffer) => response.write(treated(reader.push(data))));
        answer.on('end', () => response.end());
        answer.on('error', () => response.destroy());
      }
    });
    upstream.on('error', () => response.destroy());
    response.on('close', () => upstream.destroy());
    upstream.end();
  };
  const treatedChunk = (wire: Uint8Array): Uint8Array => {
    if (edge.misdeed !== 'forges') return wire;
    misdeeds += 1;
    return spoiled(wire);
  };

  const server = http.createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://edge');
    const kind = request.headers[LISTENER_HEADER] === undefined ? null : kindOf(pathname);
    if (kind === 'stream') {
      streams.add(response);
      response.on('close', () => streams.delete(response));
    }
    const number = Number(pathname.split('/').at(-1));
    const { misdeed } = edge;
    if (kind !== null && misdeed === 'is overloaded') {
      misdeeds += 1;
      setTimeout(() => pass(request, response, null), OVERLOADED_MS);
    } else if (kind === 'chunk' && misdeed === 'delays' && number > recorder.newestBefore(DELAY_MS))
      response.writeHead(404).end();
    else if (kind === 'chunk' && misdeed === 'withholds' && isWithheld(number)) response.writeHead(410).end();
    else if ((kind === 'stream' || kind === 'burst') && misdeed === 'delays')
      sendOld(searchParams, kind === 'burst', response);
    else pass(request, response, kind);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const edge: DishonestEdge = {
    url: `http://127.0.0.1:${port}`,
    passTo: (url) => {
      target = url;
    },
    misdeed: null,
    streamCount: () => streams.size,
    misdeedCount: () => misdeeds,
    stop: async () => {
      recorder.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return edge;
}

type Kind = 'stream' | 'burst' | 'chunk' | null;

function kindOf(path: string): Kind {
  if (path.includes('/chunks/')) return 'chunk';
  if (path.endsWith('/stream')) return 'stream';
  return path.endsWith('/burst') ? 'burst' : null;
}

interface Recorder {
  /** The newest number that is so old; -1: none is. */
  newestBefore(ageMs: number): number;
  between(after: number, last: number): readonly Uint8Array[];
  stop(): void;
}

/** All chunks of a stream, by number, with the time of their coming. */
function record(address: string): Recorder {
  const chunks = new Map<number, { readonly wire: Uint8Array; readonly at: number }>();
  const reader = new FrameReader();
  const request = http.get(address, { agent: false }, (answer) => {
    answer.on('data', (data: Buffer) => {
      for (const wire of reader.push(data)) chunks.set(sequenceOf(wire), { wire, at: performance.now() });
    });
    answer.on('error', () => undefined);
  });
  request.on('error', () => undefined);
  return {
    newestBefore: (ageMs) => {
      const until = performance.now() - ageMs;
      return Math.max(-1, ...[...chunks].filter(([, { at }]) => at <= until).map(([number]) => number));
    },
    between: (after, last) =>
      [...chunks].filter(([number]) => number > after && number <= last).map(([, { wire }]) => wire),
    stop: () => request.destroy(),
  };
}

const isWithheld = (sequence: number): boolean => sequence % STRIPES === WITHHELD_STRIPE;

function sequenceOf(wire: Uint8Array): number {
  const decoded = decodeChunk(wire);
  return decoded.ok ? decoded.chunk.header.sequence : -1;
}

/** A byte of the sound: the last before the signature. */
function spoiled(wire: Uint8Array): Uint8Array {
  const copy = wire.slice();
  const at = copy.length - SIGNATURE_LENGTH - 1;
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

async function wholeOf(answer: http.IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}
