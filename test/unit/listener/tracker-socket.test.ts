import { describe, expect, test } from 'vitest';
import type { OpenSocket, SocketHandlers } from '../../../client/listener/environment.ts';
import {
  LOST_SPREAD_MS,
  OPEN_TIMEOUT_ELSE_MS,
  OPEN_TIMEOUT_MS,
  RETURN_AFTER_MAX_MS,
  RETURN_AFTER_MS,
  SILENCE_MAX_MS,
  STABLE_AFTER_MS,
  TRACKER_BACK_OFF,
  TrackerSocket,
} from '../../../client/listener/tracker-socket.ts';
import { TRACKER_ALIVE, TRACKER_ALIVE_INTERVAL_MS } from '../../../shared/tracker/messages.ts';
import type { TrackerMessage } from '../../../shared/tracker/messages.ts';
import { FakeClock } from '../../support/fake-clock.ts';

interface Opened {
  readonly address: string;
  readonly at: number;
  readonly handlers: SocketHandlers;
  readonly sent: string[];
  closed: boolean;
}

function setUp(random: () => number = () => 0.999_999, addresses = ['ws://a', 'ws://b']) {
  const clock = new FakeClock();
  const opened: Opened[] = [];
  const events: string[] = [];
  const messages: TrackerMessage[] = [];
  const openSocket: OpenSocket = (address, handlers) => {
    const entry: Opened = { address, at: clock.now(), handlers, sent: [], closed: false };
    opened.push(entry);
    return {
      send: (text) => entry.sent.push(text),
      close: () => {
        entry.closed = true;
      },
    };
  };
  const socket = new TrackerSocket({
    addresses,
    clock,
    random,
    openSocket,
    onOpen: () => events.push('open'),
    onMessage: (message) => messages.push(message),
    onClosed: () => events.push('closed'),
  });
  const last = (): Opened => {
    const entry = opened.at(-1);
    if (entry === undefined) throw new Error('no socket was opened');
    return entry;
  };
  return { clock, socket, opened, events, messages, last };
}

const left = JSON.stringify({ type: 'peerLeft', peerId: '00000000000000aa' });

const firstDelay = (random: number): number => {
  const { clock, socket, last } = setUp(() => random);
  socket.start();
  last().handlers.onClose(1006);
  return clock.nextInMs ?? -1;
};

describe('the tracker socket', () => {
  test('does not storm a tracker that accepts and closes at once: the gaps double up to the cap', () => {
    const { clock, socket, last } = setUp();
    socket.start();
    const delays: number[] = [];
    for (let turn = 0; turn < 8; turn += 1) {
      last().handlers.onOpen();
      last().handlers.onClose(1000);
      delays.push(Math.round(clock.nextInMs ?? -1));
      clock.advance(clock.nextInMs ?? 0);
    }
    expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  test('spreads its first returns over the whole gap, and never returns in the same instant', () => {
    expect(firstDelay(0)).toBe(TRACKER_BACK_OFF.floorMs);
    expect(firstDelay(0.5)).toBeCloseTo((TRACKER_BACK_OFF.floorMs + TRACKER_BACK_OFF.baseMs) / 2);
  });

  test('begins the back-off anew, and over a wider first gap, only after a connection that was stable for a while', () => {
    const { clock, socket, last } = setUp();
    socket.start();
    const failAfter = (openMs: number): number => {
      last().handlers.onOpen();
      clock.advance(openMs);
      last().handlers.onClose(1006);
      const delay = Math.round(clock.nextInMs ?? -1);
      clock.advance(clock.nextInMs ?? 0);
      return delay;
    };
    expect(failAfter(0)).toBe(1000);
    expect(failAfter(STABLE_AFTER_MS - 1)).toBe(2000);
    expect(failAfter(STABLE_AFTER_MS)).toBe(LOST_SPREAD_MS);
    expect(failAfter(0)).toBe(2 * LOST_SPREAD_MS);
    expect(failAfter(STABLE_AFTER_MS)).toBe(LOST_SPREAD_MS);
  });

  test('tries the next address after a failure, and comes round', () => {
    const { clock, socket, opened, last } = setUp();
    socket.start();
    for (let turn = 0; turn < 2; turn += 1) {
      last().handlers.onClose(1006);
      clock.advance(clock.nextInMs ?? 0);
    }
    expect(opened.map(({ address }) => address)).toEqual(['ws://a', 'ws://b', 'ws://a']);
  });

  test('takes over other addresses without a word: the open connection stays, the next goes to what is known then', () => {
    const { clock, socket, opened, events, last } = setUp();
    socket.start();
    last().handlers.onOpen();
    socket.setAddresses(['ws://c', 'ws://a', 'ws://d']);
    expect([opened.length, events]).toEqual([1, ['open']]);
    for (let turn = 0; turn < 2; turn += 1) {
      last().handlers.onClose(1006);
      clock.advance(clock.nextInMs ?? 0);
    }
    expect(opened.map(({ address }) => address)).toEqual(['ws://a', 'ws://d', 'ws://c']);
  });

  test('gives up a socket that does not open', () => {
    const { clock, socket, opened, events } = setUp(undefined, ['ws://a']);
    socket.start();
    clock.advance(OPEN_TIMEOUT_MS - 1);
    expect(opened[0]?.closed).toBe(false);
    clock.advance(1);
    expect(opened[0]?.closed).toBe(true);
    clock.advance(TRACKER_BACK_OFF.baseMs);
    expect(opened).toHaveLength(2);
    expect(events).toEqual([]);
  });

  test('gives up a socket that does not open sooner where there is another tracker', () => {
    const { clock, socket, opened } = setUp();
    socket.start();
    clock.advance(OPEN_TIMEOUT_ELSE_MS + TRACKER_BACK_OFF.baseMs);
    expect(opened.map(({ address, closed }) => [address, closed])).toEqual([
      ['ws://a', true],
      ['ws://b', false],
    ]);
  });

  test('tells of opening and closing, once each, and sends only while it is open', () => {
    const { socket, opened, events, last } = setUp();
    socket.start();
    socket.send({ type: 'leave' });
    last().handlers.onOpen();
    socket.send({ type: 'leave' });
    last().handlers.onClose(1006);
    opened[0]?.handlers.onClose(1006);
    socket.send({ type: 'leave' });
    expect(events).toEqual(['open', 'closed']);
    expect(opened[0]?.sent).toEqual(['{"type":"leave"}']);
  });

  test.each([
    ['not JSON', '{"type":'],
    ['an unknown type', '{"type":"dance"}'],
    ['a wrong field', '{"type":"peerLeft","peerId":"nobody"}'],
    ['binary', ''],
    ['a message over the limit', `"${'x'.repeat(20_000)}"`],
  ])('leaves a tracker that says what is not in the protocol: %s', (_, text) => {
    const { socket, events, messages, last } = setUp();
    socket.start();
    last().handlers.onOpen();
    last().handlers.onText(left);
    last().handlers.onText(text);
    expect(messages).toHaveLength(1);
    expect(events).toEqual(['open', 'closed']);
    expect(last().closed).toBe(true);
  });

  test('leaves a tracker that sent signs of life and then fell silent, and not one that never did', () => {
    const quiet = setUp();
    quiet.socket.start();
    quiet.last().handlers.onOpen();
    quiet.clock.advance(10 * SILENCE_MAX_MS);
    expect(quiet.events).toEqual(['open']);

    const { clock, socket, events, messages, last } = setUp();
    socket.start();
    last().handlers.onOpen();
    for (let turn = 0; turn < 5; turn += 1) {
      last().handlers.onText(TRACKER_ALIVE);
      clock.advance(TRACKER_ALIVE_INTERVAL_MS);
    }
    last().handlers.onText(left);
    clock.advance(SILENCE_MAX_MS - 1);
    expect([events, messages.length]).toEqual([['open'], 1]);
    clock.advance(1);
    expect(events).toEqual(['open', 'closed']);
  });

  test('is closed for good by close: no event, no timer, no return', () => {
    const { clock, socket, opened, events, last } = setUp();
    socket.start();
    last().handlers.onOpen();
    socket.close();
    last().handlers.onClose(1000);
    last().handlers.onText(left);
    clock.advance(100_000);
    expect([opened.length, events, clock.pending]).toEqual([1, ['open'], 0]);
  });

  test('waits quietly when it knows no tracker', () => {
    const { clock, socket, opened } = setUp(undefined, []);
    socket.start();
    expect([opened.length, clock.pending]).toEqual([0, 0]);
  });
});

const atSecond = (random?: () => number) => {
  const bench = setUp(random, ['ws://a', 'ws://b', 'ws://c']);
  bench.socket.start();
  bench.last().handlers.onClose(1006);
  bench.clock.advance(bench.clock.nextInMs ?? 0);
  bench.last().handlers.onOpen();
  bench.events.length = 0;
  return { ...bench, second: bench.last() };
};

/** How long it is at the second before it tries the first, which is not there. */
const triesAfter = (random: number): number => {
  const { clock, opened, second, last, events } = atSecond(() => random);
  const from = clock.now();
  while (last() === second) clock.advance(1_000);
  expect(last().address).toBe('ws://a');
  last().handlers.onClose(1006);
  expect([events, second.closed, opened.length]).toEqual([[], false, 3]);
  return clock.now() - from;
};

describe('a listener that is not at the first tracker', () => {
  test('looks after a while, not at the same time as others, whether the first is back, and stays while it is not', () => {
    expect(triesAfter(0)).toBe(RETURN_AFTER_MS);
    expect(triesAfter(0.5)).toBe(2 * RETURN_AFTER_MS);
  });

  test('moves to the first when it answers: it leaves the second, and joins anew without a gap between', () => {
    const { clock, last, second, events, socket } = atSecond(() => 0);
    clock.advance(RETURN_AFTER_MS);
    last().handlers.onOpen();
    expect(second.sent).toEqual(['{"type":"leave"}']);
    expect([second.closed, events, socket.address]).toEqual([true, ['closed', 'open'], 'ws://a']);
    second.handlers.onClose(1000);
    clock.advance(10 * RETURN_AFTER_MS);
    expect(events).toEqual(['closed', 'open']);
  });

  test('hears nothing of what the one that it tries says before it has moved', () => {
    const { clock, last, events, messages } = atSecond(() => 0);
    clock.advance(RETURN_AFTER_MS);
    last().handlers.onText('nonsense');
    last().handlers.onText(left);
    expect([events, messages]).toEqual([[], []]);
  });

  test('gives up trying one that does not open, and tries those between as well', () => {
    const { clock, socket, last, opened, second, events } = atSecond(() => 0);
    last().handlers.onClose(1006);
    clock.advance(TRACKER_BACK_OFF.baseMs);
    last().handlers.onOpen();
    expect(last().address).toBe('ws://c');
    events.length = 0;
    clock.advance(RETURN_AFTER_MS + OPEN_TIMEOUT_ELSE_MS);
    expect(opened.slice(-2).map(({ address, closed }) => [address, closed])).toEqual([
      ['ws://a', true],
      ['ws://b', false],
    ]);
    last().handlers.onOpen();
    expect([socket.address, events, second.closed]).toEqual(['ws://b', ['closed', 'open'], false]);
  });

  test('returns ever more rarely to one that comes and goes', () => {
    const { clock, last, events } = atSecond(() => 0);
    const waits: number[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      const from = clock.now();
      while (last().address !== 'ws://a') clock.advance(1_000);
      waits.push(clock.now() - from);
      last().handlers.onOpen();
      last().handlers.onClose(1006);
      while (last().address === 'ws://a') clock.advance(100);
      last().handlers.onOpen();
    }
    expect(events.length).toBeGreaterThan(0);
    const [first = 0, second = 0] = waits;
    expect(first).toBe(RETURN_AFTER_MS);
    expect(second).toBeGreaterThan(1.9 * first);
    expect(Math.max(...waits)).toBeLessThanOrEqual(RETURN_AFTER_MAX_MS + 1_000);
  });

  test('learns which is the first while it plays, and moves from one that is no longer named', () => {
    const { clock, socket, last, second, events } = atSecond(() => 0);
    socket.setAddresses(['ws://d']);
    expect(events).toEqual([]);
    clock.advance(RETURN_AFTER_MS);
    expect(last().address).toBe('ws://d');
    last().handlers.onOpen();
    expect([second.closed, socket.address]).toEqual([true, 'ws://d']);
  });

  test('is closed for good with what it tries', () => {
    const { clock, socket, last, second } = atSecond(() => 0);
    clock.advance(RETURN_AFTER_MS);
    socket.close();
    expect([last().closed, second.closed, clock.pending]).toEqual([true, true, 0]);
  });
});
