import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { plainAddress } from '../edge/trusted-proxies.ts';
import { errorText } from '../error.ts';
import type { Log } from '../log.ts';
import { SHOUTCAST_OK, SHOUTCAST_WRONG } from './answers.ts';
import { bodyReader } from './body-reader.ts';
import { shoutcastLogins } from './credentials.ts';
import { HEAD_BYTES_MAX, headEnd, readHeaders, textLines } from './request-head.ts';
import { SocketReader } from './socket-reader.ts';
import { HEAD_MS_MAX } from './source-protocol.ts';
import type { SourceRequest, SourceService } from './source-service.ts';

const PASSWORD_BYTES_MAX = 512;
const CONNECTIONS_MAX = 64;

export interface ShoutcastServer {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Shoutcast's first protocol: a line with the password, `OK2`, headers, an empty line, sound. The client names no mount.
 * Null: the port cannot be had, which is logged.
 */
export async function startShoutcastServer(
  service: SourceService,
  path: string,
  host: string | null,
  port: number,
  log: Log,
): Promise<ShoutcastServer | null> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(service, path, socket).catch(() => socket.destroy());
  });
  server.maxConnections = CONNECTIONS_MAX;
  try {
    await listen(server, host, port);
  } catch (error) {
    log.warn({ port, error: errorText(error) }, 'no Shoutcast source clients: their port cannot be had');
    return null;
  }
  server.on('error', (error) => log.error({ error: error.message }, 'cannot take a Shoutcast connection'));
  const address = server.address();
  return {
    port: address === null || typeof address === 'string' ? port : address.port,
    stop: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function listen(server: Server, host: string | null, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host === null ? {} : { host }) }, resolve);
  });
  server.removeAllListeners('error');
}

async function serve(service: SourceService, path: string, socket: Socket): Promise<void> {
  const reader = new SocketReader(socket);
  const timer = setTimeout(() => socket.destroy(), HEAD_MS_MAX);
  const line = await readUntil(reader, PASSWORD_BYTES_MAX, lineEnd);
  const login = textLines(line ?? new Uint8Array())[0] ?? '';
  const asked = request(socket, path, new Map());
  const verdict =
    login === '' || login === POKE
      ? { type: 'missing' as const }
      : await service.access.sourceLogin(path, shoutcastLogins(login), asked.address);
  const refusal = service.refuse(asked, verdict);
  if (refusal !== null || verdict.type !== 'granted') {
    socket.end(SHOUTCAST_WRONG);
    socket.resume();
    return;
  }
  socket.write(SHOUTCAST_OK);
  const head = await readUntil(reader, HEAD_BYTES_MAX, headersEnd);
  clearTimeout(timer);
  if (head === null) {
    socket.destroy();
    return;
  }
  const headers = readHeaders(textLines(head));
  const client = service.admit(request(socket, path, headers), verdict.user);
  if ('status' in client) socket.destroy();
  else await service.run(client, reader, bodyReader('SOURCE', new Map()));
  socket.end();
  socket.resume();
}

/** libshout asks so whether a Shoutcast server answers. */
const POKE = '!POKE';

const request = (socket: Socket, path: string, headers: ReadonlyMap<string, string>): SourceRequest => ({
  socket,
  protocol: 'shoutcast',
  path,
  address: plainAddress(socket.remoteAddress ?? ''),
  headers,
});

/** Everything up to where `end` says; the rest is put back. Null: it did not come, or is too long. */
async function readUntil(
  reader: SocketReader,
  lengthMax: number,
  end: (bytes: Uint8Array) => number | null,
): Promise<Uint8Array | null> {
  let bytes: Buffer = Buffer.alloc(0);
  for (;;) {
    const piece = await reader.read();
    if (piece === null) return null;
    bytes = Buffer.concat([bytes, piece]);
    const length = end(bytes.subarray(0, lengthMax));
    if (length !== null) {
      reader.unread(bytes.subarray(length));
      return bytes.subarray(0, length);
    }
    if (bytes.length >= lengthMax) return null;
  }
}

function lineEnd(bytes: Uint8Array): number | null {
  const index = bytes.indexOf(10);
  return index === -1 ? null : index + 1;
}

/** There may be no headers at all: then the empty line comes first. */
function headersEnd(bytes: Uint8Array): number | null {
  const first = bytes.findIndex((byte) => byte !== 13);
  return bytes[first] === 10 ? first + 1 : headEnd(bytes);
}
