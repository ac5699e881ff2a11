import http from 'node:http';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { basicAuth, connectSource, requestText } from '../support/source-socket.ts';
import { waitFor } from '../support/wait-for.ts';

const HEALTH = requestText('GET /healthz HTTP/1.1', 'Host: radio');

let server: TestServer;

beforeAll(async () => {
  const mounts = [{ path: '/live.mp3', sources: ['demo'], sourceClient: { password: 'dj' } }];
  server = await startTestServer({
    config: { stations: [{ id: 'demo', name: 'Demo', mounts }], webrtc: { enabled: false } },
  });
});
afterAll(async () => {
  await server.stop();
});

/** How often an answer's first line stands in what came back. */
const answers = (text: string): number => text.match(/HTTP\/1\.1 [0-9]{3} /g)?.length ?? 0;

describe('HTTP behind the door for source clients', () => {
  it('answers requests that come one after the other over one connection, also all at once', async () => {
    const client = await connectSource(server.port);
    client.send(HEALTH);
    await waitFor('the first answer came', () => answers(client.received()) === 1);
    client.send(`${HEALTH}${HEALTH}`);
    await waitFor('all answers came', () => answers(client.received()) === 3);
    expect(client.isEnded()).toBe(false);
    client.close();
  });

  it('answers a request that comes byte by byte, also one that begins like ours', async () => {
    for (const request of [HEALTH, requestText('OPTIONS /live.mp3 HTTP/1.1', 'Host: radio')]) {
      const client = await connectSource(server.port);
      for (const byte of Buffer.from(request)) {
        client.send(Uint8Array.of(byte));
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
      await waitFor('an answer came', () => answers(client.received()) === 1);
      client.close();
    }
  });

  it('takes forms whose body comes in pieces', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request = http.request(`${server.url}/admin/metadata`, { method: 'POST' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      request.write('mode=updinfo&mount=/live.mp3&');
      setTimeout(() => request.end(`song=${'x'.repeat(70_000)}`), 20);
    });
    expect(status).toBe(401);
  });

  it('upgrades WebSockets', async () => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/tracker`);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    socket.close();
  });

  it('is spoken over the same connection after a source client has only asked', async () => {
    const client = await connectSource(server.port);
    client.send(
      requestText('OPTIONS * HTTP/1.1', 'Host: radio', 'Connection: Upgrade', 'Upgrade: TLS/1.0, HTTP/1.1'),
    );
    const options = await client.answer();
    expect(options.statusLine).toBe('HTTP/1.1 200 OK');
    expect(options.headers.get('allow')).toBe('GET, PUT, OPTIONS, SOURCE');
    client.send(requestText('PUT /live.mp3 HTTP/1.1', 'Content-Length: 0'));
    expect((await client.answer()).statusLine).toContain(' 401 ');
    client.send(HEALTH);
    await waitFor('HTTP answered', () => client.received().includes('"status"'));
    client.close();
  });

  it('keeps its time limit for requests that do not come whole, and the door has one for those that do not begin', () => {
    expect(server.http.headersTimeout).toBe(15_000);
    // Node looks for them only on connections that it knows.
    expect(server.http.listenerCount('connection')).toBe(1);
  });
});

describe('stopping the server', () => {
  it('ends connections that have said nothing yet, and source clients, at once', async () => {
    const mounts = [{ path: '/live.mp3', sourceClient: { password: 'dj' } }];
    const other = await startTestServer({
      config: { stations: [{ id: 'demo', name: 'Demo', mounts }], webrtc: { enabled: false } },
    });
    const silent = net.connect(other.port, '127.0.0.1');
    silent.on('error', () => undefined);
    const half = await connectSource(other.port);
    half.send('SOURCE /live.mp3 HTTP/1.0\r\nAuth');
    const source = await connectSource(other.port);
    source.send(requestText('SOURCE /live.mp3 HTTP/1.0', basicAuth('source', 'dj')));
    await source.answer();
    const startedAt = performance.now();
    await other.stop();
    expect(performance.now() - startedAt).toBeLessThan(1900);
    await waitFor(
      'all are ended',
      () => half.isEnded() && source.isEnded() && silent.readyState === 'closed',
    );
  });
});
