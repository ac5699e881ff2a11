import type { EngineSnapshot, NeighbourSnapshot } from '../../../shared/swarm/engine-io.ts';
import { STRIPES } from '../../../shared/units.ts';
import type { Stripe } from '../../../shared/units.ts';

/** The station's own place in the drawing; peers go by their ids. */
export const STATION = 'edge';

/** Somebody in the drawing. Me stands at 0, 0; x and y go from -1 to 1, sound flows from left to right. */
export interface SceneNode {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  /** Stripes that come to me from here, and stripes that go there from me. */
  readonly gives: readonly Stripe[];
  readonly takes: readonly Stripe[];
}

/** More neighbours than this are a crowd, not a picture: those without a part in the sound are left out first. */
export const NODES_MAX = 24;
/** Half of the arc, in radians, on which those who give stand left of me, and those who take right of me. */
const ARC = 1.1;

/**
 * Who stands where: whoever gives me sound on the left, whoever takes it from me on the right, who does both above and
 * below, and neighbours who wait in between, further out. The same people always stand in the same order.
 */
export function layOut(snapshot: EngineSnapshot | null): readonly SceneNode[] {
  const fromStation = snapshot === null ? [...STRIPES] : stripesFrom(snapshot, STATION);
  const neighbours = [...(snapshot?.neighbours ?? [])].toSorted(byPartAndId).slice(0, NODES_MAX);
  const givers = neighbours.filter((each) => gives(each) && !takes(each));
  const takers = neighbours.filter((each) => !gives(each) && takes(each));
  const both = neighbours.filter((each) => gives(each) && takes(each));
  const waiting = neighbours.filter((each) => !gives(each) && !takes(each));
  return [
    ...onLeft(givers, fromStation),
    ...takers.map((each, index) => place(each, spread(index, takers.length, ARC), 1)),
    ...both.map((each, index) => place(each, aboveAndBelow(index, both.length), 0.96)),
    ...waiting.map((each, index) => place(each, inTheCorners(index), 1.12)),
  ];
}

const gives = ({ parentOf }: NeighbourSnapshot): boolean => parentOf.length > 0;
const takes = ({ childOf }: NeighbourSnapshot): boolean => childOf.length > 0;

const stripesFrom = (snapshot: EngineSnapshot, from: string): readonly Stripe[] =>
  // A listener that does without peers, or that has none yet, gets everything from the station.
  snapshot.parents.every((parent) => parent === null)
    ? from === STATION
      ? [...STRIPES]
      : []
    : STRIPES.filter((stripe) => snapshot.parents[stripe] === from);

/** The station stands among those who give, in their middle. */
function onLeft(givers: readonly NeighbourSnapshot[], fromStation: readonly Stripe[]): readonly SceneNode[] {
  const middle = Math.floor(givers.length / 2);
  const all: readonly (NeighbourSnapshot | null)[] = [
    ...givers.slice(0, middle),
    null,
    ...givers.slice(middle),
  ];
  return all.map((each, index) => {
    const angle = Math.PI - spread(index, all.length, ARC);
    return each === null
      ? { id: STATION, ...at(angle, 1), gives: fromStation, takes: [] }
      : place(each, angle, 1);
  });
}

const spread = (index: number, count: number, arc: number): number =>
  count === 1 ? 0 : -arc + (2 * arc * index) / (count - 1);

function aboveAndBelow(index: number, count: number): number {
  const isAbove = index % 2 === 0;
  const inRow = Math.ceil((count - (isAbove ? 0 : 1)) / 2);
  return (isAbove ? -1 : 1) * (Math.PI / 2) + spread(index >> 1, inRow, 0.34);
}

/** Four corners, then closer to the middle of each. */
const inTheCorners = (index: number): number =>
  Math.PI / 4 + (Math.PI / 2) * (index % 4) + (index >> 2) * 0.16 * (index % 2 === 0 ? 1 : -1);

const place = (neighbour: NeighbourSnapshot, angle: number, radius: number): SceneNode => ({
  id: neighbour.peerId,
  ...at(angle, radius),
  gives: neighbour.parentOf,
  takes: neighbour.childOf,
});

const at = (angle: number, radius: number): { x: number; y: number } => ({
  x: Math.cos(angle) * radius,
  y: Math.sin(angle) * radius,
});

const partOf = (each: NeighbourSnapshot): number => (gives(each) || takes(each) ? 0 : 1);

function byPartAndId(a: NeighbourSnapshot, b: NeighbourSnapshot): number {
  const parts = partOf(a) - partOf(b);
  if (parts !== 0) return parts;
  return a.peerId < b.peerId ? -1 : 1;
}
