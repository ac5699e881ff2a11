import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Participation } from '../../shared/tracker/messages.ts';
import { pollLikeAzuraCast } from '../support/azuracast-polling.ts';
import { openStream } from '../support/http-stream.ts';
import type { OpenStream } from '../support/http-stream.ts';
import { mp3Frames } from '../support/made-frames.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import { makePass } from '../../server/relays/relay-pass.ts';
import { unixMillis } from '../../shared/units.ts';
import { TrackerClient } from '../support/tracker-client.ts';

const PASSWORD = 'let me see';

describe('AzuraCast, with us as a Remote: Icecast relay', () => {
  let server: ScriptedServer;
  const listeners: { close(): void }[] = [];
  const start = async (keepAddresses: boolean): Promise<void> => {
    server = await startScriptedServer({
      config: {
        webrtc: { enabled: false },
        admin: { password: PASSWORD },
        listenerPrivacy: { keepAddresses },
        stations: [
          {
            id: 'radio',
            name: 'Radio',
            mounts: ['/radio.mp3', '/low.mp3'].map((path) => ({ path, sources: ['demo'] })),
          },
        ],
      },
    });
  };
  const joinSwarm = async (
    headers: Readonly<Record<string, string>> = {},
    participation: Participation = 'relay',
  ): Promise<void> => {
    const client = new TrackerClient(server.url, { headers });
    await new Promise((resolve) => {
      client.socket.once('open', resolve);
    });
    const { sign } = server.stations[0] ?? { sign: () => new Uint8Array() };
    const relayPass = makePass(sign, 'r'.repeat(43), unixMillis(Date.now()));
    await client.join(server.mountId, { participation, relayPass });
    listeners.push(client);
  };
  const openPlayer = async (userAgent: string): Promise<OpenStream> => {
    const player = await openStream(`${server.url}/radio.mp3`, { 'User-Agent': userAgent });
    listeners.push(player);
    return player;
  };

  beforeEach(() => start(false));
  afterEach(async () => {
    for (const listener of listeners.splice(0)) listener.close();
    await server.stop();
  });

  it('takes us for offline without sound', async () => {
    expect(await pollLikeAzuraCast(server.url, '/radio.mp3', null)).toBeNull();
    expect(await pollLikeAzuraCast(server.url, '/radio.mp3', PASSWORD)).toBeNull();
  });

  it.each([null, PASSWORD])('sees state, title and type (password: %s)', async (password) => {
    server.emit({ type: 'title', title: 'Tide & Ebbe', artist: 'Zoë' });
    server.play(mp3Frames(60));
    expect(await pollLikeAzuraCast(server.url, '/radio.mp3', password)).toMatchObject({
      isOnline: true,
      text: 'Zoë - Tide & Ebbe',
      artist: 'Zoë',
      title: 'Tide & Ebbe',
      format: 'audio/mpeg',
      bitrate: expect.any(Number),
      total: 0,
    });
  });

  it.each(['', '1979', '<3', 'a & b', '"\'', '🌙'])('is online whatever the title: %j', async (title) => {
    server.emit({ type: 'title', title });
    server.play(mp3Frames(60));
    for (const password of [null, PASSWORD])
      expect(await pollLikeAzuraCast(server.url, '/radio.mp3', password)).toMatchObject({
        isOnline: true,
        title: title || 'Radio',
      });
  });

  it('counts who hears: the swarm and old players, each once, and no server that passes it on', async () => {
    server.play(mp3Frames(60));
    await joinSwarm();
    await joinSwarm();
    await joinSwarm({}, 'dedicated');
    await joinSwarm({ 'User-Agent': 'Essaim/0.1' });
    await openPlayer('kitchen radio');
    await openPlayer('Essaim/0.1');
    await expect
      .poll(() => pollLikeAzuraCast(server.url, '/radio.mp3', PASSWORD))
      .toMatchObject({ total: 3, unique: 3 });
    expect(await pollLikeAzuraCast(server.url, '/low.mp3', PASSWORD)).toMatchObject({ total: 0, unique: 0 });
    expect(await pollLikeAzuraCast(server.url, '/radio.mp3', null)).toMatchObject({ total: 3 });
  });

  it('sees no address or program unless the operator wants it, yet everyone told apart', async () => {
    server.play(mp3Frames(60));
    await joinSwarm({ 'User-Agent': 'browser' });
    await openPlayer('kitchen radio');
    const view = await pollLikeAzuraCast(server.url, '/radio.mp3', PASSWORD);
    expect(view?.clients).toHaveLength(2);
    for (const { uid, ip, userAgent, connectedSeconds } of view?.clients ?? []) {
      expect(uid).toMatch(/^\d+$/);
      expect(ip).toMatch(/^fde5:5a1b:ea00::/);
      expect(userAgent).toBe('');
      expect(connectedSeconds).toBeGreaterThanOrEqual(0);
    }
    const again = await pollLikeAzuraCast(server.url, '/radio.mp3', PASSWORD);
    expect(again?.clients?.map(({ uid }) => uid)).toEqual(view?.clients?.map(({ uid }) => uid));
    await server.stop();
    for (const listener of listeners.splice(0)) listener.close();
    await start(true);
    server.play(mp3Frames(60));
    await joinSwarm({ 'User-Agent': 'browser' });
    await openPlayer('kitchen radio');
    const kept = await pollLikeAzuraCast(server.url, '/radio.mp3', PASSWORD);
    expect(kept?.clients?.map(({ ip, userAgent }) => [ip, userAgent])).toEqual([
      ['127.0.0.1', 'kitchen radio'],
      ['127.0.0.1', 'browser'],
    ]);
  });

  it('can send a listener away', async () => {
    server.play(mp3Frames(60));
    const player = await openPlayer('kitchen radio');
    const view = await pollLikeAzuraCast(server.url, '/radio.mp3', PASSWORD);
    const id = view?.clients?.[0]?.uid ?? '';
    const headers = { Authorization: `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}` };
    const kill = async (mount: string): Promise<string> =>
      await (await fetch(`${server.url}/admin/killclient?mount=${mount}&id=${id}`, { headers })).text();
    expect(await kill('/low.mp3')).toContain(`Client ${id} not found`);
    expect(await kill('/radio.mp3')).toContain(`Client ${id} removed`);
    await expect.poll(() => player.isEnded()).toBe(true);
    expect(await pollLikeAzuraCast(server.url, '/radio.mp3', PASSWORD)).toMatchObject({ total: 0 });
  });

  it('sees Shoutcast’s seven figures too', async () => {
    server.emit({ type: 'title', title: 'Tide, and ebb', artist: 'Zoë' });
    server.play(mp3Frames(60));
    await openPlayer('kitchen radio');
    const text = await (await fetch(`${server.url}/7.xsl`)).text();
    expect(text).toMatch(/<body>1,1,1,100000,1,\d+,Zoë - Tide, and ebb<\/body>/);
  });
});
