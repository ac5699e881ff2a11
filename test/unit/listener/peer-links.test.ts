import { describe, expect, test } from 'vitest';
import { linksMax, OFFER_RATE, PeerLinks } from '../../../client/listener/peer-links.ts';
import { LINK_SETUP_TIMEOUT_MS } from '../../../client/listener/peer-link.ts';
import { peerId } from '../../../shared/units.ts';
import type { PeerId } from '../../../shared/units.ts';
import { FakeClock, settled } from '../../support/fake-clock.ts';
import { fakePeers } from '../../support/fake-peers.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const NEIGHBOURS_MAX = 16;
const LINKS_MAX = linksMax(NEIGHBOURS_MAX);

const low = peerId('0000000000000001');
const high = peerId('ffffffffffffffff');

/** Peers whose signals reach each other when the test says so. */
function setUp() {
  const clock = new FakeClock();
  const random = seededRandom(7);
  const post: { readonly from: PeerId; readonly to: PeerId; readonly data: string }[] = [];
  const everyone = new Map<PeerId, PeerLinks>();
  const add = (id: PeerId, withWebRtc = true) => {
    const peers = fakePeers();
    const events: string[] = [];
    const links = new PeerLinks({
      clock,
      random,
      createPeer: withWebRtc ? peers.create : null,
      iceServers: [],
      neighboursMax: NEIGHBOURS_MAX,
      sendSignal: (to, data) => post.push({ from: id, to, data }),
      onOpen: (peer) => events.push(`open ${peer}`),
      onMessage: (_, data) => events.push(`message ${data.join()}`),
      onWritable: (_, writable) => events.push(`writable ${writable}`),
      onClosed: (_, reason) => events.push(`closed ${reason}`),
    });
    links.setOwnId(id);
    everyone.set(id, links);
    return { links, events, made: peers.made };
  };
  const deliver = async (): Promise<void> => {
    await settled();
    for (let letter = post.shift(); letter !== undefined; letter = post.shift()) {
      everyone.get(letter.to)?.receive(letter.from, letter.data);
      await settled();
    }
  };
  return { clock, post, add, deliver };
}

describe('links between peers', () => {
  test('open at once when one side offers', async () => {
    const { add, deliver } = setUp();
    const a = add(low);
    const b = add(high);
    a.links.connect(high);
    await deliver();
    expect([a.events, b.events]).toEqual([[`open ${high}`], [`open ${low}`]]);
  });

  test('glare: the offer of the lower id wins, the other end drops its own and answers, both open once', async () => {
    const { add, deliver, post } = setUp();
    const a = add(low);
    const b = add(high);
    a.links.connect(high);
    b.links.connect(low);
    await settled();
    expect(post.map(({ data }) => JSON.parse(data))).toMatchObject([{ type: 'offer' }, { type: 'offer' }]);
    await deliver();
    expect([a.events, b.events]).toEqual([[`open ${high}`], [`open ${low}`]]);
    expect(a.made.map(({ initiator, destroyed }) => [initiator, destroyed])).toEqual([[true, false]]);
    expect(b.made.map(({ initiator, destroyed }) => [initiator, destroyed])).toEqual([
      [true, true],
      [false, false],
    ]);
    expect([a.links.count, b.links.count]).toEqual([1, 1]);
  });

  test('ignore answers and candidates of an attempt that is dead or was never made', async () => {
    const { add, deliver, post } = setUp();
    const a = add(low);
    a.links.connect(high);
    await settled();
    const candidates = [{ candidate: 'x', sdpMid: '0', sdpMLineIndex: 0 }];
    a.links.receive(high, JSON.stringify({ session: 'deadbeef', type: 'answer', sdp: 'x' }));
    a.links.receive(high, JSON.stringify({ session: 'deadbeef', type: 'candidates', candidates }));
    a.links.receive(
      peerId('00000000000000cc'),
      JSON.stringify({ session: 'deadbeef', type: 'answer', sdp: 'x' }),
    );
    expect(a.made).toHaveLength(1);
    expect(a.made[0]?.signals).toEqual([]);
    const { session } = JSON.parse(post[0]?.data ?? '{}');
    a.links.receive(high, JSON.stringify({ session, type: 'candidates', candidates }));
    expect(a.made[0]?.signals).toHaveLength(1);
    await deliver();
  });

  test('send candidates of one moment in one signal', async () => {
    const { add, clock, post } = setUp();
    const a = add(low);
    a.links.connect(high);
    await settled();
    const candidate = { candidate: 'x', sdpMid: '0', sdpMLineIndex: 0 };
    for (let turn = 0; turn < 5; turn += 1) a.made[0]?.handlers.onSignal({ type: 'candidate', candidate });
    clock.advance(50);
    expect(post).toHaveLength(2);
    expect(JSON.parse(post[1]?.data ?? '')).toMatchObject({
      type: 'candidates',
      candidates: Array.from({ length: 5 }, () => candidate),
    });
  });

  test('are given up when the set-up takes too long', async () => {
    const { add, clock } = setUp();
    const a = add(low);
    a.links.connect(high);
    await settled();
    clock.advance(LINK_SETUP_TIMEOUT_MS);
    expect(a.events).toEqual(['closed set-up timeout']);
    expect(a.made[0]?.destroyed).toBe(true);
    expect([a.links.count, clock.pending]).toEqual([0, 0]);
  });

  test('are not taken above the limit, and whoever offers is told at once', async () => {
    const { add, deliver } = setUp();
    const a = add(low);
    for (let index = 0; index <= LINKS_MAX; index += 1) {
      a.links.connect(peerId(`${index}`.padStart(16, 'a')));
    }
    expect([a.links.count, a.events]).toEqual([LINKS_MAX, ['closed too many links']]);
    const b = add(high);
    b.links.connect(low);
    await deliver();
    expect(b.events).toEqual(['closed rejected: full']);
    expect(b.links.count).toBe(0);
  });

  test('are refused with a word by a listener without WebRTC, or that wants none', async () => {
    const { add, deliver } = setUp();
    const a = add(low, false);
    a.links.connect(high);
    expect(a.events).toEqual(['closed no WebRTC here']);
    const b = add(high);
    b.links.connect(low);
    await deliver();
    expect(b.events).toEqual(['closed rejected: no WebRTC here']);
    b.links.setAllowed(false);
    const c = add(peerId('00000000000000cc'));
    c.links.connect(high);
    await deliver();
    expect(c.events).toEqual(['closed rejected: no links']);
  });

  test('are replaced when the other end, having lost its own, offers anew', async () => {
    const { add, deliver } = setUp();
    const a = add(low);
    const b = add(high);
    a.links.connect(high);
    await deliver();
    b.links.disconnect(low);
    b.links.connect(low);
    await deliver();
    expect(a.events).toEqual([`open ${high}`, 'closed replaced by a new offer', `open ${high}`]);
    expect([a.links.count, b.links.count]).toEqual([1, 1]);
  });

  test('cost a peer that offers again and again its right to offer', () => {
    const { add } = setUp();
    const a = add(low);
    for (let turn = 0; turn < 50; turn += 1) {
      const session = `${turn}`.padStart(8, '0');
      a.links.receive(high, JSON.stringify({ session, type: 'offer', sdp: 'x' }));
    }
    expect(a.made).toHaveLength(OFFER_RATE.burst);
    expect(a.links.count).toBe(1);
  });

  test.each([
    ['', 'nothing'],
    ['{"session":"00000000"}', 'no type'],
    ['{"session":"x","type":"offer","sdp":"x"}', 'a bad session'],
    [`{"session":"00000000","type":"offer","sdp":"${'x'.repeat(20_000)}"}`, 'too much'],
    ['{"session":"00000000","type":"renegotiate"}', 'what we do not speak'],
  ])('ignore a signal that is none: %s', (data) => {
    const { add } = setUp();
    const a = add(low);
    a.links.receive(high, data);
    expect([a.made.length, a.events]).toEqual([0, []]);
  });

  test('end without a word to the engine when it closed them, and with one word when the other end did', async () => {
    const { add, deliver, clock } = setUp();
    const a = add(low);
    const b = add(high);
    a.links.connect(high);
    await deliver();
    a.links.disconnect(high);
    a.made[0]?.handlers.onClose('closed by the other end');
    b.made[0]?.handlers.onClose('closed by the other end');
    expect(a.events).toEqual([`open ${high}`]);
    expect(b.events).toEqual([`open ${low}`, 'closed closed by the other end']);
    a.links.send(high, Uint8Array.of(1));
    expect(a.made[0]?.sent).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('that are withdrawn before they are open do not keep the other end waiting', async () => {
    const { add, deliver, post } = setUp();
    const a = add(low);
    const b = add(high);
    b.links.connect(low);
    await settled();
    a.links.connect(high);
    await settled();
    a.links.disconnect(high);
    expect(post.map(({ data }) => JSON.parse(data))).toMatchObject([
      { type: 'offer' },
      { type: 'offer' },
      { type: 'reject', reason: 'withdrawn' },
    ]);
    await deliver();
  });
});
