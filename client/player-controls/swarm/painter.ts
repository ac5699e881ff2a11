import { ease, TRAVEL_MS } from './pulses.ts';
import type { Pulse } from './pulses.ts';
import { STATION } from './scene.ts';
import type { Point, Stage, Strand } from './strand.ts';
import { pointOn } from './strand.ts';

/** Resolved colours, as a canvas takes them. */
export interface Palette {
  readonly ink: string;
  readonly quiet: string;
  readonly line: string;
  readonly accent: string;
  readonly ground: string;
  readonly font: string;
}

/** What stands still between two changes of the swarm. */
export interface Still {
  readonly strands: ReadonlyMap<string, Strand>;
  readonly nodes: readonly StillNode[];
}

export interface StillNode {
  readonly id: string;
  readonly place: Point;
  readonly hasPart: boolean;
  /** 0: not there yet, or gone; 1: all there. */
  readonly presence: number;
}

export interface Labels {
  readonly you: string;
  readonly station: string;
}

const RADIUS_OF_PEER = 6;
const RADIUS_OF_STATION = 9;
/** The pulse's tail: dots behind it, smaller and fainter. */
const TAIL = [
  { behind: 0, radius: 3.2, alpha: 1 },
  { behind: 0.03, radius: 2.7, alpha: 0.6 },
  { behind: 0.06, radius: 2.2, alpha: 0.35 },
  { behind: 0.09, radius: 1.7, alpha: 0.18 },
] as const;

export function paintStill(
  context: CanvasRenderingContext2D,
  stage: Stage,
  still: Still,
  palette: Palette,
  labels: Labels,
): void {
  context.clearRect(0, 0, stage.width, stage.height);
  context.lineWidth = 1.25;
  context.strokeStyle = palette.line;
  for (const strand of still.strands.values()) {
    const { from, bend1, bend2, to } = strand;
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.bezierCurveTo(bend1.x, bend1.y, bend2.x, bend2.y, to.x, to.y);
    context.stroke();
  }
  for (const node of still.nodes) {
    context.globalAlpha = node.presence * (node.hasPart ? 1 : 0.45);
    if (node.id === STATION) paintStation(context, node.place, palette);
    else
      disc(context, node.place, RADIUS_OF_PEER * node.presence, node.hasPart ? palette.ink : palette.quiet);
  }
  context.globalAlpha = 1;
  paintLabels(context, stage, still, palette, labels);
}

/** @param glow 0 to 1: sound has just arrived. */
export function paintMe(
  context: CanvasRenderingContext2D,
  { width, height, radiusOfMe }: Stage,
  palette: Palette,
  glow: number,
  isSounding: boolean,
): void {
  const me = { x: width / 2, y: height / 2 };
  if (!isSounding) {
    disc(context, me, radiusOfMe, palette.ground);
    context.strokeStyle = palette.accent;
    context.lineWidth = 3;
    context.beginPath();
    context.arc(me.x, me.y, radiusOfMe - 1.5, 0, Math.PI * 2);
    context.stroke();
    return;
  }
  context.globalAlpha = 0.14 + 0.2 * glow;
  disc(context, me, radiusOfMe * (1.42 + 0.16 * glow), palette.accent);
  context.globalAlpha = 1;
  disc(context, me, radiusOfMe, palette.accent);
}

export function paintPulses(
  context: CanvasRenderingContext2D,
  strands: ReadonlyMap<string, Strand>,
  pulses: readonly Pulse[],
  palette: Palette,
  now: number,
): void {
  context.fillStyle = palette.accent;
  for (const { strand: key, startsAt } of pulses) {
    const strand = strands.get(key);
    if (strand === undefined) continue;
    const head = ease((now - startsAt) / TRAVEL_MS);
    for (const { behind, radius, alpha } of TAIL) {
      if (head < behind) break;
      context.globalAlpha = alpha;
      const { x, y } = pointOn(strand, head - behind);
      context.beginPath();
      context.arc(x, y, radius, 0, Math.PI * 2);
      context.fill();
    }
  }
  context.globalAlpha = 1;
}

function paintStation(context: CanvasRenderingContext2D, place: Point, palette: Palette): void {
  disc(context, place, RADIUS_OF_STATION + 2, palette.ground);
  context.strokeStyle = palette.ink;
  context.lineWidth = 2.5;
  context.beginPath();
  context.arc(place.x, place.y, RADIUS_OF_STATION, 0, Math.PI * 2);
  context.stroke();
  disc(context, place, 3, palette.ink);
}

function paintLabels(
  context: CanvasRenderingContext2D,
  stage: Stage,
  still: Still,
  palette: Palette,
  labels: Labels,
): void {
  context.font = `500 14px ${palette.font}`;
  context.fillStyle = palette.quiet;
  context.textAlign = 'center';
  context.textBaseline = 'top';
  context.fillText(labels.you, stage.width / 2, stage.height / 2 + stage.radiusOfMe * 1.75);
  const station = still.nodes.find(({ id }) => id === STATION);
  if (station === undefined) return;
  const half = context.measureText(labels.station).width / 2;
  const x = Math.max(half + 2, station.place.x);
  context.fillText(labels.station, x, station.place.y + RADIUS_OF_STATION + 8);
}

function disc(context: CanvasRenderingContext2D, { x, y }: Point, radius: number, colour: string): void {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, Math.max(0, radius), 0, Math.PI * 2);
  context.fill();
}
