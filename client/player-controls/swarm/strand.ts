import type { SceneNode } from './scene.ts';

/** A point on the canvas, in CSS pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A cubic Bézier from `from` to `to`. */
export interface Strand {
  readonly from: Point;
  readonly bend1: Point;
  readonly bend2: Point;
  readonly to: Point;
}

/** The canvas in CSS pixels, me in the middle. */
export interface Stage {
  readonly width: number;
  readonly height: number;
  readonly radiusOfMe: number;
}

const MARGIN_X = 34;
const MARGIN_Y = 30;
/** Strands of the four stripes meet me this far apart. */
const STRIPE_GAP = 5;

export function stageOf(width: number, height: number): Stage {
  return { width, height, radiusOfMe: Math.max(13, Math.min(30, Math.min(width, height) * 0.075)) };
}

export function placeOf(stage: Stage, node: { readonly x: number; readonly y: number }): Point {
  return {
    x: stage.width / 2 + (node.x / 1.12) * (stage.width / 2 - MARGIN_X),
    y: stage.height / 2 + (node.y / 1.12) * (stage.height / 2 - MARGIN_Y),
  };
}

/** The way of one stripe from a node to me: it arrives from the left, each stripe at its own height. */
export function strandIn(stage: Stage, place: Point, stripe: number): Strand {
  const offset = (stripe - 1.5) * STRIPE_GAP;
  const to = { x: stage.width / 2 - stage.radiusOfMe * 0.9, y: stage.height / 2 + offset };
  const from = { x: place.x, y: place.y + offset * 0.35 };
  const reach = stage.width * 0.24;
  return {
    from,
    bend1: { x: Math.min((from.x + to.x) / 2, from.x + reach), y: from.y },
    bend2: { x: to.x - reach * 0.9, y: to.y },
    to,
  };
}

/** The way of one stripe from me to a node: it leaves to the right. */
export function strandOut(stage: Stage, place: Point, stripe: number): Strand {
  const mirrored = strandIn(stage, { x: stage.width - place.x, y: place.y }, stripe);
  const flip = ({ x, y }: Point): Point => ({ x: stage.width - x, y });
  return {
    from: flip(mirrored.to),
    bend1: flip(mirrored.bend2),
    bend2: flip(mirrored.bend1),
    to: flip(mirrored.from),
  };
}

/** @param t 0 to 1 */
export function pointOn({ from, bend1, bend2, to }: Strand, t: number): Point {
  const u = 1 - t;
  const [a, b, c, d] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
  return {
    x: a * from.x + b * bend1.x + c * bend2.x + d * to.x,
    y: a * from.y + b * bend1.y + c * bend2.y + d * to.y,
  };
}

/** Whose strand it is, told apart from all others. */
export const strandKey = (direction: 'in' | 'out', id: SceneNode['id'], stripe: number): string =>
  `${direction} ${id} ${stripe}`;
