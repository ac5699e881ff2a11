import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OpenSocket } from '../../client/listener/environment.ts';
import { createListener } from '../../client/listener/listener.ts';
import type { Listener } from '../../client/listener/listener.ts';
import { TRACKER_BACK_OFF } from '../../client/listener/tracker-socket.ts';
import { closeNodeEnvironment, createNodeEnvironment } from '../../server/listener/node-environment.ts';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import type { StationDescription } from '../../shared/station/description.ts';
import type { NeighbourSnapshot } from '../../shared/swarm/engine-io.ts';
import { NEIGHBOURS_MIN } from '../../shared/swarm/limits.ts';
import { TRACKER_ALIVE, trackerMessageSchema } from '../../shared/tracker/messages.ts';
import { startTestServer } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { waitFor } from '../support/wait-for.ts';

/** So many that a listener is not linked with everyone. */
const LISTENERS = 14;
/** Neighbours left to the listener that loses the others: fewer than it is content with. */
const NEIGHBOURS_LEFT = 2;

interface Listening {
  readonly listener: Listener;
  readonly tracker: Overheard;
  readonly sequences: number[];
}
/** What one listener's tracker has said to it. */
interface Overheard {
  readonly texts: string[];
  isConnected: boolean;
}

const environment = createNodeEnvironment();
let server: TestServer;
let running: readonly Listening[] = [];

beforeAll(async () => {
  server = await startTestServer();
  await waitFor('there is sound', () => (theMount().description().live?.newest ?? 0) >= 8);
  const described = await (await fetch(`${server.url}/api/stations/demo`)).json();
  const station = stationDescriptionSchema.parse(described);
  running = Array.from({ length: LISTENERS }, () => listen(station));
  await waitFor(
    'everyone has neighbours enough and takes chunks from them',
    () => running.every((one) => neighboursOf(one).length >= NEIGHBOURS_MIN && fromPeers(one) > 20_000),
    30_000,
  );
  server.tracker.suspend();
  await waitFor('nobody has a tracker', () => running.every(({ tracker }) => !tracker.isConnected));
});
afterAll(async () => {
  await Promise.all(running.map(({ listener }) => listener.stop()));
  await server.stop();
  closeNodeEnvironment();
});

function listen(station: StationDescription): Listening {
  const [mount] = station.mounts;
  if (mount === undefined) throw new Error('Cannot listen as the station must have a mount: it has none');
  const tracker: Overheard = { texts: [], isConnected: false };
  const sequences: number[] = [];
  const listener = createListener({
    station,
    mount,
    publicKey: station.publicKey,
    participation: 'relay',
    uploadCapKbps: 2000,
    peersAllowed: true,
    sink: { play: ({ header }) => sequences.push(header.sequence) },
    environment: { ...environment, openSocket: overhearing(environment.openSocket, tracker) },
  });
  listener.start();
  return { listener, tracker, sequences };
}

function overhearing(openSocket: OpenSocket, tracker: Overheard): OpenSocket {
  return (address, handlers) =>
    openSocket(address, {
      onOpen: () => {
        tracker.isConnected = true;
        handlers.onOpen();
      },
      onText: (text) => {
        tracker.texts.push(text);
        handlers.onText(text);
      },
      onClose: (code) => {
        tracker.isConnected = false;
        handlers.onClose(code);
      },
    });
}

const idOf = ({ listener }: Listening): string => listener.snapshot().peerId ?? '';
const neighboursOf = ({ listener }: Listening): readonly NeighbourSnapshot[] =>
  listener.snapshot().neighbours;
const fromPeers = ({ listener }: Listening): number => listener.snapshot().counters.chunkBytesFromPeers;
const areLinked = (one: Listening, other: Listening): boolean =>
  neighboursOf(one).some(({ peerId }) => peerId === idOf(other));
/** An introduction names the other, and so does each signal that it carries. */
const isIntroduced = (one: Listening, other: Listening): boolean =>
  one.tracker.texts.some((text) => text.includes(idOf(other))) ||
  other.tracker.texts.some((text) => text.includes(idOf(one)));
const isAscending = (numbers: readonly number[]): boolean =>
  numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0));

function theMount() {
  const mount = server.stations[0]?.mounts[0];
  if (mount === undefined) throw new Error('Cannot play as the server must have a mount: it has none');
  return mount;
}

const strangersOf = (one: Listening): readonly Listening[] =>
  running.filter((other) => other !== one && !areLinked(one, other) && !isIntroduced(one, other));

/** Of all, the one that knows the fewest. */
function leastKnown(): Listening {
  const [one] = running.toSorted((left, right) => strangersOf(right).length - strangersOf(left).length);
  if (one === undefined || strangersOf(one).length < NEIGHBOURS_MIN - NEIGHBOURS_LEFT)
    throw new Error('Cannot find strangers as there must be some: the listeners are too few');
  return one;
}

/** All neighbours but a few, which know strangers and of whom it gets as little as possible. */
function neighboursToLose(one: Listening): readonly Listening[] {
  const strangers = strangersOf(one);
  const stripesFrom = (other: Listening): number =>
    neighboursOf(one).find(({ peerId }) => peerId === idOf(other))?.parentOf.length ?? 0;
  const neighbours = running.filter((other) => areLinked(one, other));
  const left = neighbours
    .filter((other) => strangers.some((stranger) => areLinked(other, stranger)))
    .toSorted((a, b) => stripesFrom(a) - stripesFrom(b))
    .slice(0, NEIGHBOURS_LEFT);
  return neighbours.filter((other) => !left.includes(other));
}

describe('listeners whose tracker is away', () => {
  test('one that loses most neighbours links with strangers through those it has left, and all go on hearing from peers', async () => {
    const one = leastKnown();
    const strangers = strangersOf(one);
    const lost = neighboursToLose(one);
    running = running.filter((other) => !lost.includes(other));
    await Promise.all(lost.map(({ listener }) => listener.stop()));
    await waitFor('it has lost them', () => !lost.some((other) => areLinked(one, other)));

    await waitFor(
      'it has neighbours enough again, strangers among them',
      () =>
        neighboursOf(one).length >= NEIGHBOURS_MIN && strangers.some((stranger) => areLinked(one, stranger)),
      30_000,
    );
    const marks = running.map((listening) => ({
      bytes: fromPeers(listening),
      played: listening.sequences.length,
    }));
    await waitFor(
      'five more seconds are played, from peers too',
      () =>
        running.every((listening, index) => {
          const { bytes = 0, played = 0 } = marks[index] ?? {};
          return listening.sequences.length >= played + 20 && fromPeers(listening) >= bytes + 20_000;
        }),
      20_000,
    );
    expect(running.map(({ tracker }) => tracker.isConnected)).toEqual(running.map(() => false));
    expect(strangers.filter((stranger) => isIntroduced(one, stranger))).toEqual([]);
    // Whether anybody hears a gap is proven on virtual time (`survival.test.ts`): a busy machine stalls real listeners.
    for (const { sequences } of running) expect(isAscending(sequences)).toBe(true);
  });

  test('all come back to it within their back-off, with the ids that they had', async () => {
    const ids = running.map(idOf);
    const heard = running.map(({ tracker }) => tracker.texts.length);
    server.tracker.resume();
    const welcomedAs = (): readonly (string | null)[] =>
      running.map(({ tracker }, index) => welcomedId(tracker.texts.slice(heard[index])));
    await waitFor(
      'the tracker has welcomed everyone',
      () => welcomedAs().every((id) => id !== null),
      TRACKER_BACK_OFF.capMs + WELCOME_MS_MAX,
    );
    expect(welcomedAs()).toEqual(ids);
    expect(running.map(idOf)).toEqual(ids);
    expect(server.tracker.swarm(theMount().id)).toMatchObject({ mode: 'mesh', listeners: running.length });
  });
});

/** Past the last attempt: what a busy machine takes to connect. */
const WELCOME_MS_MAX = 5_000;

function welcomedId(texts: readonly string[]): string | null {
  for (const text of texts) {
    if (text === TRACKER_ALIVE) continue;
    const message = trackerMessageSchema.parse(JSON.parse(text));
    if (message.type === 'welcome') return message.peerId;
  }
  return null;
}
