import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { encodeFile, startFfmpegSource } from '../support/ffmpeg.ts';
import { hear } from '../support/hearing.ts';
import type { Hearing } from '../support/hearing.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { basicAuth, connectSource, requestText } from '../support/source-socket.ts';
import { waitFor } from '../support/wait-for.ts';

const MOUNT = '/live.mp3';

let server: TestServer;
let hearing: Hearing;
let sound: Uint8Array;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  // Now, as nothing else runs meanwhile: the built-in station would skip what it missed.
  sound = encodeFile({ codec: 'mp3', seconds: 60 });
  const mounts = [{ path: MOUNT, sources: ['demo'], sourceClient: { password: 'dj' } }];
  server = await startTestServer({
    config: {
      stations: [{ id: 'radio', name: 'Radio', mounts }],
      admin: { password: 'boss' },
      webrtc: { enabled: false },
    },
  });
  hearing = await hear(server.url, 'radio', MOUNT);
  await waitFor('the pulled source is heard', () => hearing.played.length >= 16, 20_000);
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await waitFor('nobody is connected', () => server.liveSources.all().length === 0);
});
afterAll(async () => {
  await hearing.stop();
  await server.stop();
});

const isOnAir = (): boolean => server.liveSources.get(MOUNT)?.isOnAir === true;
/** The epoch of what was handed to the ear last. */
const epochNow = (): number => hearing.played.at(-1)?.header.epoch ?? 0;
const heardMs = (): number => hearing.played.reduce((sum, { header }) => sum + header.duration / 1000, 0);

/** Waits until a new epoch is heard, and goes on. */
async function waitForChange(before: number): Promise<void> {
  await waitFor('the change is heard', () => epochNow() !== before, 15_000);
  const epoch = epochNow();
  const count = hearing.played.length;
  await waitFor('it goes on', () => hearing.played.length >= count + 8, 15_000);
  expect(epochNow()).toBe(epoch);
}

describe('a DJ on a mount that is pulled', () => {
  it('takes over and hands back, each as a new epoch, and a listener hears sound all the while', async () => {
    const pulled = epochNow();
    const startedAt = performance.now();
    const heardBefore = heardMs();
    const source = startFfmpegSource({
      codec: 'mp3',
      target: `icecast://source:dj@127.0.0.1:${server.port}${MOUNT}`,
    });
    ends.push(() => source.stop());
    await waitForChange(pulled);
    expect(server.stations[0]?.mounts[0]?.source).toMatchObject({ state: 'live' });
    expect(server.stations[0]?.mounts[0]?.source.source).toContain('source client');
    const live = epochNow();
    await source.stop();
    await waitForChange(live);
    expect(server.stations[0]?.mounts[0]?.source).toMatchObject({ state: 'live', source: 'demo' });
    expect(hearing.epochs()).toHaveLength(3);
    expect(hearing.skippedCount()).toBe(0);
    expect(hearing.lateCount()).toBe(0);
    // What was handed over in this time is as long as this time, give or take the buffer.
    const missingMs = performance.now() - startedAt - (heardMs() - heardBefore);
    expect(Math.abs(missingMs)).toBeLessThan(2500);
  });

  it('that falls silent without a word is replaced before the listeners’ buffer is empty, and comes back', async () => {
    const client = await connectSource(server.port);
    ends.push(() => client.close());
    client.send(
      requestText(`SOURCE ${MOUNT} HTTP/1.0`, basicAuth('source', 'dj'), 'Content-Type: audio/mpeg'),
    );
    const before = epochNow();
    const late = hearing.lateCount();
    let sent = 0;
    const send = (): void => client.send(sound.subarray(sent, (sent += 320)));
    let timer = setInterval(send, 20);
    ends.push(() => clearInterval(timer));
    await waitForChange(before);
    const live = epochNow();
    clearInterval(timer);
    await waitForChange(live);
    expect(isOnAir()).toBe(false);
    expect(server.liveSources.get(MOUNT)).not.toBeNull();
    const back = epochNow();
    timer = setInterval(send, 20);
    await waitForChange(back);
    expect(isOnAir()).toBe(true);
    expect(hearing.skippedCount()).toBe(0);
    expect(hearing.lateCount()).toBe(late);
  });

  it('has its own titles, and the pulled source’s are back when it leaves', async () => {
    await waitFor('the pulled source’s is heard', () => hearing.titles().at(-1)?.artist === 'Essaim', 15_000);
    const source = startFfmpegSource({
      codec: 'mp3',
      target: `icecast://source:dj@127.0.0.1:${server.port}${MOUNT}`,
    });
    ends.push(() => source.stop());
    await waitFor('it is on air', isOnAir);
    await setTitle('A DJ - Live now', 'source:dj');
    await waitFor('the title is heard', () => hearing.titles().at(-1)?.title === 'Live now', 15_000);
    // The chunk that brought it is of the live source's epoch.
    expect(hearing.titles().at(-1)?.artist).toBe('A DJ');
    await source.stop();
    await waitFor('the other is back', () => hearing.titles().at(-1)?.artist === 'Essaim', 15_000);
  });

  it('may set the title of the pulled source too, as may the administrator, and nobody else', async () => {
    expect(await setTitle('From the studio', 'source:dj')).toBe(200);
    await waitFor('it is heard', () => hearing.titles().at(-1)?.title === 'From the studio', 15_000);
    expect(await setTitle('From the boss', 'admin:boss')).toBe(200);
    await waitFor('it is heard', () => hearing.titles().at(-1)?.title === 'From the boss', 15_000);
    expect(await setTitle('From a stranger', 'source:guess')).toBe(401);
  });
});

async function setTitle(song: string, login: string): Promise<number> {
  const body = new URLSearchParams({ mode: 'updinfo', mount: MOUNT, song, charset: 'UTF-8' });
  const authorization = `Basic ${Buffer.from(login).toString('base64')}`;
  const response = await fetch(`${server.url}/admin/metadata`, {
    method: 'POST',
    body,
    headers: { authorization },
  });
  await response.text();
  return response.status;
}
