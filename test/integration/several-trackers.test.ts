import type { Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createListener } from '../../client/listener/listener.ts';
import type { Listener } from '../../client/listener/listener.ts';
import { closeHttp, listenHttp } from '../../server/http-server.ts';
import { closeNodeEnvironment, createNodeEnvironment } from '../../server/listener/node-environment.ts';
import { silentLog } from '../../server/log.ts';
import { httpSeedingOnly } from '../../server/seeding/seeding.ts';
import { strongRandom } from '../../server/tracker/strong-random.ts';
import { TrackerSocketServer } from '../../server/tracker/tracker-socket-server.ts';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import type { StationDescription } from '../../shared/station/description.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait-for.ts';

const LISTENERS = 6;
const environment = createNodeEnvironment();
let server: TestServer;
let first: StandaloneTracker;
let second: StandaloneTracker;
let running: readonly Listening[] = [];

interface StandaloneTracker {
  readonly tracker: TrackerSocketServer;
  readonly address: string;
  /** Its connections and its port are gone. */
  stop(): Promise<void>;
}
interface Listening {
  readonly listener: Listener;
  readonly sequences: number[];
  skipped: number;
}

beforeAll(async () => {
  server = await startTestServer({ config: { webrtc: { enabled: false } } });
  await waitFor('there is sound', () => (theMount().description().live?.newest ?? 0) >= 12);
  first = await startTracker();
  second = await startTracker();
});
afterAll(async () => {
  await Promise.all(running.map(({ listener }) => listener.stop()));
  await first.stop();
  await second.stop();
  await server.stop();
  closeNodeEnvironment();
});

function theMount() {
  const mount = server.stations[0]?.mounts[0];
  if (mount === undefined) throw new Error('Cannot play as the server must have a mount: it has none');
  return mount;
}

/** A tracker of the server's mount in an HTTP server of its own, as a relay has one. */
async function startTracker(): Promise<StandaloneTracker> {
  const http: Server = await listenHttp(
    () => undefined,
    '127.0.0.1',
    0,
    () => undefined,
  );
  const tracker = new TrackerSocketServer({
    httpServer: http,
    mounts: [theMount()],
    seeding: httpSeedingOnly(),
    clientAddress: () => '127.0.0.1',
    log: silentLog(),
    random: strongRandom(),
  });
  const address = http.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  let stopping: Promise<void> | null = null;
  return {
    tracker,
    address: `ws://127.0.0.1:${port}/tracker`,
    stop: () => {
      tracker.close();
      return (stopping ??= closeHttp(http, 0));
    },
  };
}

async function describe(): Promise<StationDescription> {
  const answer = await fetch(`${server.url}/api/stations/demo`);
  const described = stationDescriptionSchema.parse(await answer.json());
  return { ...described, trackers: [first.address, second.address] };
}

function listen(station: StationDescription): Listening {
  const [mount] = station.mounts;
  if (mount === undefined) throw new Error('Cannot listen as the station must have a mount: it has none');
  const listening = { sequences: [] as number[], skipped: 0 };
  const listener = createListener({
    station,
    mount,
    publicKey: station.publicKey,
    participation: 'relay',
    uploadCapKbps: 2000,
    peersAllowed: true,
    sink: {
      play: ({ header }, skipped) => {
        listening.sequences.push(header.sequence);
        listening.skipped += skipped;
      },
    },
    environment,
  });
  listener.start();
  return Object.assign(listening, { listener });
}

const idOf = ({ listener }: Listening): string => listener.snapshot().peerId ?? '';
const neighboursOf = ({ listener }: Listening): readonly string[] =>
  listener.snapshot().neighbours.map(({ peerId }) => peerId);
const membersOf = ({ tracker }: StandaloneTracker): number => tracker.status(theMount().id)?.listeners ?? 0;

test('listeners whose tracker is killed go on at the second: same ids, same links, not a chunk missed; newcomers link with them', async () => {
  const station = await describe();
  running = Array.from({ length: LISTENERS }, () => listen(station));
  await waitFor(
    'everyone is linked with everyone at the first, and hears',
    () =>
      membersOf(first) === LISTENERS &&
      running.every((one) => neighboursOf(one).length === LISTENERS - 1 && one.sequences.length > 8),
    30_000,
  );
  const ids = running.map(idOf);
  const links = running.map(neighboursOf);

  await first.stop();
  await waitFor('everyone is at the second', () => membersOf(second) === LISTENERS, 40_000);
  expect(running.map(idOf)).toEqual(ids);
  expect(running.map((one) => neighboursOf(one).toSorted())).toEqual(links.map((each) => each.toSorted()));

  const newcomer = listen(station);
  running = [...running, newcomer];
  await waitFor(
    'a newcomer links with those who came over, although the first tracker that it knows is gone',
    () => neighboursOf(newcomer).filter((id) => ids.includes(id)).length >= 3,
    30_000,
  );
  const marks = running.map(({ sequences }) => sequences.length);
  await waitFor(
    'everyone hears three more seconds',
    () => running.every(({ sequences }, index) => sequences.length >= (marks[index] ?? 0) + 12),
    20_000,
  );
  for (const { sequences, skipped } of running) {
    const [start = 0] = sequences;
    expect(sequences).toEqual(sequences.map((_, index) => start + index));
    expect(skipped).toBe(0);
  }
}, 120_000);
