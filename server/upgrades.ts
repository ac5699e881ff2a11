import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** Takes over the socket of a request that asks for another protocol. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Who answers the WebSocket requests of one HTTP server, by path; what nobody answers gets a 404. */
export class Upgrades {
  readonly #handlers = new Map<string, UpgradeHandler>();

  constructor(server: Server) {
    server.on('upgrade', (request, socket, head) => {
      const handler = this.#handlers.get(pathOf(request));
      if (handler === undefined) refuseUpgrade(socket, '404 Not Found');
      else handler(request, socket, head);
    });
  }

  /** Replaces an earlier handler of this path. Returns how to stop. */
  answer(path: string, handler: UpgradeHandler): () => void {
    this.#handlers.set(path, handler);
    return () => {
      if (this.#handlers.get(path) === handler) this.#handlers.delete(path);
    };
  }
}

const byServer = new WeakMap<Server, Upgrades>();

/** The one for this server. */
export function upgradesOf(server: Server): Upgrades {
  const known = byServer.get(server);
  if (known !== undefined) return known;
  const upgrades = new Upgrades(server);
  byServer.set(server, upgrades);
  return upgrades;
}

/** @param status e.g. `503 Service Unavailable` */
export function refuseUpgrade(socket: Duplex, status: string): void {
  // A client that is gone already must not be an uncaught error.
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

const pathOf = (request: IncomingMessage): string => request.url?.split('?', 1)[0] ?? '';
