import http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';

/** A reverse proxy in front of a server of ours, whose way to the tracker can be cut. */
export interface SwarmProxy {
  readonly url: string;
  /** Drops every WebSocket and refuses new ones, until `restoreTracker`. Everything else passes. */
  cutTracker(): void;
  restoreTracker(): void;
  openSocketCount(): number;
  /** Sockets refused since the start. */
  refusedCount(): number;
  stop(): Promise<void>;
}

/** @param targetPort of the server, on loopback; it may start later */
export async function startSwarmProxy(targetPort: number): Promise<SwarmProxy> {
  const agent = new http.Agent({ keepAlive: true });
  const sockets = new Set<Duplex>();
  let isCut = false;
  let refused = 0;

  const server = http.createServer((request, response) => {
    const { method, url, headers } = request;
    const upstream = http.request(
      { host: HOST, port: targetPort, agent, method, path: url, headers: forwarded(request) },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        answer.on('error', () => response.destroy());
      },
    );
    upstream.on('error', () => response.destroy());
    response.on('close', () => upstream.destroy());
    if (headers['content-length'] === undefined) upstream.end();
    else request.pipe(upstream);
  });

  server.on('upgrade', (request: http.IncomingMessage, client: Duplex, head: Buffer) => {
    client.on('error', () => client.destroy());
    if (isCut) {
      refused += 1;
      client.destroy();
      return;
    }
    const upstream = net.connect(targetPort, HOST, () => {
      upstream.write(headOf(request));
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    sockets.add(client);
    upstream.on('error', () => client.destroy());
    upstream.on('close', () => client.destroy());
    client.on('close', () => {
      sockets.delete(client);
      upstream.destroy();
    });
  });

  await new Promise<void>((resolve) => {
    server.listen(0, HOST, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Cannot tell the proxy its own port');
  return {
    url: `http://${HOST}:${address.port}`,
    cutTracker: () => {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    restoreTracker: () => {
      isCut = false;
    },
    openSocketCount: () => sockets.size,
    refusedCount: () => refused,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      agent.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

const HOST = '127.0.0.1';

const forwarded = (request: http.IncomingMessage): http.OutgoingHttpHeaders => ({
  ...request.headers,
  'x-forwarded-for': request.socket.remoteAddress ?? HOST,
  'x-forwarded-host': request.headers.host ?? HOST,
  'x-forwarded-proto': 'http',
});

/** The request as it goes on to the server. */
function headOf(request: http.IncomingMessage): string {
  const lines = Object.entries(forwarded(request)).map(([name, value]) => `${name}: ${String(value)}`);
  return [`${request.method} ${request.url} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}
