import type { Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { closeHttp, listenHttp } from '../../server/http-server.ts';
import { silentLog } from '../../server/log.ts';
import { httpSeedingOnly } from '../../server/seeding/seeding.ts';
import { strongRandom } from '../../server/tracker/strong-random.ts';
import { TrackerSocketServer } from '../../server/tracker/tracker-socket-server.ts';
import { TRACKER_CLOSE_CODES, TRACKER_MESSAGE_LENGTH_MAX } from '../../shared/tracker/messages.ts';
import { mountId } from '../../shared/units.ts';
import { scriptedMount } from '../support/made-chunks.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import { TrackerClient } from '../support/tracker-client.ts';
import { waitFor } from '../support/wait-for.ts';

let server: ScriptedServer;
const clients: TrackerClient[] = [];

beforeAll(async () => {
  server = await startScriptedServer({
    config: { webrtc: { enabled: false }, tracker: { peersPerAddressMax: 12 } },
  });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await waitFor('all connections are gone', () => server.tracker.counters.connections === 0);
});
afterAll(() => server.stop());

async function connect(): Promise<TrackerClient> {
  const client = await TrackerClient.open(server.url);
  clients.push(client);
  return client;
}

async function leave(client: TrackerClient): Promise<void> {
  client.say({ type: 'leave' });
  await waitFor('the tracker ends the connection', () => client.closeCode !== null);
}

describe('the tracker over WebSockets', () => {
  test('serves the first listener alone, and introduces the second, who calls the first', async () => {
    const first = await connect();
    await first.join(server.mountId);
    expect(await first.heard('seed')).toMatchObject({ stripes: [0, 1, 2, 3], transport: 'http', solo: true });

    const second = await connect();
    const welcome = await second.join(server.mountId);
    expect(welcome.neighbours.map(({ peerId }) => peerId)).toEqual([first.peerId]);
    await first.heard('seed', ({ solo }) => !solo);
    await second.heard('seed', ({ stripes, solo }) => !solo && stripes.length === 2);

    second.say({ type: 'signal', to: first.peerId, data: 'an offer' });
    expect(await first.heard('signal')).toEqual({ type: 'signal', from: second.peerId, data: 'an offer' });
    first.say({ type: 'signal', to: second.peerId, data: 'an answer' });
    expect(await second.heard('signal')).toMatchObject({ from: first.peerId, data: 'an answer' });

    await leave(second);
    expect(await first.heard('peerLeft')).toEqual({ type: 'peerLeft', peerId: second.peerId });
    await leave(first);
  });

  test('counts its connections and messages, for /metrics', async () => {
    const metric = async (name: string): Promise<number> => {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      return Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.slice(name.length),
      );
    };
    const messages = (kind: string): Promise<number> =>
      metric(`essaim_tracker_messages_total{kind="${kind}"}`);
    expect(await metric('essaim_tracker_connections')).toBe(0);
    const received = await messages('received');
    const sent = await messages('sent');
    const malformed = await messages('malformed');
    const client = await connect();
    await client.join(server.mountId);
    expect(await metric('essaim_tracker_connections')).toBe(1);
    expect(await messages('received')).toBe(received + 1);
    expect(await messages('sent')).toBeGreaterThan(sent);
    expect(await messages('malformed')).toBe(malformed);
    client.socket.send('{');
    await waitFor('the tracker ends the connection', () => client.closeCode !== null);
    expect(await messages('malformed')).toBe(malformed + 1);
  });

  test('tells the origin’s clock', async () => {
    const client = await connect();
    const before = Date.now();
    const { serverTimeMs } = await client.join(server.mountId);
    expect(serverTimeMs).toBeGreaterThanOrEqual(before);
    expect(serverTimeMs).toBeLessThanOrEqual(Date.now());
    await leave(client);
  });

  test('gives a listener its id back after a lost connection', async () => {
    const client = await connect();
    const { peerId, secret } = await client.join(server.mountId);
    client.close();
    const again = await connect();
    expect(await again.join(server.mountId, { resume: { peerId, secret } })).toMatchObject({
      peerId,
      secret,
    });
    const thief = await connect();
    const stolen = await thief.join(server.mountId, { resume: { peerId, secret: 'x'.repeat(32) } });
    expect(stolen.peerId).not.toBe(peerId);
    await leave(thief);
    await leave(again);
  });

  test.each([
    ['text that is no JSON', 'hello'],
    ['a message of no known kind', '{"type":"sing"}'],
    ['a field of the wrong kind', '{"type":"signal","to":5,"data":""}'],
  ])('closes a connection that sends %s', async (_, text) => {
    const client = await connect();
    client.socket.send(text);
    await waitFor('the connection is closed', () => client.closeCode !== null);
    expect(client.closeCode).toBe(TRACKER_CLOSE_CODES.malformed);
  });

  test('closes a connection that sends more than a message may hold', async () => {
    const client = await connect();
    client.socket.send('x'.repeat(TRACKER_MESSAGE_LENGTH_MAX + 1));
    await waitFor('the connection is closed', () => client.closeCode !== null);
    expect(client.closeCode).toBe(1009);
  });

  test('closes a connection that asks for a mount that is not there', async () => {
    const client = await connect();
    client.say({
      type: 'join',
      version: 1,
      mountId: 'ffffffffffffffff',
      participation: 'relay',
      uploadCapKbps: 0,
      neighbours: [],
    });
    await waitFor('the connection is closed', () => client.closeCode !== null);
    expect(client.closeCode).toBe(TRACKER_CLOSE_CODES.unknownMount);
  });

  test('takes only so many listeners from one address', async () => {
    for (let count = 0; count < 12; count += 1) await connect();
    const tooMany = new TrackerClient(server.url);
    clients.push(tooMany);
    await waitFor('the connection is closed', () => tooMany.closeCode !== null);
    expect(tooMany.closeCode).toBe(TRACKER_CLOSE_CODES.limited);
  });

  test('counts listeners and what they report for the statistics', async () => {
    const client = await connect();
    await client.join(server.mountId);
    client.say({
      type: 'report',
      report: {
        uploadCapKbps: 1_000,
        childSlotsFree: 8,
        childCount: 0,
        neighbourCount: 0,
        depths: [0, 0, 0, 0],
        bytesFromPeers: 300,
        bytesFromEdges: 100,
        bytesToPeers: 0,
        playedOnTime: 1,
        bufferMs: 2_500,
      },
    });
    const swarm = (): unknown => server.tracker.status(mountId(server.mountId));
    await waitFor('the report has arrived', () => JSON.stringify(swarm()).includes('"bytesFromPeers":300'));
    const response = await fetch(`${server.url}/api/statistics`);
    expect(await response.json()).toMatchObject({ mounts: [{ listeners: 1, offload: 0.75 }] });
    await leave(client);
  });

  test('drops and refuses everyone while it is suspended, and takes them back with their ids', async () => {
    const client = await connect();
    const { peerId, secret } = await client.join(server.mountId);
    server.tracker.suspend();
    await waitFor('the connection is dropped', () => client.closeCode !== null);
    const refused = new TrackerClient(server.url);
    await waitFor('the connection is refused', () => refused.closeCode !== null);
    server.tracker.resume();
    const again = await connect();
    expect((await again.join(server.mountId, { resume: { peerId, secret } })).peerId).toBe(peerId);
    await leave(again);
  });

  test('upgrades no other path', async () => {
    const socket = new WebSocket(`${server.url.replace(/^http/, 'ws')}/elsewhere`);
    const status = await new Promise((resolve) => {
      socket.on('unexpected-response', (_, response) => {
        resolve(response.statusCode);
      });
    });
    expect(status).toBe(404);
  });
});

describe('the tracker and those who do not answer', () => {
  let http: Server;
  let tracker: TrackerSocketServer;
  let url: string;
  const { mount } = scriptedMount();
  const start = async (pingIntervalMs: number): Promise<void> => {
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
      clientAddress: () => '127.0.0.1',
      log: silentLog(),
      random: strongRandom(),
      pingIntervalMs,
    });
    const address = http.address();
    url = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
  };
  afterEach(async () => {
    tracker.close();
    await closeHttp(http, 0);
  });

  test('closes a connection that answers no ping, and keeps one that does', async () => {
    await start(50);
    const silent = await TrackerClient.open(url);
    const lively = await TrackerClient.open(url);
    await silent.join(mount.id);
    await lively.join(mount.id);
    silent.socket.pause();
    await waitFor('the silent one is closed', () => tracker.counters.connections === 1);
    expect(tracker.status(mount.id)?.listeners).toBe(1);
    await waitFor('the other hears that the tracker lives', () => lively.aliveCount >= 2);
    expect(lively.closeCode).toBeNull();
    lively.close();
  });

  test('closes a connection that does not read what it is sent', async () => {
    await start(600_000);
    const stuck = await TrackerClient.open(url);
    await stuck.join(mount.id);
    const talkers: TrackerClient[] = [];
    for (let count = 0; count < 6; count += 1) {
      const talker = await TrackerClient.open(url);
      await talker.join(mount.id);
      talkers.push(talker);
    }
    stuck.socket.pause();
    const data = 'x'.repeat(12_000);
    for (const talker of talkers)
      for (let count = 0; count < 300; count += 1) talker.say({ type: 'signal', to: stuck.peerId, data });
    await waitFor('the stuck one is closed', () => tracker.counters.connections === talkers.length);
    for (const talker of talkers) talker.close();
  });
});
