import { describe, expect, test } from 'vitest';
import { NEIGHBOURS_MIN } from '../../../shared/swarm/limits.ts';
import { millis } from '../../../shared/units.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { isGenuine } from '../../support/virtual-origin.ts';
import { VirtualSwarm } from '../../support/virtual-swarm.ts';
import type { VirtualListener } from '../../support/virtual-swarm.ts';

const SEED = 7;

/** Listeners that joined over 5 s and have had 15 s to settle. */
function settled(listeners: number, seed = SEED): VirtualSwarm {
  const swarm = new VirtualSwarm({ seed });
  swarm.run(10_000);
  for (let index = 0; index < listeners; index += 1) {
    swarm.join();
    swarm.run(5_000 / listeners);
  }
  swarm.run(15_000);
  return swarm;
}

const snapshotOf = (swarm: VirtualSwarm, listener: VirtualListener) =>
  listener.engine.snapshot(millis(swarm.now));

function busiest(swarm: VirtualSwarm, count: number): VirtualListener[] {
  return swarm
    .alive()
    .toSorted((left, right) => snapshotOf(swarm, right).childCount - snapshotOf(swarm, left).childCount)
    .slice(0, count);
}

/** Nobody alive missed a chunk, and each played in order, each once, only what the origin made. */
function expectNobodyHeardIt(swarm: VirtualSwarm): void {
  for (const listener of swarm.alive()) {
    expect(listener.dueCount, `listener ${listener.index} had chunks due`).toBeGreaterThan(0);
    expect(listener.inTimeCount, `chunks in time of listener ${listener.index}`).toBe(listener.dueCount);
    expect(listener.played.every(isGenuine)).toBe(true);
    for (let index = 1; index < listener.played.length; index += 1) {
      const [before, after] = [listener.played[index - 1]?.header, listener.played[index]?.header];
      if (before === undefined || after === undefined) continue;
      if (before.epoch === after.epoch) expect(after.sequence).toBe(before.sequence + 1);
      else expect(after.epoch).toBeGreaterThan(before.epoch);
    }
  }
}

describe(`a swarm of 30 (seed ${SEED})`, () => {
  test('costs the edge little more than one copy, without waste', () => {
    const swarm = settled(30);
    const before = swarm.edgeBytes.seed;
    const counters = () => swarm.alive().map((listener) => snapshotOf(swarm, listener).counters);
    const first = counters();
    swarm.run(20_000);
    const last = counters();
    const sum = (name: keyof (typeof first)[number]) =>
      last.reduce((total, entry, index) => total + entry[name] - (first[index]?.[name] ?? 0), 0);
    const received = sum('chunkBytesFromPeers') + sum('chunkBytesFromEdges');
    expect((swarm.edgeBytes.seed - before) / (16_000 * 20)).toBeLessThan(1.3);
    expect(sum('duplicateChunkBytes') / received).toBeLessThanOrEqual(0.01);
    expect(sum('controlBytesReceived') / received).toBeLessThanOrEqual(0.03);
    expectNobodyHeardIt(swarm);
  });

  test('does not hear its two busiest parents leave at once', () => {
    const swarm = settled(30);
    for (const listener of busiest(swarm, 2)) swarm.kill(listener);
    swarm.run(20_000);
    expectNobodyHeardIt(swarm);
  });

  test('does not hear its two busiest parents fall silent while their links look open', () => {
    const swarm = settled(30);
    for (const listener of busiest(swarm, 2)) swarm.kill(listener, 16_000);
    swarm.run(20_000);
    expectNobodyHeardIt(swarm);
  });

  test('does not hear 30 % of it leave in one second', () => {
    const swarm = settled(30);
    for (const listener of busiest(swarm, 9)) swarm.kill(listener);
    swarm.run(20_000);
    expectNobodyHeardIt(swarm);
  });

  test('goes on without a tracker for 20 s, although parents leave meanwhile', () => {
    const swarm = settled(30);
    swarm.setTracker(false);
    for (const listener of busiest(swarm, 2)) swarm.kill(listener);
    swarm.run(20_000);
    swarm.setTracker(true);
    swarm.run(10_000);
    expectNobodyHeardIt(swarm);
  });

  test('whose seeds all leave while there is no tracker lives on about one copy from the edge', () => {
    const swarm = settled(30);
    swarm.setTracker(false);
    for (const seed of swarm.alive().filter((listener) => listener.streamed.length > 0)) swarm.kill(seed);
    swarm.run(20_000);
    const before = swarm.edgeBytes.fallback;
    swarm.run(20_000);
    expect((swarm.edgeBytes.fallback - before) / (16_000 * 20)).toBeLessThan(1.1);
    expectNobodyHeardIt(swarm);
  });

  test('does not hear the edge go away for 1.5 s', () => {
    const swarm = settled(30);
    swarm.edgeUp = false;
    swarm.run(1_500);
    swarm.edgeUp = true;
    swarm.run(15_000);
    expectNobodyHeardIt(swarm);
  });

  test('crosses into a new epoch when its source was away, without starting anew', () => {
    const swarm = settled(30);
    swarm.producing = false;
    swarm.run(10_000);
    swarm.producing = true;
    swarm.origin.newEpoch(swarm.now);
    const epochBegan = swarm.now;
    swarm.run(20_000);
    const newest = swarm.origin.window.at(-1)?.header.epoch;
    for (const listener of swarm.alive()) {
      const opening = listener.played.find((chunk) => chunk.header.epoch === newest);
      expect(opening?.header.sequence, `first chunk of the new epoch at ${epochBegan}`).toBe(0);
    }
    expectNobodyHeardIt(swarm);
  });
});

describe('a swarm of 60 without a tracker', () => {
  test.each([3, SEED, 9, 14])(
    'heals in 60 s, although a third of it leaves three times (seed %i)',
    (seed) => {
      const swarm = settled(60, seed);
      const random = seededRandom(seed);
      const seeds = swarm.alive().filter(isFedByEdge);
      swarm.setTracker(false);
      for (let wave = 0; wave < 3; wave += 1) {
        const leaving = Math.floor(swarm.alive().length / 3);
        for (let left = 0; left < leaving; left += 1) {
          const others = swarm.alive().filter((listener) => !seeds.includes(listener));
          const one = others[Math.floor(random() * others.length)];
          if (one !== undefined) swarm.kill(one);
        }
        swarm.run(20_000);
      }
      for (const listener of swarm.alive()) {
        const { neighbours, parents } = snapshotOf(swarm, listener);
        expect(neighbours.length, `neighbours of ${listener.index}`).toBeGreaterThanOrEqual(NEIGHBOURS_MIN);
        expect(parents).not.toContain(null);
        expect(isFedByEdge(listener) && !seeds.includes(listener), `${listener.index} at the edge`).toBe(
          false,
        );
      }
      swarm.setTracker(true);
      swarm.run(10_000);
      expectNobodyHeardIt(swarm);
    },
  );
});

describe('cut off', () => {
  test('who loses every neighbour at once goes on from the edge without a gap, tracker or not', () => {
    for (const trackerUp of [true, false]) {
      const swarm = settled(12);
      if (!trackerUp) swarm.setTracker(false);
      const [survivor, ...others] = swarm.alive().toReversed();
      for (const other of others) swarm.kill(other);
      swarm.run(15_000);
      expect(swarm.alive()).toEqual([survivor]);
      expectNobodyHeardIt(swarm);
    }
  });
});

describe('trust', () => {
  test('a peer that changes what it passes on is dropped and banned, and never heard', () => {
    const swarm = settled(12);
    const [forger] = busiest(swarm, 1);
    if (forger === undefined) throw new Error('Cannot tamper without a listener: current value is none');
    forger.tamper = (data) => {
      if (data[0] !== CHUNK_MESSAGE) return data;
      const forged = data.slice();
      forged[PAYLOAD_BYTE] = (forged[PAYLOAD_BYTE] ?? 0) ^ 1;
      return forged;
    };
    swarm.run(15_000);
    const accusers = new Set<VirtualListener>();
    for (const { from, output } of swarm.outputs) {
      if (output.type === 'misbehaviour' && output.peerId === forger.id) accusers.add(from);
    }
    expect(accusers.size).toBeGreaterThan(0);
    for (const accuser of accusers) {
      expect(snapshotOf(swarm, accuser).neighbours.map((neighbour) => neighbour.peerId)).not.toContain(
        forger.id,
      );
    }
    expectNobodyHeardIt(swarm);
  });

  test('nobody hears that the busiest parent keeps everything to itself', () => {
    const swarm = settled(12);
    const [idler] = busiest(swarm, 1);
    if (idler === undefined) throw new Error('Cannot idle without a listener: current value is none');
    idler.tamper = (data) => (data[0] === CHUNK_MESSAGE ? null : data);
    swarm.run(15_000);
    expectNobodyHeardIt(swarm);
  });
});

describe('who may be linked', () => {
  test('one listener alone opens no link, and plays', () => {
    const swarm = settled(1);
    expect(swarm.outputs.some(({ output }) => output.type === 'connect')).toBe(false);
    expectNobodyHeardIt(swarm);
  });

  test('two listeners serve each other', () => {
    const swarm = settled(2);
    for (const listener of swarm.alive()) expect(snapshotOf(swarm, listener).neighbours).toHaveLength(1);
    expectNobodyHeardIt(swarm);
  });

  test('who just listens never opens a link, and plays', () => {
    const swarm = settled(5);
    const listener = swarm.join({ peersAllowed: false });
    swarm.run(15_000);
    expect(swarm.outputs.some(({ from, output }) => from === listener && output.type === 'connect')).toBe(
      false,
    );
    expectNobodyHeardIt(swarm);
  });

  test('relaying switched off while playing closes every link, and sound goes on', () => {
    const swarm = settled(8);
    const [listener] = busiest(swarm, 1);
    if (listener === undefined)
      throw new Error('Cannot switch off without a listener: current value is none');
    swarm.give(listener, { type: 'setPeersAllowed', allowed: false });
    swarm.run(15_000);
    expect(snapshotOf(swarm, listener).neighbours).toHaveLength(0);
    expectNobodyHeardIt(swarm);
  });

  test('a leaf has no children', () => {
    const swarm = settled(5);
    const leaf = swarm.join({ participation: 'leaf' });
    swarm.run(15_000);
    expect(snapshotOf(swarm, leaf).childCount).toBe(0);
    expectNobodyHeardIt(swarm);
  });

  test.each([80, 150, 600])('an upload cap of %i kbit/s is never given away twice', (uploadCapKbps) => {
    const swarm = new VirtualSwarm({ seed: SEED, uploadCapKbps });
    swarm.run(10_000);
    const slots = Math.floor(uploadCapKbps / ((128 * 1.02) / 4));
    for (let index = 0; index < 20; index += 1) {
      swarm.join();
      swarm.run(1_000);
      for (const listener of swarm.alive()) {
        expect(snapshotOf(swarm, listener).childCount).toBeLessThanOrEqual(slots);
      }
    }
  });
});

/** The first byte of a chunk between neighbours (see `wire-codec.ts`). */
const CHUNK_MESSAGE = 2;
/** One that the virtual origin's checksum covers: the type, then byte 112 of the chunk. */
const PAYLOAD_BYTE = 1 + 112;

const isFedByEdge = (listener: VirtualListener): boolean => listener.streamed.length > 0;
