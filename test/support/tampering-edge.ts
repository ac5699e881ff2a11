import http from 'node:http';

/** What it does to the chunks that are asked of it. */
export type Fault = 'forges' | 'delays' | 'withholds' | 'stalls';

/** Stands before a relay and passes everything on, honestly until it is told otherwise. */
export interface TamperingEdge {
  readonly url: string;
  passTo(target: string): void;
  tamper(fault: Fault): void;
  stop(): Promise<void>;
}

const CHUNK_PATH = /^\/api\/mounts\/[0-9a-f]{16}\/chunks\/(\d+)\/(\d+)$/;

export async function startTamperingEdge(): Promise<TamperingEdge> {
  let target = '';
  let fault: Fault | null = null;
  const server = http.createServer((request, response) => {
    const chunk = CHUNK_PATH.exec(request.url ?? '');
    if (chunk !== null && fault === 'stalls') return;
    if (chunk !== null && fault === 'delays') {
      response.writeHead(404).end('{"error":"is not made yet"}');
      return;
    }
    // One stripe of four.
    if (chunk !== null && fault === 'withholds' && Number(chunk[2]) % 4 === 1) {
      response.writeHead(410).end('{"error":"has left the window"}');
      return;
    }
    void pass(request.url ?? '', response, chunk !== null && fault === 'forges');
  });
  async function pass(path: string, response: http.ServerResponse, isForged: boolean): Promise<void> {
    try {
      const answer = await fetch(target + path);
      const body = Buffer.from(await answer.arrayBuffer());
      const middle = Math.floor(body.length / 2);
      if (isForged) body.writeUInt8(body.readUInt8(middle) ^ 1, middle);
      response
        .writeHead(answer.status, { 'Content-Type': answer.headers.get('content-type') ?? '' })
        .end(body);
    } catch {
      response.destroy();
    }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    passTo: (url) => {
      target = url;
    },
    tamper: (next) => {
      fault = next;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
