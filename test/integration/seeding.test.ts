import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EgressCounter } from '../../server/edge/egress.ts';
import { createNodeEnvironment, closeNodeEnvironment } from '../../server/listener/node-environment.ts';
import { silentLog } from '../../server/log.ts';
import { DelegatedSeeding } from '../../server/seeding/delegated-seeding.ts';
import { MediasoupSeeding } from '../../server/seeding/seeding.ts';
import type { SeedingEvents } from '../../server/seeding/seeding.ts';
import type { WorkerSource } from '../../server/seeding/worker-binary.ts';
import { findWorker } from '../../setup/worker.mjs';
import type { WorkerBuildEvents, WorkerBuildResult } from '../../setup/worker.mjs';
import type { SeedOffer } from '../../shared/tracker/messages.ts';
import { peerId, stripe } from '../../shared/units.ts';
import { mp3Frames } from '../support/made-frames.ts';
import { scriptedMount } from '../support/made-chunks.ts';
import type { ScriptedMount } from '../support/made-chunks.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { TrackerClient } from '../support/tracker-client.ts';
import { waitFor } from '../support/wait-for.ts';

const PEER = peerId('00000000000000a1');
const WEBRTC = { enabled: true, port: 0, announcedAddress: null, workersMax: null };
const environment = createNodeEnvironment();

afterAll(closeNodeEnvironment);

interface Recorded {
  readonly seeding: MediasoupSeeding;
  readonly scripted: ScriptedMount;
  readonly egress: EgressCounter;
  readonly path: boolean[];
  readonly lost: string[];
}

function startSeeding(source?: WorkerSource): Recorded {
  const scripted = scriptedMount();
  const egress = new EgressCounter();
  const path: boolean[] = [];
  const lost: string[] = [];
  const seeding = new MediasoupSeeding({
    mounts: [scripted.mount],
    config: WEBRTC,
    egress,
    log: silentLog(),
    random: Math.random,
    ...(source === undefined ? {} : { source }),
  });
  const events: SeedingEvents = {
    onPath: (_, up) => path.push(up),
    onStalled: () => undefined,
    onLost: (_, peer, reason) => lost.push(`${peer}: ${reason}`),
    onMoved: () => undefined,
  };
  seeding.start(events);
  return { seeding, scripted, egress, path, lost };
}

/** A second of sound: four chunks, one of each stripe. */
const playSeconds = (scripted: ScriptedMount, seconds: number): void => {
  scripted.play(mp3Frames(Math.ceil(seconds * 38.3)));
};

describe('seeding with a real worker', () => {
  let recorded: Recorded;
  beforeAll(async () => {
    recorded = startSeeding();
    await waitFor('the path is up', () => recorded.path.at(-1) === true);
  });
  afterAll(() => recorded.seeding.stop());

  test('offers the seed all that mediasoup-client needs, on addresses of this machine', async () => {
    const { seeding, scripted } = recorded;
    const offer = await seeding.assign(scripted.mount.id, PEER, [stripe(1)]);
    expect(offer.consumer.sctpStreamParameters).toMatchObject({ ordered: false, maxPacketLifeTime: 3_000 });
    expect(JSON.stringify(offer.transport.iceCandidates)).toContain('127.0.0.1');
    expect(offer.transport.iceCandidates.length).toBeLessThanOrEqual(16);
    seeding.release(scripted.mount.id, PEER);
  });

  test('gives a seed other stripes on the transport that it has', async () => {
    const { seeding, scripted } = recorded;
    const first = await seeding.assign(scripted.mount.id, PEER, [stripe(1)]);
    const second = await seeding.assign(scripted.mount.id, PEER, [stripe(1), stripe(2)]);
    expect(second.transport.id).toBe(first.transport.id);
    seeding.release(scripted.mount.id, PEER);
    const third = await seeding.assign(scripted.mount.id, PEER, [stripe(1)]);
    expect(third.transport.id).not.toBe(first.transport.id);
    seeding.release(scripted.mount.id, PEER);
  });

  test('brings a Node seed the chunks of its stripes, each once, and counts their bytes', async () => {
    const { seeding, scripted, egress } = recorded;
    const offer = await seeding.assign(scripted.mount.id, PEER, [stripe(0), stripe(2)]);
    const received: Uint8Array[] = [];
    const transport = await openSeed(seeding, scripted, offer, received);
    const counted = (): number => egress.totals(scripted.mount.id).seed;
    const first = counted();
    const made: Uint8Array[] = [];
    const stopHearing = scripted.mount.onChunk(({ header, wire }) => {
      if (header.sequence % 2 === 0) made.push(wire);
    });
    // The worker tells of the connection a moment after the seed knows of it: from then on bytes are counted.
    await waitFor('bytes are counted', () => {
      playSeconds(scripted, 1);
      return counted() > first;
    });
    const [before, uncounted] = [counted(), made.length];
    playSeconds(scripted, 5);
    stopHearing();
    await waitFor('all its chunks have come', () => received.length >= made.length);
    expect(received.map(hex).toSorted()).toEqual(made.map(hex).toSorted());
    const sent = made.slice(uncounted).reduce((sum, wire) => sum + wire.length, 0);
    expect(counted() - before).toBe(sent);
    transport.close();
    seeding.release(scripted.mount.id, PEER);
  });

  test('tells that a seed is lost when its transport ends', async () => {
    const { seeding, scripted, lost } = recorded;
    const offer = await seeding.assign(scripted.mount.id, PEER, [stripe(0)]);
    const transport = await openSeed(seeding, scripted, offer, []);
    transport.close();
    await waitFor('the seed is lost', () => lost.length === 1, 20_000);
    expect(lost[0]).toContain(PEER);
  });

  test('replaces a worker that is killed', async () => {
    const { seeding, path } = recorded;
    const [killed] = seeding.pids;
    if (killed === undefined)
      throw new Error('Cannot kill the worker as one must be up: current value is none');
    process.kill(killed, 'SIGKILL');
    await waitFor('the path goes down', () => path.at(-1) === false);
    await waitFor('the path is up again', () => path.at(-1) === true);
    expect(seeding.pids).toHaveLength(1);
    expect(seeding.pids).not.toContain(killed);
    expect(seeding.status().state).toBe('ready');
  });
});

async function openSeed(
  seeding: MediasoupSeeding,
  scripted: ScriptedMount,
  offer: SeedOffer,
  received: Uint8Array[],
): Promise<{ close(): void }> {
  const open = await environment.loadSeedTransport?.();
  if (open === undefined) throw new Error('Cannot be a seed as Node must have WebRTC: current value is none');
  let state = 'opening';
  const transport = open(offer, {
    onConnect: (dtlsParameters) => {
      seeding.connect(scripted.mount.id, PEER, offer.transport.id, dtlsParameters);
    },
    onOpen: () => {
      state = 'open';
    },
    onMessage: (data) => received.push(data.slice()),
    onFailed: (reason) => {
      state = reason;
    },
  });
  await waitFor('the seed is connected', () => state === 'open');
  return transport;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('seeding while there is no worker', () => {
  test('takes the worker up without a restart when it has been made', async () => {
    const build = Promise.withResolvers<WorkerBuildResult>();
    const builds: WorkerBuildEvents[] = [];
    const { seeding, path } = startSeeding({
      find: () => null,
      build: (events) => {
        builds.push(events);
        return { finished: build.promise, stop: () => undefined };
      },
    });
    builds[0]?.onProgress(5, 208);
    expect(seeding.status()).toEqual({
      state: 'starting',
      detail: 'the mediasoup worker is being made (5 of 208)',
    });
    build.resolve({ kind: 'ready', path: findWorker() ?? '' });
    await waitFor('the path is up', () => path.at(-1) === true);
    expect(seeding.status().state).toBe('ready');
    await seeding.stop();
  });

  test('says why if none can be made, and goes on', async () => {
    const { seeding, path } = startSeeding({
      find: () => null,
      build: () => ({
        finished: Promise.resolve({ kind: 'impossible', reason: 'no compiler' }),
        stop: () => undefined,
      }),
    });
    await waitFor('the build has failed', () => seeding.status().state === 'unavailable');
    expect(seeding.status().detail).toBe('no compiler');
    expect(path).toEqual([]);
    await seeding.stop();
  });

  test('stops a build that is under way when the server stops', async () => {
    let stopped = 0;
    const { seeding } = startSeeding({
      find: () => null,
      build: () => ({
        finished: new Promise(() => undefined),
        stop: () => {
          stopped += 1;
        },
      }),
    });
    await seeding.stop();
    expect(stopped).toBe(1);
  });
});

describe('a server whose worker dies', () => {
  test('feeds its seeds over HTTP until there is another, then over WebRTC again', async () => {
    const server = await startScriptedServer({ config: { webrtc: { enabled: true, port: 0 } } });
    const clients = [await TrackerClient.open(server.url), await TrackerClient.open(server.url)];
    try {
      const seeding = server.seeding instanceof DelegatedSeeding ? server.seeding.own : null;
      if (!(seeding instanceof MediasoupSeeding))
        throw new Error('Cannot kill a worker as mediasoup must seed');
      await waitFor('the worker is up', () => seeding.status().state === 'ready');
      for (const client of clients) await client.join(server.mountId);
      for (const client of clients) await client.heard('seed', ({ transport }) => transport === 'webrtc');
      for (const pid of seeding.pids) process.kill(pid, 'SIGKILL');
      for (const client of clients) await client.heard('seed', ({ transport }) => transport === 'http');
      for (const client of clients)
        expect((await client.heard('seed', ({ webrtc }) => webrtc !== undefined)).transport).toBe('webrtc');
    } finally {
      for (const client of clients) client.close();
      await server.stop();
    }
  });
});
