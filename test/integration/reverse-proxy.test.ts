import { request } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { FrameReader } from '../../shared/chunk/chunk-framing.ts';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import { TRACKER_CLOSE_CODES } from '../../shared/tracker/messages.ts';
import { REVERSE_PROXIES, startReverseProxy } from '../support/reverse-proxy.ts';
import type { ReverseProxy, ReverseProxyName } from '../support/reverse-proxy.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { TrackerClient } from '../support/tracker-client.ts';
import { waitFor } from '../support/wait-for.ts';

let server: TestServer | undefined;
let proxy: ReverseProxy | undefined;
const clients: TrackerClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate();
  await proxy?.stop();
  await server?.stop();
});

/** One listener an address, so that the tracker shows whom it takes a client for. */
async function behind(name: ReverseProxyName, trustedProxies: readonly string[]): Promise<string> {
  server = await startTestServer({
    config: { http: { trustedProxies }, tracker: { peersPerAddressMax: 1 }, webrtc: { enabled: false } },
  });
  proxy = await startReverseProxy(name, server.port);
  return proxy.url;
}

function tracker(url: string, localAddress: string, forwardedFor?: string): TrackerClient {
  const headers = forwardedFor === undefined ? {} : { 'X-Forwarded-For': forwardedFor };
  const client = new TrackerClient(url, { localAddress, headers });
  clients.push(client);
  return client;
}

async function expectWelcome(client: TrackerClient): Promise<void> {
  await waitFor('the tracker accepts the connection', () => client.socket.readyState === WebSocket.OPEN);
  await client.join(mountId());
}

const mountId = (): string => server?.stations[0]?.mounts[0]?.id ?? '';

async function expectRefused(client: TrackerClient): Promise<void> {
  await waitFor('the tracker refuses a second listener of one address', () => client.closeCode !== null);
  expect(client.closeCode).toBe(TRACKER_CLOSE_CODES.limited);
}

describe.each(REVERSE_PROXIES)('behind %s', (name) => {
  test('a declared proxy tells the address that listeners typed', async () => {
    const url = await behind(name, ['127.0.0.1']);
    const station = await describedTo(url, 'radio.example:8443');
    expect(station.edges).toEqual(['http://radio.example:8443']);
    expect(station.trackers).toEqual(['ws://radio.example:8443/tracker']);
  });

  test('a declared proxy tells clients apart by their addresses', async () => {
    const url = await behind(name, ['127.0.0.1']);
    await expectWelcome(tracker(url, '127.0.0.2'));
    await expectWelcome(tracker(url, '127.0.0.3'));
    await expectRefused(tracker(url, '127.0.0.2'));
  });

  test('a client behind a declared proxy cannot pass for another', async () => {
    const url = await behind(name, ['127.0.0.1']);
    await expectWelcome(tracker(url, '127.0.0.2', '198.51.100.1'));
    await expectRefused(tracker(url, '127.0.0.2', '198.51.100.2'));
  });

  test('a proxy that is not declared is a client like any other', async () => {
    const url = await behind(name, []);
    await expectWelcome(tracker(url, '127.0.0.2'));
    await expectRefused(tracker(url, '127.0.0.3'));
  });

  test('a live stream comes chunk by chunk, and a burst whole', async () => {
    const url = await behind(name, ['127.0.0.1']);
    await waitFor(
      'there is a second of sound',
      () => (server?.stations[0]?.mounts[0]?.window.size ?? 0) >= 4,
    );
    const abort = new AbortController();
    const stream = await fetch(`${url}/api/mounts/${mountId()}/stream`, { signal: abort.signal });
    const reader = new FrameReader();
    let count = 0;
    for await (const bytes of stream.body ?? []) {
      count += reader.push(bytes).length;
      if (count >= 2) break;
    }
    abort.abort();
    expect(count).toBeGreaterThanOrEqual(2);
    const burst = await fetch(`${url}/api/mounts/${mountId()}/burst?seconds=1`);
    expect(new FrameReader().push(new Uint8Array(await burst.arrayBuffer())).length).toBeGreaterThanOrEqual(
      3,
    );
  });
});

/** `fetch` does not let a test say which host it asks for. */
function describedTo(url: string, host: string): Promise<ReturnType<typeof stationDescriptionSchema.parse>> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/api/stations/demo`, { headers: { host } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => {
        try {
          resolve(stationDescriptionSchema.parse(JSON.parse(text)));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(text));
        }
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}
