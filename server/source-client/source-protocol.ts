import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { ALLOW, answer, CONTINUE, SOURCE_OK } from './answers.ts';
import type { AnswerStatus } from './answers.ts';
import { bodyReader } from './body-reader.ts';
import type { ServeSource } from './door.ts';
import { whoSpeaks } from './first-bytes.ts';
import type { LiveClient } from './live-client.ts';
import { HEAD_BYTES_MAX, headEnd, parseHead } from './request-head.ts';
import type { RequestHead } from './request-head.ts';
import type { SocketReader } from './socket-reader.ts';
import type { SourceRequest, SourceService } from './source-service.ts';

/** For a request's head to arrive whole. */
export const HEAD_MS_MAX = 15_000;
/** Requests over one connection: a client probes once or twice, then sends. */
export const REQUESTS_MAX = 20;
const LINGER_MS = 1_000;

/** Who asks, reverse proxies that are declared taken into account. */
export type ClientAddress = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string;

/** Icecast's source protocol: `SOURCE` (HTTP/1.0, ICE/1.0) and `PUT` (HTTP/1.1). */
export function serveSourceProtocol(service: SourceService, clientAddress: ClientAddress): ServeSource {
  return async (socket, reader, onward) => {
    const connection = new SourceConnection(socket, reader, service, clientAddress);
    for (let count = 0; count < REQUESTS_MAX; count++) {
      if (!(await connection.serveNext())) return;
      const speaker = await whoSpeaks(reader);
      if (speaker === 'http' || speaker === 'title') {
        onward();
        return;
      }
      // It did not wait for the answer, and sends its sound.
      if (speaker !== 'source') break;
    }
    await connection.close();
  };
}

class SourceConnection {
  readonly #socket: Socket;
  readonly #reader: SocketReader;
  readonly #service: SourceService;
  readonly #clientAddress: ClientAddress;

  constructor(socket: Socket, reader: SocketReader, service: SourceService, clientAddress: ClientAddress) {
    this.#socket = socket;
    this.#reader = reader;
    this.#service = service;
    this.#clientAddress = clientAddress;
  }

  /** True: another request may follow. */
  async serveNext(): Promise<boolean> {
    const head = await this.#readHead();
    if (head === null) return false;
    if (head.method === 'OPTIONS') {
      this.#socket.write(OPTIONS_OK);
      return true;
    }
    const request = this.#sourceRequest(head);
    const verdict = await this.#service.access.source(
      head.path,
      head.headers.get('authorization'),
      request.address,
    );
    const refusal = this.#service.refuse(request, verdict);
    if (refusal !== null) return await this.#refuse(refusal.status, refusal.text, hasNoBody(head));
    if (verdict.type !== 'granted') return false;
    const client = this.#service.admit(request, verdict.user);
    if ('status' in client) return await this.#refuse(client.status, client.text, false);
    return await this.#receive(head, client);
  }

  async #receive(head: RequestHead, client: LiveClient): Promise<boolean> {
    if (/100-continue/i.test(head.headers.get('expect') ?? '')) this.#socket.write(CONTINUE);
    this.#socket.write(SOURCE_OK);
    await this.#service.run(client, this.#reader, bodyReader(head.method, head.headers));
    await this.close();
    return false;
  }

  async #readHead(): Promise<RequestHead | null> {
    const timer = setTimeout(() => this.#socket.destroy(), HEAD_MS_MAX);
    let bytes: Buffer = Buffer.alloc(0);
    try {
      for (;;) {
        const piece = await this.#reader.read();
        if (piece === null) {
          this.#socket.destroy();
          return null;
        }
        bytes = Buffer.concat([bytes, piece]);
        const end = headEnd(bytes.subarray(0, HEAD_BYTES_MAX));
        if (end !== null) {
          this.#reader.unread(bytes.subarray(end));
          const head = parseHead(bytes.subarray(0, end));
          if (head === null) await this.#refuse(400, 'Cannot read this request\r\n', false);
          return head;
        }
        if (bytes.length >= HEAD_BYTES_MAX) {
          await this.#refuse(431, 'The request has too many headers\r\n', false);
          return null;
        }
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async #refuse(status: AnswerStatus, text: string, keepAlive: boolean): Promise<boolean> {
    const bytes = answer(status, text, keepAlive, Date.now());
    if (keepAlive) {
      this.#socket.write(bytes);
      return true;
    }
    this.#socket.write(bytes);
    await this.close();
    return false;
  }

  /** What is on its way is read for a moment, so that the answer is not lost to a reset. */
  async close(): Promise<void> {
    this.#socket.end();
    const timer = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    while ((await this.#reader.read()) !== null) continue;
    clearTimeout(timer);
    this.#socket.destroy();
  }

  #sourceRequest({ method, path, headers }: RequestHead): SourceRequest {
    const address = this.#clientAddress({ headers: Object.fromEntries(headers), socket: this.#socket });
    return { socket: this.#socket, protocol: method === 'PUT' ? 'PUT' : 'SOURCE', path, address, headers };
  }
}

/** The client has sent all, or waits for the answer. */
const hasNoBody = ({ headers }: RequestHead): boolean =>
  headers.has('expect') ||
  (!headers.has('transfer-encoding') && Number(headers.get('content-length') ?? 0) === 0);

/** To libshout, which asks so whether we speak TLS on this port: we do not. */
const OPTIONS_OK = `HTTP/1.1 200 OK\r\nServer: Essaim\r\nConnection: Keep-Alive\r\nAllow: ${ALLOW}\r\nContent-Length: 0\r\n\r\n`;
