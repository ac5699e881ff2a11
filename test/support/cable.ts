import net from 'node:net';
import type { Socket } from 'node:net';

/** The cable between listeners and a server: it can be pulled out, and put back. */
export interface Cable {
  /** What listeners type. */
  readonly url: string;
  readonly port: number;
  /** Every connection breaks, and no new one comes about. */
  pull(): void;
  plug(): void;
  close(): Promise<void>;
}

/** @param targetPort of the server on loopback; asked for at each connection, as it may start later */
export async function startCable(targetPort: () => number): Promise<Cable> {
  const sockets = new Set<Socket>();
  let isIn = true;
  const server = net.createServer((near) => {
    if (!isIn) {
      near.destroy();
      return;
    }
    const far = net.connect(targetPort(), HOST);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, HOST, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Cannot tell the cable its own port');
  const pull = (): void => {
    isIn = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://${HOST}:${address.port}`,
    port: address.port,
    pull,
    plug: () => {
      isIn = true;
    },
    close: () => {
      pull();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

const HOST = '127.0.0.1';
