import type { SimulationResult } from './result.ts';

/** Sizes in pixels, the time axis in seconds, colours: what the parts of a plot have in common. */
export const PLOT_WIDTH = 1100;
export const FONT = 'sans-serif';

const MARGIN_LEFT = 64;
const MARGIN_RIGHT = 192;
const PANELS_TOP = 244;
const PANEL_GAP = 76;
/** Listeners, copies, chunks played on time, latency. */
const PANEL_HEIGHTS = [110, 220, 130, 130];
const TIME_LABELS_HEIGHT = 56;

export const PLOT_HEIGHT: number =
  PANELS_TOP +
  PANEL_HEIGHTS.reduce((sum, height) => sum + height, 0) +
  PANEL_GAP * (PANEL_HEIGHTS.length - 1) +
  TIME_LABELS_HEIGHT;

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export function panelBox(index: number): Box {
  const above = PANEL_HEIGHTS.slice(0, index).reduce((sum, height) => sum + height + PANEL_GAP, 0);
  return {
    left: MARGIN_LEFT,
    top: PANELS_TOP + above,
    width: PLOT_WIDTH - MARGIN_LEFT - MARGIN_RIGHT,
    height: PANEL_HEIGHTS[index] ?? 0,
  };
}

/** From the warm-up's beginning (negative) to the end; 0 is where measuring began. */
export interface TimeAxis {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
}

const TICKS_MAX = 14;
const TICK_SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600];

export function timeAxisOf({ warmUpMs, measuredMs }: SimulationResult): TimeAxis {
  const from = 0 - Math.ceil(warmUpMs / 1000);
  const to = Math.max(1, Math.ceil(measuredMs / 1000));
  const step = TICK_SECONDS.find((seconds) => (to - from) / seconds <= TICKS_MAX) ?? 7_200;
  const ticks: number[] = [];
  for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) ticks.push(tick === 0 ? 0 : tick);
  return { from, to, ticks };
}

export function xOf({ from, to }: TimeAxis, second: number): number {
  const { left, width } = panelBox(0);
  return left + ((second - from) / (to - from)) * width;
}

/** Okabe and Ito's palette for the causes, Tol's for the rest: told apart by the colour-blind, too. */
export const COLOURS = {
  text: '#222',
  quiet: '#555',
  axis: '#999',
  grid: '#e8e8e8',
  /** A veil over what is not measured. */
  warmUp: 'rgba(232, 232, 232, 0.62)',
  note: 'rgba(255, 255, 255, 0.85)',
  event: '#222',
  bar: '#222',
  listeners: '#555',
  seed: '#0072b2',
  burst: '#e69f00',
  repair: '#009e73',
  fallback: '#d55e00',
  lost: '#882255',
  missed: '#b03000',
  latency: '#332288',
  latencyBand: '#88ccee',
} as const;
