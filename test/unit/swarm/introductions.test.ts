import { describe, expect, test } from 'vitest';
import type { EngineInput, EngineOutput } from '../../../shared/swarm/engine-io.ts';
import { ListenerEngine } from '../../../shared/swarm/engine.ts';
import {
  CARRY_RATE,
  NEIGHBOURS_MAX,
  NEIGHBOURS_TARGET,
  ROUTE_KEPT_MS,
  ROUTES_MAX,
  ROUTES_PER_NEIGHBOUR_MAX,
  SEEK_INTERVAL_MS,
  SEEK_RATE,
  UNREACHABLE_KEPT_MS,
  UNREACHABLE_MAX,
} from '../../../shared/swarm/limits.ts';
import { UNREACHABLE_REASON } from '../../../shared/tracker/messages.ts';
import type { Participation } from '../../../shared/tracker/messages.ts';
import {
  epoch,
  kilobitsPerSecond,
  millis,
  peerId,
  sequence,
  stripe,
  STRIPES,
} from '../../../shared/units.ts';
import type { PeerId } from '../../../shared/units.ts';
import { INTRODUCED_MAX, NO_DEPTH, WIRE_VERSION } from '../../../shared/wire/messages.ts';
import type { WireMessage } from '../../../shared/wire/messages.ts';
import { decodeWire, encodeWire } from '../../../shared/wire/wire-codec.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { MOUNT } from '../../support/virtual-origin.ts';

const id = (number: number): PeerId => peerId(number.toString(16).padStart(16, '0'));
const OWN = id(0xff);
const [A, B, C, X] = [id(1), id(2), id(3), id(0x99)];
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const WELCOME = {
  type: 'welcome',
  peerId: OWN,
  secret: 's',
  serverTimeMs: 0,
  primaryStripe: 0,
  reportIntervalMs: 5000,
  neighbours: [],
  proposals: [],
} as const;

/** An engine that has been welcomed and has lost its tracker again, unless the test says otherwise. */
class Bench {
  now = 1000;
  readonly engine: ListenerEngine;

  constructor({ tracker = false, participation = 'relay' }: BenchOptions = {}) {
    this.engine = new ListenerEngine(
      {
        mountId: MOUNT,
        participation,
        bitrateKbps: 128,
        uploadCapKbps: kilobitsPerSecond(2000),
        playoutDelayMs: 2500,
        peersAllowed: true,
      },
      seededRandom(1),
    );
    this.give({ type: 'start' });
    this.give({ type: 'trackerOpen' });
    this.give({ type: 'tracker', message: WELCOME });
    if (!tracker) this.give({ type: 'trackerClosed' });
  }

  give(input: EngineInput): readonly EngineOutput[] {
    return this.engine.handle(millis(this.now), input);
  }

  /** Time goes on in steps in which every neighbour gives a sign of life. */
  pass(durationMs: number): readonly EngineOutput[] {
    const outputs: EngineOutput[] = [];
    for (const until = this.now + durationMs; this.now < until;) {
      this.now = Math.min(until, this.now + 500);
      for (const { peerId: from } of this.neighbours())
        outputs.push(...this.hear(from, { type: 'pong', nonce: 0 }));
      outputs.push(...this.give({ type: 'tick' }));
    }
    return outputs;
  }

  hear(from: PeerId, message: WireMessage): readonly EngineOutput[] {
    return this.give({ type: 'linkMessage', peerId: from, data: encodeWire(message) });
  }

  carried(through: PeerId, from: PeerId, text = 'an offer'): readonly EngineOutput[] {
    return this.hear(through, { type: 'carried', from, data: bytes(text) });
  }

  addNeighbour(neighbour: PeerId, { slotsFree = 0, depth = NO_DEPTH, acceptsChildren = true } = {}): void {
    this.give({ type: 'linkOpen', peerId: neighbour });
    const primaryStripe = stripe(0);
    this.hear(neighbour, { type: 'hello', version: WIRE_VERSION, acceptsChildren, primaryStripe });
    this.hear(neighbour, {
      type: 'have',
      epoch: epoch(1),
      base: sequence(0),
      held: new Uint8Array(0),
      depths: STRIPES.map(() => depth),
      slotsFree,
    });
  }

  neighbours() {
    return this.engine.snapshot(millis(this.now)).neighbours;
  }

  /** Asks its only neighbour, as it does without being told; then that one names these. */
  introducedBy(neighbour: PeerId, peerIds: readonly PeerId[]): readonly EngineOutput[] {
    expect(told(this.pass(2 * SEEK_INTERVAL_MS + 500), 'seek').map(({ to }) => to)).toContain(neighbour);
    return this.hear(neighbour, { type: 'introduce', peerIds });
  }
}

interface BenchOptions {
  readonly tracker?: boolean;
  readonly participation?: Participation;
}

/** What neighbours were told, of one type. */
function told(outputs: readonly EngineOutput[], type: WireMessage['type']) {
  return outputs.flatMap((output) => {
    if (output.type !== 'send') return [];
    const decoded = decodeWire(output.data);
    if (!decoded.ok) throw new Error(`Cannot send what nobody can read: ${decoded.reason}`);
    return decoded.message.type === type ? [{ to: output.peerId, message: decoded.message }] : [];
  });
}

const connected = (outputs: readonly EngineOutput[]): PeerId[] =>
  outputs.flatMap((output) => (output.type === 'connect' ? [output.peerId] : []));
const signalsTaken = (outputs: readonly EngineOutput[]): string[] =>
  outputs.flatMap((output) => (output.type === 'signal' ? [`${output.from} ${output.data}`] : []));
const trackerTold = (outputs: readonly EngineOutput[], type: string): unknown[] =>
  outputs.flatMap((output) =>
    output.type === 'tracker' && output.message.type === type ? [output.message] : [],
  );

describe('who asks for introductions', () => {
  test('a listener with few neighbours asks one of them, again and again, with pauses', () => {
    const bench = new Bench();
    bench.addNeighbour(A);
    bench.addNeighbour(B);
    const minute = 60_000;
    const seeks = told(bench.pass(minute), 'seek');
    expect(new Set(seeks.map(({ to }) => to))).toEqual(new Set([A, B]));
    expect(seeks.length).toBeGreaterThanOrEqual(minute / (2 * SEEK_INTERVAL_MS) - 1);
    expect(seeks.length).toBeLessThanOrEqual(minute / SEEK_INTERVAL_MS + 1);
  });

  test('nobody does while the tracker is ready: it is asked', () => {
    const bench = new Bench({ tracker: true });
    bench.addNeighbour(A);
    const outputs = bench.pass(30_000);
    expect(told(outputs, 'seek')).toEqual([]);
    expect(trackerTold(outputs, 'need').length).toBeGreaterThan(0);
  });

  test('who has neighbours enough asks only for parents that none of them can be', () => {
    const bench = new Bench();
    for (let number = 1; number <= NEIGHBOURS_TARGET; number += 1) bench.addNeighbour(id(number));
    const [first] = told(bench.pass(10_000), 'seek');
    expect(first?.message).toEqual({ type: 'seek', stripes: STRIPES });
    const peerIds = [0x10, 0x11, 0x12, 0x13].map(id);
    const [again] = told(bench.pass(10_000), 'seek').slice(-1);
    expect(connected(bench.hear(again?.to ?? X, { type: 'introduce', peerIds }))).toEqual(
      peerIds.slice(0, 2),
    );
  });

  test('those who pass nothing on are not asked', () => {
    const bench = new Bench();
    bench.addNeighbour(A, { acceptsChildren: false });
    expect(told(bench.pass(20_000), 'seek')).toEqual([]);
  });
});

describe('who is introduced', () => {
  test('neighbours other than the asker: with room first, and of those who know a way for the stripe', () => {
    const bench = new Bench({ tracker: true });
    bench.addNeighbour(A, { slotsFree: 5, depth: 1 });
    for (let number = 0x10; number < 0x1a; number += 1) bench.addNeighbour(id(number));
    bench.addNeighbour(B, { slotsFree: 3 });
    bench.addNeighbour(C, { slotsFree: 3, depth: 2 });
    const [answer] = told(bench.hear(A, { type: 'seek', stripes: [stripe(1)] }), 'introduce');
    const named = answer?.message.type === 'introduce' ? answer.message.peerIds : [];
    expect(named).toHaveLength(INTRODUCED_MAX);
    expect(named.slice(0, 2)).toEqual([C, B]);
    expect(named).not.toContain(A);
  });

  test('nobody, where there is nobody else', () => {
    const bench = new Bench();
    bench.addNeighbour(A);
    expect(told(bench.hear(A, { type: 'seek', stripes: [] }), 'introduce')).toEqual([]);
  });

  test('nobody by a leaf, and a leaf carries nothing', () => {
    const bench = new Bench({ participation: 'leaf' });
    bench.addNeighbour(A);
    bench.addNeighbour(B);
    expect(told(bench.hear(A, { type: 'seek', stripes: [] }), 'introduce')).toEqual([]);
    expect(told(bench.hear(A, { type: 'signal', to: B, data: bytes('x') }), 'carried')).toEqual([]);
  });

  test('not to one that asks too often', () => {
    const bench = new Bench();
    bench.addNeighbour(A);
    bench.addNeighbour(B);
    const answers = Array.from({ length: 20 }, () => bench.hear(A, { type: 'seek', stripes: [] }));
    expect(answers.flatMap((outputs) => told(outputs, 'introduce'))).toHaveLength(SEEK_RATE.burst);
  });
});

describe('an introduction', () => {
  test('makes the asker open links to those it does not know, up to its target', () => {
    const bench = new Bench();
    bench.addNeighbour(A);
    bench.addNeighbour(B);
    const outputs = bench.pass(2 * SEEK_INTERVAL_MS + 1_500);
    const helper = told(outputs, 'seek').at(-1)?.to ?? X;
    const peerIds = [A, OWN, X, C];
    expect(connected(bench.hear(helper, { type: 'introduce', peerIds }))).toEqual([X, C]);
  });

  test('that was not asked for, or comes twice, is ignored', () => {
    const bench = new Bench();
    bench.addNeighbour(A);
    bench.addNeighbour(B);
    bench.pass(1);
    for (const neighbour of [A, B]) bench.hear(neighbour, { type: 'introduce', peerIds: [C] });
    for (const neighbour of [A, B])
      expect(connected(bench.hear(neighbour, { type: 'introduce', peerIds: [X] }))).toEqual([]);
  });

  test('is of no effect once the tracker is back', () => {
    const bench = new Bench();
    bench.addNeighbour(A);
    expect(told(bench.pass(2 * SEEK_INTERVAL_MS + 1_500), 'seek')).not.toEqual([]);
    bench.give({ type: 'trackerOpen' });
    bench.give({ type: 'tracker', message: WELCOME });
    expect(connected(bench.hear(A, { type: 'introduce', peerIds: [X] }))).toEqual([]);
  });

  test('to somebody banned opens nothing, and a banned peer is not answered', () => {
    const bench = new Bench();
    bench.addNeighbour(X);
    bench.give({ type: 'linkMessage', peerId: X, data: Uint8Array.of(99) });
    bench.addNeighbour(A);
    expect(connected(bench.introducedBy(A, [X]))).toEqual([]);
    expect(signalsTaken(bench.carried(A, X))).toEqual([]);
  });
});

describe('signalling without a tracker', () => {
  test('goes through the neighbour that introduced the peer, and comes back through it', () => {
    const bench = new Bench();
    bench.addNeighbour(A);
    expect(connected(bench.introducedBy(A, [X]))).toEqual([X]);
    const outputs = bench.give({ type: 'signal', to: X, data: 'an offer' });
    expect(told(outputs, 'signal')).toEqual([
      { to: A, message: { type: 'signal', to: X, data: bytes('an offer') } },
    ]);
    expect(signalsTaken(bench.carried(A, X, 'an answer'))).toEqual([`${X} an answer`]);
  });

  test('is answered through the neighbour that carried it, tracker or not', () => {
    for (const tracker of [false, true]) {
      const bench = new Bench({ tracker });
      bench.addNeighbour(A);
      expect(signalsTaken(bench.carried(A, X))).toEqual([`${X} an offer`]);
      const outputs = bench.give({ type: 'signal', to: X, data: 'an answer' });
      expect(told(outputs, 'signal').map(({ to }) => to)).toEqual([A]);
      expect(trackerTold(outputs, 'signal')).toEqual([]);
    }
  });

  test('goes to the tracker while it is ready, for all that were not met through a neighbour', () => {
    const bench = new Bench({ tracker: true });
    bench.addNeighbour(A);
    bench.carried(A, X);
    const taken = bench.give({ type: 'tracker', message: { type: 'signal', from: X, data: 'an offer' } });
    expect(signalsTaken(taken)).toEqual([`${X} an offer`]);
    const outputs = bench.give({ type: 'signal', to: X, data: 'an answer' });
    expect(trackerTold(outputs, 'signal')).toEqual([{ type: 'signal', to: X, data: 'an answer' }]);
    expect(told(outputs, 'signal')).toEqual([]);
    bench.give({ type: 'trackerClosed' });
    const lost = bench.give({ type: 'signal', to: X, data: 'an answer' });
    expect([...told(lost, 'signal'), ...trackerTold(lost, 'signal')]).toEqual([]);
  });

  test('is forgotten how to do after a while', () => {
    const bench = new Bench();
    bench.addNeighbour(A);
    bench.carried(A, X);
    bench.pass(ROUTE_KEPT_MS);
    expect(told(bench.give({ type: 'signal', to: X, data: 'late' }), 'signal')).toEqual([]);
  });

  test('does not go beyond the limit of a signal', () => {
    const bench = new Bench();
    bench.addNeighbour(A);
    bench.carried(A, X);
    const data = 'x'.repeat(12_001);
    expect(told(bench.give({ type: 'signal', to: X, data }), 'signal')).toEqual([]);
  });
});

describe('what a neighbour carries', () => {
  test('reaches its own neighbour under the name of the link it came by: nobody can speak for another', () => {
    const bench = new Bench();
    bench.addNeighbour(A);
    bench.addNeighbour(B);
    const outputs = bench.hear(A, { type: 'signal', to: B, data: bytes('an offer') });
    expect(told(outputs, 'carried')).toEqual([
      { to: B, message: { type: 'carried', from: A, data: bytes('an offer') } },
    ]);
  });

  test('is never carried twice: what was carried is taken by its receiver or by nobody', () => {
    const bench = new Bench();
    for (const neighbour of [A, B, C]) bench.addNeighbour(neighbour);
    for (const from of [X, B, OWN])
      expect(bench.carried(A, from).filter(({ type }) => type === 'send')).toEqual([]);
  });

  test('is nothing for one that is not its ready neighbour, nor for the sender itself', () => {
    const bench = new Bench();
    bench.addNeighbour(A);
    bench.give({ type: 'linkOpen', peerId: C });
    for (const to of [A, C, X, OWN]) {
      const outputs = bench.hear(A, { type: 'signal', to, data: bytes('x') });
      expect(told(outputs, 'carried')).toEqual([]);
      expect(signalsTaken(outputs)).toEqual([]);
    }
  });

  test('is bounded in bytes per neighbour, and waits for nobody who does not read', () => {
    const bench = new Bench();
    bench.addNeighbour(A);
    bench.addNeighbour(B);
    bench.give({ type: 'linkWritable', peerId: B, writable: false });
    const data = new Uint8Array(4000);
    expect(told(bench.hear(A, { type: 'signal', to: B, data }), 'carried')).toEqual([]);
    bench.give({ type: 'linkWritable', peerId: B, writable: true });
    let carried = 0;
    for (let turn = 0; turn < 40; turn += 1)
      carried += told(bench.hear(A, { type: 'signal', to: B, data }), 'carried').length;
    expect(carried).toBe(CARRY_RATE.burst / data.length - 1);
  });

  test('stays within the upload cap', () => {
    const bench = new Bench();
    bench.addNeighbour(A);
    bench.addNeighbour(B);
    bench.give({ type: 'setUploadCap', uploadCapKbps: kilobitsPerSecond(320) });
    const data = new Uint8Array(10_000);
    const carried = Array.from({ length: 4 }, () => bench.hear(A, { type: 'signal', to: B, data }));
    expect(carried.flatMap((outputs) => told(outputs, 'carried'))).toHaveLength(2);
  });
});

describe('what was carried to us', () => {
  test('cannot touch a link that stands, nor one that the tracker is setting up', () => {
    const bench = new Bench({ tracker: true });
    bench.addNeighbour(A);
    bench.addNeighbour(B);
    expect(signalsTaken(bench.carried(A, B))).toEqual([]);
    const neighbours = [{ peerId: X, primaryStripe: 0 }];
    expect(
      connected(bench.give({ type: 'tracker', message: { type: 'introduce', neighbours, proposals: [] } })),
    ).toEqual([X]);
    expect(signalsTaken(bench.carried(A, X))).toEqual([]);
  });

  test('cannot take over the way to a peer that was met otherwise', () => {
    const bench = new Bench();
    bench.addNeighbour(A);
    bench.addNeighbour(B);
    bench.carried(A, X);
    bench.carried(B, X);
    const outputs = bench.give({ type: 'signal', to: X, data: 'an answer' });
    expect(told(outputs, 'signal').map(({ to }) => to)).toEqual([A]);
  });

  test('is not obeyed with a full table', () => {
    const bench = new Bench();
    for (let number = 1; number <= NEIGHBOURS_MAX; number += 1) bench.addNeighbour(id(number));
    expect(signalsTaken(bench.carried(A, X))).toEqual([]);
  });

  test('is ignored when it is not text', () => {
    const bench = new Bench();
    bench.addNeighbour(A);
    expect(bench.hear(A, { type: 'carried', from: X, data: Uint8Array.of(0xff) })).toEqual([]);
  });

  test('names few peers per neighbour and in all, until they are forgotten', () => {
    const bench = new Bench();
    const carriers = Array.from({ length: 6 }, (_, index) => id(index + 1));
    for (const carrier of carriers) bench.addNeighbour(carrier);
    const flood = (): number[] =>
      carriers.map((carrier, turn) => {
        const strangers = Array.from({ length: 50 }, (_, index) => id(0x1000 * (turn + 1) + index));
        return strangers.flatMap((stranger) => signalsTaken(bench.carried(carrier, stranger))).length;
      });
    const once = flood();
    expect(Math.max(...once)).toBe(ROUTES_PER_NEIGHBOUR_MAX);
    expect(once.reduce((sum, count) => sum + count, 0)).toBe(ROUTES_MAX);
    bench.pass(ROUTE_KEPT_MS);
    expect(flood()).toEqual(once);
  });
});

const unreachable = (peer: PeerId): EngineInput => ({
  type: 'linkClosed',
  peerId: peer,
  reason: 'set-up timeout',
  end: 'unreachable',
});

describe('a link that cannot be opened', () => {
  test('is told the tracker, which then parts the two', () => {
    const bench = new Bench({ tracker: true });
    const neighbours = [X, C].map((peer) => ({ peerId: peer, primaryStripe: 0 }));
    bench.give({ type: 'tracker', message: { type: 'introduce', neighbours, proposals: [] } });
    const complaint = { type: 'complaint', peerId: X, reason: UNREACHABLE_REASON };
    expect(trackerTold(bench.give(unreachable(X)), 'complaint')).toEqual([complaint]);
    const refused = bench.give({ type: 'linkClosed', peerId: C, reason: 'rejected: full', end: 'closed' });
    expect(trackerTold(refused, 'complaint')).toEqual([]);
  });

  test('is nobody’s fault once it was open', () => {
    const bench = new Bench({ tracker: true });
    bench.addNeighbour(X);
    expect(trackerTold(bench.give(unreachable(X)), 'complaint')).toEqual([]);
  });

  test('is not tried again at a neighbour’s word for a while', () => {
    const bench = new Bench();
    bench.addNeighbour(A);
    expect(connected(bench.introducedBy(A, [X]))).toEqual([X]);
    bench.give(unreachable(X));
    expect(connected(bench.introducedBy(A, [X, C]))).toEqual([C]);
    bench.give({ type: 'linkClosed', peerId: C, reason: 'gone', end: 'closed' });
    bench.pass(UNREACHABLE_KEPT_MS);
    expect(connected(bench.introducedBy(A, [X]))).toEqual([X]);
  });

  test('is remembered of a limited number of peers', () => {
    const bench = new Bench({ tracker: true });
    for (let number = 0; number <= UNREACHABLE_MAX; number += 1) {
      const neighbours = [{ peerId: id(0x1000 + number), primaryStripe: 0 }];
      bench.give({ type: 'tracker', message: { type: 'introduce', neighbours, proposals: [] } });
      bench.give(unreachable(id(0x1000 + number)));
    }
    bench.give({ type: 'trackerClosed' });
    bench.addNeighbour(A);
    const peerIds = [0x1000, 0x1001].map(id);
    expect(connected(bench.introducedBy(A, peerIds))).toEqual([id(0x1000)]);
  });
});
