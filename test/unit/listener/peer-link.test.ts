import { describe, expect, test } from 'vitest';
import {
  BUFFERED_BYTES_MAX,
  EARLY_MESSAGES_MAX,
  HIGH_WATER_BYTES,
  LOW_WATER_BYTES,
  PeerLink,
  STALL_MAX_MS,
} from '../../../client/listener/peer-link.ts';
import { peerId } from '../../../shared/units.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakePeer } from '../../support/fake-peers.ts';

function setUp() {
  const clock = new FakeClock();
  const events: string[] = [];
  const made: FakePeer[] = [];
  const link = new PeerLink({
    peerId: peerId('00000000000000aa'),
    session: '00000000',
    initiator: true,
    iceServers: [],
    clock,
    createPeer: (options, handlers) => {
      const peer = new FakePeer(options.initiator, handlers);
      made.push(peer);
      return peer;
    },
    events: {
      onSignal: () => undefined,
      onOpen: () => events.push('open'),
      onMessage: (_, data) => events.push(`message ${data[0]}`),
      onWritable: (_, writable) => events.push(writable ? 'writable' : 'full'),
      onClosed: (_, reason) => events.push(`closed ${reason}`),
    },
  });
  const [peer] = made;
  if (peer === undefined) throw new Error('no peer was made');
  peer.stuck = true;
  return { clock, events, link, peer };
}

const open = () => {
  const link = setUp();
  link.peer.handlers.onConnect();
  link.events.length = 0;
  return link;
};

describe('a link', () => {
  test('tells of the high-water mark once, and of the low-water mark when the channel has drained to it', () => {
    const { clock, events, link, peer } = open();
    link.send(new Uint8Array(HIGH_WATER_BYTES));
    expect(events).toEqual([]);
    link.send(new Uint8Array(1));
    link.send(new Uint8Array(1));
    expect(events).toEqual(['full']);
    peer.buffered = LOW_WATER_BYTES + 1;
    clock.advance(1000);
    expect(events).toEqual(['full']);
    peer.buffered = LOW_WATER_BYTES;
    clock.advance(1000);
    expect(events).toEqual(['full', 'writable']);
    expect(clock.pending).toBe(0);
  });

  test('drops and counts what would go above the hard limit, and queues nothing itself', () => {
    const { link, peer } = open();
    for (let turn = 0; turn < 100; turn += 1) link.send(new Uint8Array(20_000));
    expect(peer.buffered).toBeLessThanOrEqual(BUFFERED_BYTES_MAX);
    expect(peer.sent.length + link.droppedMessages).toBe(100);
    expect(link.droppedMessages).toBeGreaterThan(50);
  });

  test('closes a link whose other end has stopped reading', () => {
    const { clock, events, link, peer } = open();
    link.send(new Uint8Array(HIGH_WATER_BYTES + 1));
    clock.advance(STALL_MAX_MS + 100);
    expect(events).toEqual(['full', 'closed stopped reading']);
    expect(peer.destroyed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test('never sends an empty or a detached buffer', () => {
    const { link, peer } = open();
    const detached = new Uint8Array(100);
    structuredClone(detached, { transfer: [detached.buffer] });
    link.send(detached);
    link.send(new Uint8Array(0));
    expect([peer.sent.length, link.droppedMessages]).toEqual([0, 2]);
  });

  test('survives a channel that throws because it is closing', () => {
    const { events, link, peer } = open();
    peer.send = () => {
      throw new Error('InvalidStateError');
    };
    link.send(Uint8Array.of(1));
    expect([events, link.droppedMessages]).toEqual([[], 1]);
  });

  test('keeps what the other end sends before we know that the channel is open, in order, up to a limit', () => {
    const { events, peer } = setUp();
    peer.handlers.onData(Uint8Array.of(1));
    peer.handlers.onData(Uint8Array.of(2));
    expect(events).toEqual([]);
    peer.handlers.onConnect();
    peer.handlers.onData(Uint8Array.of(3));
    expect(events).toEqual(['open', 'message 1', 'message 2', 'message 3']);

    const eager = setUp();
    for (let turn = 0; turn <= EARLY_MESSAGES_MAX; turn += 1) eager.peer.handlers.onData(Uint8Array.of(1));
    expect(eager.events).toEqual(['closed too many messages before the link was open']);
  });

  test('sends nothing before the link is open and hears nothing after it is closed', () => {
    const { events, link, peer, clock } = setUp();
    link.send(Uint8Array.of(1));
    expect(peer.sent).toHaveLength(0);
    peer.handlers.onConnect();
    link.close();
    peer.handlers.onData(Uint8Array.of(1));
    peer.handlers.onConnect();
    peer.handlers.onClose('late');
    expect(events).toEqual(['open']);
    expect(clock.pending).toBe(0);
  });
});
