import type { Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { closeHttp, listenHttp } from '../../server/http-server.ts';
import { silentLog } from '../../server/log.ts';
import { httpSeedingOnly } from '../../server/seeding/seeding.ts';
import { strongRandom } from '../../server/tracker/strong-random.ts';
import { TrackerSocketServer } from '../../server/tracker/tracker-socket-server.ts';
import { scriptedMount } from '../support/made-chunks.ts';
import { TrackerClient } from '../support/tracker-client.ts';
import { waitFor } from '../support/wait-for.ts';

const { mount } = scriptedMount();
const clients: TrackerClient[] = [];
const complaints: (readonly string[])[] = [];
let relays: string[] = [];
let http: Server;
let tracker: TrackerSocketServer;

beforeEach(async () => {
  http = await listenHttp(
    () => undefined,
    '127.0.0.1',
    0,
    () => undefined,
  );
  tracker = new TrackerSocketServer({
    httpServer: http,
    mounts: [mount],
    seeding: httpSeedingOnly(),
    clientAddress: () => '192.0.2.9',
    publicUrl: (request) => `http://${request.headers.host}`,
    addresses: ({ publicUrl, mountId }) => ({
      edges: [publicUrl, `https://${mountId}.example`, ...relays],
      trackers: [`${publicUrl.replace('http', 'ws')}/tracker`, 'not an address'],
    }),
    onEdgeComplaint: (...complaint) => complaints.push(complaint),
    log: silentLog(),
    random: strongRandom(),
  });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  tracker.close();
  await closeHttp(http, 0);
});

function url(): string {
  const address = http.address();
  return `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
}

async function joined(): Promise<TrackerClient> {
  const client = await TrackerClient.open(url());
  clients.push(client);
  await client.join(mount.id);
  return client;
}

test('a listener is told after its welcome where edges and trackers are, as it reaches them', async () => {
  const client = await joined();
  expect(await client.heard('edges')).toEqual({
    type: 'edges',
    edges: [url(), `https://${mount.id}.example`],
    trackers: [`${url().replace('http', 'ws')}/tracker`],
  });
  expect(client.messages[0]?.type).toBe('welcome');
});

test('everyone is told of a change within moments, once, and whoever has not joined is not', async () => {
  const listeners = [await joined(), await joined(), await joined()];
  const stranger = await TrackerClient.open(url());
  clients.push(stranger);
  relays = ['https://relay.example/', 'ftp://nonsense.example'];
  tracker.addressesChanged();
  tracker.addressesChanged();
  await waitFor('all know the relay', () =>
    listeners.every((listener) => listener.last('edges')?.edges.includes('https://relay.example')),
  );
  for (const { messages } of listeners) {
    const told = messages.filter(({ type }) => type === 'edges');
    expect(told).toHaveLength(2);
    expect(JSON.stringify(told)).not.toContain('nonsense');
  }
  expect(stranger.messages).toEqual([]);
});

test('what a listener complains of an edge is told on, with the address it comes from', async () => {
  const client = await joined();
  client.say({ type: 'edgeComplaint', address: 'https://relay.example', reason: 'withheld' });
  await waitFor('the complaint is there', () => complaints.length > 0);
  expect(complaints).toEqual([['https://relay.example', 'withheld', '192.0.2.9']]);
});
