import { describe, expect, test } from 'vitest';
import type { EngineSnapshot } from '../../../shared/swarm/engine-io.ts';
import { collectionsOf } from '../../../shared/swarm/collections.ts';
import { NEIGHBOURS_MAX } from '../../../shared/swarm/limits.ts';
import { kilobitsPerSecond, millis } from '../../../shared/units.ts';
import { VirtualSwarm } from '../../support/virtual-swarm.ts';
import type { VirtualListener } from '../../support/virtual-swarm.ts';

const SEED = 5;
const RELAY = { participation: 'dedicated', uploadCapKbps: kilobitsPerSecond(20_000) } as const;

interface Bench {
  readonly swarm: VirtualSwarm;
  readonly relay: VirtualListener;
  readonly listeners: readonly VirtualListener[];
  readonly snapshot: (listener: VirtualListener) => EngineSnapshot;
}

/** A relay, and listeners that joined over 10 s and have had 30 s to settle. */
function settled(count: number, listenersFirst = false): Bench {
  const swarm = new VirtualSwarm({ seed: SEED });
  swarm.run(5_000);
  const listeners: VirtualListener[] = [];
  const addListeners = (): void => {
    for (let index = 0; index < count; index += 1) {
      listeners.push(swarm.join());
      swarm.run(10_000 / count);
    }
  };
  if (listenersFirst) addListeners();
  const relay = swarm.join(RELAY);
  swarm.run(1_000);
  if (!listenersFirst) addListeners();
  swarm.run(30_000);
  return { swarm, relay, listeners, snapshot: (listener) => listener.engine.snapshot(millis(swarm.now)) };
}

function expectAllInTime(listeners: readonly VirtualListener[]): void {
  for (const listener of listeners) {
    expect(listener.dueCount).toBeGreaterThan(0);
    expect(listener.inTimeCount, `chunks in time of listener ${listener.index}`).toBe(listener.dueCount);
  }
}

describe(`a dedicated member (seed ${SEED})`, () => {
  test('feeds a lone listener all of its sound', () => {
    const { swarm, relay, listeners, snapshot } = settled(1);
    const [listener] = listeners;
    if (listener === undefined) throw new Error('Cannot look at the listener as there is one');
    expect(snapshot(listener).parents).toEqual([relay.id, relay.id, relay.id, relay.id]);
    const before = snapshot(listener).counters.chunkBytesFromEdges;
    swarm.run(10_000);
    expect(snapshot(listener).counters.chunkBytesFromEdges).toBe(before);
    expectAllInTime([listener]);
  });

  test('takes more neighbours and children than a listener may, within limits of its own', () => {
    const { relay, listeners, snapshot } = settled(40);
    const { neighbours, childNeighbourCount } = snapshot(relay);
    expect(neighbours.length).toBeGreaterThan(NEIGHBOURS_MAX);
    expect(childNeighbourCount).toBeGreaterThan(NEIGHBOURS_MAX);
    for (const { name, size, limit } of collectionsOf(relay.engine.parts()))
      expect(size, name).toBeLessThanOrEqual(limit);
    expectAllInTime(listeners);
  });

  test('that comes to a swarm that is there is soon its seed, and has children', () => {
    const { relay, listeners, snapshot } = settled(20, true);
    expect(snapshot(relay).parents).toEqual(['edge', 'edge', 'edge', 'edge']);
    expect(snapshot(relay).childNeighbourCount).toBeGreaterThan(5);
    expectAllInTime(listeners);
  });

  test('serves at most as many listeners as it is told to, and lets go who is over', () => {
    const { swarm, relay, listeners, snapshot } = settled(20);
    swarm.give(relay, { type: 'setListenersMax', listenersMax: 3 });
    for (let second = 0; second < 20; second += 1) {
      swarm.run(1_000);
      expect(snapshot(relay).childNeighbourCount).toBeLessThanOrEqual(3);
    }
    expect(snapshot(relay).childNeighbourCount).toBe(3);
    expectAllInTime(listeners);
  });

  test.each([1, 2, 20, 40])('that retires hands %i listeners over without a late chunk', (count) => {
    const { swarm, relay, listeners, snapshot } = settled(count);
    expect(snapshot(relay).childCount).toBeGreaterThan(0);
    swarm.give(relay, { type: 'retire' });
    swarm.run(4_000);
    const left = snapshot(relay).childCount;
    const repairsBefore = swarm.edgeBytes.repair;
    swarm.give(relay, { type: 'stop' });
    swarm.kill(relay, 50);
    swarm.run(10_000);
    // Nobody had to ask an edge for a chunk.
    expect(left).toBe(0);
    expect(swarm.edgeBytes.repair).toBe(repairsBefore);
    expectAllInTime(listeners);
  });

  test('that is killed is not heard either', () => {
    const { swarm, relay, listeners } = settled(20);
    swarm.kill(relay, 5_000);
    swarm.run(20_000);
    expectAllInTime(listeners);
  });
});
