import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { PeerLinks } from '../../client/listener/peer-links.ts';
import { systemClock } from '../../client/listener/system-clock.ts';
import { closeNodeEnvironment, createNodeEnvironment } from '../../server/listener/node-environment.ts';
import { peerId } from '../../shared/units.ts';
import type { PeerId } from '../../shared/units.ts';
import { waitFor } from '../support/wait-for.ts';

const environment = createNodeEnvironment();
const low = peerId('0000000000000001');
const high = peerId('ffffffffffffffff');

interface Node {
  readonly links: PeerLinks;
  readonly events: string[];
  readonly received: Uint8Array[];
}
const nodes = new Map<PeerId, Node>();
let offers = 0;
/** Signals wait until so many offers have been made: how a test makes two ends offer at the same moment. */
let offersAwaited = 0;
const waiting: (() => void)[] = [];

function addNode(id: PeerId): Node {
  const events: string[] = [];
  const received: Uint8Array[] = [];
  const links = new PeerLinks({
    clock: systemClock,
    random: Math.random,
    createPeer: environment.createPeer,
    iceServers: [],
    neighboursMax: 16,
    // The tracker, as it is seen from here: delivers to whom it is addressed.
    sendSignal: (to, data) => {
      if (data.includes('"type":"offer"')) offers += 1;
      waiting.push(() => nodes.get(to)?.links.receive(id, data));
      if (offers >= offersAwaited) for (const deliver of waiting.splice(0)) setImmediate(deliver);
    },
    onOpen: (peer) => events.push(`open ${peer}`),
    onMessage: (_, data) => received.push(data),
    onWritable: (_, writable) => events.push(`writable ${writable}`),
    onClosed: (_, reason) => events.push(`closed ${reason}`),
  });
  links.setOwnId(id);
  const node = { links, events, received };
  nodes.set(id, node);
  return node;
}

afterEach(() => {
  for (const { links } of nodes.values()) links.closeAll();
  nodes.clear();
  waiting.length = 0;
  offers = 0;
  offersAwaited = 0;
});
afterAll(closeNodeEnvironment);

const firstByte = (data: Uint8Array): number => data[0] ?? -1;

describe('links of real WebRTC', () => {
  test('connect once, in one set-up, when both ends offer at the same moment', async () => {
    const a = addNode(low);
    const b = addNode(high);
    offersAwaited = 2;
    const started = performance.now();
    a.links.connect(high);
    b.links.connect(low);
    await waitFor('both ends are open', () => a.events.length > 0 && b.events.length > 0);
    expect(performance.now() - started).toBeLessThan(3000);
    expect(offers).toBe(2);
    expect([a.events, b.events]).toEqual([[`open ${high}`], [`open ${low}`]]);
    expect([a.links.count, b.links.count]).toEqual([1, 1]);

    a.links.send(high, Uint8Array.of(1, 2, 3));
    b.links.send(low, new Uint8Array(200_000).fill(9));
    await waitFor('messages have crossed', () => a.received.length > 0 && b.received.length > 0);
    expect(b.received).toEqual([Uint8Array.of(1, 2, 3)]);
    expect(a.received[0]).toHaveLength(200_000);
    expect(Object.getPrototypeOf(a.received[0])).toBe(Uint8Array.prototype);
  });

  test('keep message boundaries and lose none when many are sent at once', async () => {
    const a = addNode(low);
    const b = addNode(high);
    a.links.connect(high);
    await waitFor('both ends are open', () => a.events.length > 0 && b.events.length > 0);
    for (let index = 0; index < 60; index += 1) a.links.send(high, new Uint8Array(4000 + index).fill(index));
    await waitFor('all have come', () => b.received.length === 60);
    const lengths = b.received.map((data) => data.length - firstByte(data));
    expect(new Set(lengths)).toEqual(new Set([4000]));
    expect(a.links.droppedMessages).toBe(0);
  });

  test('tell the other end at once when one is closed, as an ordinary close', async () => {
    const a = addNode(low);
    const b = addNode(high);
    a.links.connect(high);
    await waitFor('both ends are open', () => a.events.length > 0 && b.events.length > 0);
    a.links.disconnect(high);
    const started = performance.now();
    await waitFor('the other end knows', () => b.events.length > 1);
    expect(performance.now() - started).toBeLessThan(1500);
    expect(b.events[1]).toBe('closed closed by the other end');
    expect(a.events).toEqual([`open ${high}`]);
    expect([a.links.count, b.links.count]).toEqual([0, 0]);
  });
});
