import { NO_COUNTS } from '../../../shared/swarm/engine-io.ts';
import { expect, test } from 'vitest';
import { sourceLine } from '../../../client/player-controls/source-line.ts';
import { en } from '../../../client/strings/en.ts';
import type { EngineSnapshot, NeighbourSnapshot } from '../../../shared/swarm/engine-io.ts';
import { peerId, stripe } from '../../../shared/units.ts';

const neighbour = (number: number, parentOf: number[], childOf: number[]): NeighbourSnapshot => ({
  peerId: peerId(String(number).padStart(16, '0')),
  parentOf: parentOf.map(stripe),
  childOf: childOf.map(stripe),
  roundTripMs: null,
  bytesReceived: 0,
  bytesSent: 0,
});

function snapshot(
  fromPeers: number,
  fromEdges: number,
  neighbours: readonly NeighbourSnapshot[],
): EngineSnapshot {
  return {
    phase: 'playing',
    peerId: null,
    neighbours,
    parents: [],
    childCount: 0,
    childSlots: 0,
    childNeighbourCount: 0,
    live: null,
    bufferMs: 0,
    counters: { ...NO_COUNTS, chunkBytesFromPeers: fromPeers, chunkBytesFromEdges: fromEdges },
  };
}

test('the share counts bytes, the givers and takers are people, whatever the stripes', () => {
  const neighbours = [neighbour(1, [0, 1, 2], []), neighbour(2, [3], [0, 1]), neighbour(3, [], [2])];
  expect(sourceLine(snapshot(82, 18, neighbours), true, en)).toBe(
    '82% of the sound comes from 2 other listeners, and you pass it on to 2.',
  );
});

test('without parents, sound comes from the station, whatever came before', () => {
  expect(sourceLine(snapshot(10, 90, [neighbour(1, [], [])]), true, en)).toBe(
    'The sound comes straight from the station.',
  );
  expect(sourceLine(null, true, en)).toBe('The sound comes straight from the station.');
});

test('who does not pass sound on is not told about it', () => {
  expect(sourceLine(snapshot(50, 50, [neighbour(1, [0], [1])]), false, en)).toBe(
    '50% of the sound comes from one other listener.',
  );
});
