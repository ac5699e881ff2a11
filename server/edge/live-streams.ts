import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { MountId } from '../../shared/units.ts';
import type { Log } from '../log.ts';
import type { LiveMount } from '../station/live-mount.ts';
import type { EgressCause, EgressCounter } from './egress.ts';

/** A client that is this much sound behind is dropped: it would only fall back farther. */
export const STREAM_BACKLOG_SECONDS = 10;
/** Less than this is never a reason to drop: a source that comes back sends as much (Icecast: 64 KiB) at once. */
export const STREAM_BACKLOG_BYTES_MIN = 262_144;
/** Live responses open at once, over all mounts. */
export const STREAMS_MAX = 20_000;

/** What one client gets. */
export interface StreamRequest {
  readonly cause: EgressCause;
  readonly headers: OutgoingHttpHeaders;
  /** Of the mount's stream, from 0 to 1. */
  readonly share: number;
  /** Sent at once. */
  readonly initial: readonly Chunk[];
  wants(chunk: Chunk): boolean;
  /** The same bytes for every client, so that they can be shared. Empty: nothing to send. */
  encode(chunk: Chunk): Uint8Array;
}

/**
 * The open live responses. They write to Node's response itself, each chunk once, at once, without a copy: a stream
 * per listener through the web's stream objects costs several times as much.
 */
export class LiveStreams {
  readonly #egress: EgressCounter;
  readonly #log: Log;
  readonly #open = new Map<ServerResponse, OpenStream>();
  #slowDropped = 0;

  constructor(egress: EgressCounter, log: Log) {
    this.#egress = egress;
    this.#log = log;
  }

  /** False: there are STREAMS_MAX, and nothing was sent. */
  open(response: ServerResponse, mount: LiveMount, request: StreamRequest): boolean {
    if (this.#open.size >= STREAMS_MAX) return false;
    // The client has left while its request was looked at: no event will tell of it any more.
    if (response.destroyed) return true;
    plainBody(response);
    response.writeHead(200, request.headers);
    const { cause, share } = request;
    this.#open.set(response, { mountId: mount.id, cause, share });
    this.#feed(response, mount, request);
    return true;
  }

  /** Over all mounts. */
  get size(): number {
    return this.#open.size;
  }

  /** Those of listeners, and how many times the mount's whole stream all of them together take. */
  load(mountId: MountId): { readonly listeners: number; readonly copies: number } {
    const streams = [...this.#open.values()].filter((stream) => stream.mountId === mountId);
    return {
      listeners: streams.filter(({ cause }) => cause !== 'relay').length,
      copies: streams.reduce((sum, { share }) => sum + share, 0),
    };
  }

  count(mountId: MountId): number {
    let count = 0;
    for (const stream of this.#open.values()) if (stream.mountId === mountId) count += 1;
    return count;
  }

  /** Clients dropped because they did not take what was sent. */
  get slowDropped(): number {
    return this.#slowDropped;
  }

  /** Relays that take this mount (or any) from us must look for its sound anew: ours comes by another way now. */
  endRelays(mountId: MountId | null = null): void {
    for (const [response, stream] of this.#open)
      if ((mountId ?? stream.mountId) === stream.mountId && stream.cause === 'relay') response.end();
  }

  /** The server stops: clients are told by the end of their stream. */
  endAll(): void {
    for (const response of this.#open.keys()) response.end();
  }

  /** The same one after the other, within the time: other edges take them up. */
  endAllWithin(ms: number): void {
    const responses = [...this.#open.keys()];
    for (const [index, response] of responses.entries())
      setTimeout(() => response.end(), (index * ms) / responses.length).unref();
  }

  #feed(response: ServerResponse, mount: LiveMount, request: StreamRequest): void {
    const send = (data: Uint8Array): void => {
      if (data.length === 0) return;
      response.write(data);
      this.#egress.add(mount.id, request.cause, data.length);
    };
    response.cork();
    for (const chunk of request.initial) if (request.wants(chunk)) send(request.encode(chunk));
    response.uncork();
    response.flushHeaders();
    // The first bytes need time to travel: only what comes on top of them says that the client is slow.
    const backlogMax = response.writableLength + backlogBytes(mount.bitrateKbps);

    const stop = mount.onChunk((chunk) => {
      if (response.writableEnded || response.destroyed || !request.wants(chunk)) return;
      if (response.writableLength > backlogMax) {
        this.#slowDropped += 1;
        this.#log.debug(
          { mount: mount.path, backlogBytes: response.writableLength },
          'dropped a slow client',
        );
        response.destroy();
        return;
      }
      send(request.encode(chunk));
    });
    response.on('error', () => response.destroy());
    response.once('close', () => {
      stop();
      this.#open.delete(response);
    });
  }
}

interface OpenStream {
  readonly mountId: MountId;
  readonly cause: EgressCause;
  readonly share: number;
}

const backlogBytes = (bitrateKbps: number): number =>
  Math.max(STREAM_BACKLOG_BYTES_MIN, (bitrateKbps * 1000 * STREAM_BACKLOG_SECONDS) / 8);

/**
 * The body is simply what comes until the connection ends: framed chunks say their own lengths, and one write per
 * chunk instead of three halves the server's work.
 */
function plainBody(response: ServerResponse): void {
  response.shouldKeepAlive = false;
  response.removeHeader('Transfer-Encoding');
}
