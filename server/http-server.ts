import { createServer } from 'node:http';
import type { RequestListener, Server, ServerOptions } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { ConfigError } from './config/config-error.ts';
import { errorCode, errorText } from './error.ts';
import { Door } from './source-client/door.ts';
import type { Certificate } from './tls/certificate.ts';
import { tellTlsFromPlain } from './tls/plain-or-tls.ts';

/** Longer than the idle time of usual reverse proxies (nginx: 60 s), so that they never write into a closing door. */
const KEEP_ALIVE_MS = 65_000;
/** For a request to arrive whole; an answer may take for ever, as a live stream does. */
const REQUEST_MS_MAX = 15_000;
const HEADER_BYTES_MAX = 16_384;
/** Connections at once: as many as the largest swarm's trackers and streams together. */
const CONNECTIONS_MAX = 60_000;

const OPTIONS: ServerOptions = {
  keepAliveTimeout: KEEP_ALIVE_MS,
  requestTimeout: REQUEST_MS_MAX,
  headersTimeout: REQUEST_MS_MAX,
  maxHeaderSize: HEADER_BYTES_MAX,
  noDelay: true,
};

/** Every socket that is open, whatever is spoken on it. */
const socketsOf = new WeakMap<Server, ReadonlySet<Socket>>();

/**
 * Listens for HTTP, and for source clients at its door. With a certificate, for HTTPS: who begins without TLS, as old
 * radios and source clients do, is understood at the same port.
 * @param host null: all addresses.
 * @param onError what goes wrong later, and is not one request's.
 * @throws ConfigError (the promise rejects) if the port cannot be had.
 */
export async function listenHttp(
  listener: RequestListener,
  host: string | null,
  port: number,
  onError: (error: Error) => void,
  door: Door = new Door(),
  certificate: Certificate | null = null,
): Promise<Server> {
  const server =
    certificate === null
      ? createServer(OPTIONS, listener)
      : createSecureServer(
          {
            ...OPTIONS,
            cert: certificate.chain,
            key: certificate.key,
            handshakeTimeout: REQUEST_MS_MAX,
          },
          listener,
        );
  server.maxConnections = CONNECTIONS_MAX;
  takeConnections(server, certificate !== null, door);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, host, port)));
    server.listen({ port, ...(host === null ? {} : { host }) }, resolve);
  });
  server.removeAllListeners('error');
  server.on('error', onError);
  return server;
}

/** Puts the door, and before it TLS if any, between new connections and Node's HTTP. */
function takeConnections(server: Server, isSecure: boolean, door: Door): void {
  const takenBy = (event: string): ((socket: Socket) => void) => {
    const listeners = server.listeners(event);
    server.removeAllListeners(event);
    return (socket) => {
      for (const listener of listeners) Reflect.apply(listener, server, [socket]);
    };
  };
  const sockets = new Set<Socket>();
  socketsOf.set(server, sockets);
  const toTls = isSecure ? takenBy('connection') : null;
  const toHttp = takenBy(isSecure ? 'secureConnection' : 'connection');
  const toDoor = (socket: Socket): void => door.take(socket, toHttp);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    if (toTls === null) toDoor(socket);
    else tellTlsFromPlain(socket, REQUEST_MS_MAX, { toTls, toPlain: toDoor });
  });
  if (isSecure) server.on('secureConnection', toDoor);
}

/** For the moment between listening and serving. */
export const answerNotYet: RequestListener = (_, response) => {
  response.writeHead(503, { 'Retry-After': '2', 'Cache-Control': 'no-store' }).end('Starting.\n');
};

/** Ends everything within the grace, by force if need be. Live streams should have been ended before. */
export async function closeHttp(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // Node itself would leave alone what is not HTTP: sockets at the door, and those that speak another protocol by now.
  const timer = setTimeout(() => {
    server.closeAllConnections();
    for (const socket of socketsOf.get(server) ?? []) socket.destroy();
  }, graceMs);
  await closed;
  clearTimeout(timer);
}

function listenError(error: Error, host: string | null, port: number): Error {
  const where = host === null ? `port ${port}` : `${host}, port ${port}`;
  const reasons = new Map([
    ['EADDRINUSE', 'another program has it. Choose another with --port, or stop the other program'],
    ['EACCES', 'the system keeps it for its administrator. Choose one from 1024 with --port'],
    ['EADDRNOTAVAIL', 'this machine has no such address. Choose another with --host'],
  ]);
  const reason = reasons.get(errorCode(error) ?? '') ?? errorText(error);
  return new ConfigError(`Cannot listen on ${where}: ${reason}`, { cause: error });
}
