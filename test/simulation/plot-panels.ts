import type { EdgeCause } from '../../shared/swarm/engine-io.ts';
import { copiesOf } from './measures.ts';
import { COLOURS } from './plot-layout.ts';
import type { TimeAxis } from './plot-layout.ts';
import { niceAxis, percent, shortNumber } from './plot-numbers.ts';
import type { SecondFigures, SimulationFigures, SimulationResult } from './result.ts';
import type { Bars } from './scenarios.ts';

export interface Panel {
  readonly title: string;
  /** What is shown, and what good looks like. */
  readonly about: string;
  readonly axis: object;
  readonly series: readonly object[];
  /** Right of the panel, from the top down. */
  readonly legend?: readonly LegendEntry[];
  /** Where the scenario's bar is drawn, in units of the axis. */
  readonly bar?: number;
  /** Words on that line, if there is no place for them at its end. */
  readonly barWords?: string;
  /** Words right of the panel, at a height in units of the axis. */
  readonly ends: readonly { readonly at: number; readonly text: string; readonly colour: string }[];
  readonly range: readonly [number, number];
  /** What the axis does not reach. */
  readonly beyond: readonly Beyond[];
}

export interface Beyond {
  readonly second: number;
  readonly text: string;
  readonly edge: 'top' | 'bottom';
}

export interface LegendEntry {
  readonly name: string;
  readonly about: string;
  readonly colour: string;
}

interface Point {
  readonly x: number;
  readonly second: SecondFigures;
}

/** Listeners, copies by cause, chunks played on time and latency. */
export function panelsOf(result: SimulationResult, bars: Bars, { from }: TimeAxis): readonly Panel[] {
  // A figure of a second stands in the middle of it.
  const points = result.timeline.map((second) => ({ x: from + second.second + 0.5, second }));
  return [
    listenersPanel(points),
    copiesPanel(points, result.figures, bars),
    onTimePanel(points, bars),
    latencyPanel(points, bars),
  ];
}

const CAUSES: Readonly<Record<EdgeCause, string>> = {
  seed: 'to a few who pass it on',
  burst: 'first sound for a joiner',
  repair: 'a chunk peers lacked',
  fallback: 'all, for lack of a parent',
};
/** From the bottom of the stack to its top. */
const CAUSE_NAMES: readonly EdgeCause[] = ['seed', 'burst', 'repair', 'fallback'];

function listenersPanel(points: readonly Point[]): Panel {
  const most = Math.max(1, ...points.map(({ second }) => second.listeners));
  const last = points.at(-1)?.second.listeners;
  const { top, interval } = niceAxis(most);
  return {
    title: 'Listeners in the swarm',
    about: 'each one plays, and most of them pass the sound on',
    axis: { min: 0, max: top, interval, axisLabel: { formatter: (value: number) => shortNumber(value) } },
    range: [0, top],
    series: [
      {
        ...lineOf(points, ({ listeners }) => listeners),
        lineStyle: { color: COLOURS.listeners, width: 2 },
        itemStyle: { color: COLOURS.listeners },
        areaStyle: { color: COLOURS.listeners, opacity: 0.1 },
      },
    ],
    ends:
      last === undefined
        ? []
        : [{ at: last, text: `${last.toLocaleString('en')} at the end`, colour: COLOURS.text }],
    beyond: [],
  };
}

const total = ({ copiesByCause }: SecondFigures): number => copiesOf(copiesByCause);

/** A peak this many times the middle of the measured time is cut off, and said in words. */
const CUT_ABOVE_MEDIANS = 12;
const SHOWN_MEDIANS = 5;

function copiesPanel(points: readonly Point[], { copiesByCause }: SimulationFigures, bars: Bars): Panel {
  const measured = points.filter(({ x }) => x > 0).map(({ second }) => total(second));
  const peak = Math.max(1, ...measured);
  const median = Math.max(1, measured.toSorted((left, right) => left - right)[measured.length >> 1] ?? 1);
  const { top, interval } = niceAxis(peak > median * CUT_ABOVE_MEDIANS ? median * SHOWN_MEDIANS : peak);
  const barMax = bars.copiesMax ?? bars.copiesSettledMax ?? bars.copiesPeakSecondMax;
  const bar = barMax !== undefined && barMax < top ? barMax : undefined;
  return {
    title: 'Copies the edges send, by reason',
    about:
      'how many times the stream leaves the servers, for all listeners together; good: low and flat (1 is the least possible)',
    axis: { min: 0, max: top, interval, axisLabel: { formatter: (value: number) => shortNumber(value) } },
    range: [0, top],
    series: CAUSE_NAMES.map((cause) => ({
      ...lineOf(points, ({ copiesByCause }) => copiesByCause[cause]),
      name: cause,
      stack: 'copies',
      lineStyle: { width: 0.5, color: COLOURS[cause] },
      itemStyle: { color: COLOURS[cause] },
      areaStyle: { color: COLOURS[cause], opacity: 0.9 },
    })),
    legend: CAUSE_NAMES.toReversed().map((cause) => ({
      name: `${cause}: ${shortNumber(copiesByCause[cause])} on average`,
      about: CAUSES[cause],
      colour: COLOURS[cause],
    })),
    ends: [],
    ...(bar !== undefined && { bar, barWords: `goal: ${goalWords(bars)} ${bar}` }),
    beyond: furthest(points, total, (value) => value - top).map(({ x, value }) => ({
      second: x,
      text: `▲ up to ${shortNumber(value)} copies`,
      edge: 'top',
    })),
  };
}

function goalWords({ copiesMax, copiesSettledMax }: Bars): string {
  if (copiesMax !== undefined) return 'on average at most';
  return copiesSettledMax === undefined ? 'in any second at most' : 'once settled at most';
}

const ON_TIME_FLOORS = [0.998, 0.995, 0.99, 0.98, 0.95, 0.9, 0.8, 0.5, 0];

function onTimePanel(points: readonly Point[], { playedOnTimeMin }: Bars): Panel {
  const measured = points.filter(({ x }) => x > 0).map(({ second }) => second.playedOnTime ?? 1);
  const least = Math.min(playedOnTimeMin, ...measured);
  const floor = ON_TIME_FLOORS.find((each) => each < least) ?? 0;
  return {
    title: 'Sound that was there at its time',
    about:
      'of the chunks due in each second, the share that was there; good: flat at 100 %, nothing hanging down',
    axis: {
      min: floor,
      max: 1,
      interval: (1 - floor) / 2,
      axisLabel: { formatter: (value: number) => percent(value) },
    },
    range: [floor, 1],
    series: [
      {
        ...lineOf(points, ({ playedOnTime }) => playedOnTime),
        lineStyle: { color: COLOURS.lost, width: 2 },
        itemStyle: { color: COLOURS.lost },
        areaStyle: { color: COLOURS.lost, opacity: 0.35, origin: 'end' },
      },
    ],
    bar: playedOnTimeMin,
    ends: [
      {
        at: playedOnTimeMin,
        text: `goal: at least ${percent(playedOnTimeMin)}\nover the measured time`,
        colour: COLOURS.bar,
      },
    ],
    beyond: furthest(
      points,
      ({ playedOnTime }) => playedOnTime,
      (value) => floor - value,
    ).map(({ x, value }) => ({ second: x, text: `▼ down to ${percent(value, 1)}`, edge: 'bottom' })),
  };
}

function latencyPanel(points: readonly Point[], { latencyP95MaxMs }: Bars): Panel {
  const most = Math.max(latencyP95MaxMs, ...points.map(({ second }) => second.latencyP95Ms ?? 0));
  const { top, interval } = niceAxis(most / 1000);
  const last = points.findLast(({ second }) => second.latencyP95Ms !== null)?.second;
  const half = (last?.latencyP50Ms ?? 0) / 1000;
  const nearly = (last?.latencyP95Ms ?? 0) / 1000;
  return {
    title: 'Latency, from packaging to the ear',
    about:
      'the line: half of the chunks are heard within this; the band: up to 95 % of them; good: flat, thin and below the goal',
    axis: { min: 0, max: top, interval, axisLabel: { formatter: '{value} s' } },
    range: [0, top],
    series: [
      {
        ...lineOf(points, ({ latencyP50Ms }) => seconds(latencyP50Ms)),
        stack: 'latency',
        lineStyle: { color: COLOURS.latency, width: 2 },
        itemStyle: { color: COLOURS.latency },
      },
      {
        ...lineOf(points, ({ latencyP50Ms, latencyP95Ms }) =>
          latencyP50Ms === null || latencyP95Ms === null ? null : (latencyP95Ms - latencyP50Ms) / 1000,
        ),
        stack: 'latency',
        lineStyle: { color: COLOURS.latency, width: 0.75 },
        itemStyle: { color: COLOURS.latency },
        areaStyle: { color: COLOURS.latencyBand, opacity: 0.7 },
      },
    ],
    bar: latencyP95MaxMs / 1000,
    ends: [
      {
        at: latencyP95MaxMs / 1000,
        text: `goal: 95 % within ${latencyP95MaxMs / 1000} s`,
        colour: COLOURS.bar,
      },
      ...(last === undefined
        ? []
        : [
            { at: nearly, text: `95 % within ${nearly.toFixed(1)} s`, colour: COLOURS.latency },
            { at: half, text: `50 % within ${half.toFixed(1)} s`, colour: COLOURS.latency },
          ]),
    ],
    beyond: [],
  };
}

/** Points of one line; a lone one is drawn as a dot. */
function lineOf(points: readonly Point[], value: (second: SecondFigures) => number | null): object {
  return {
    data: points.map(({ x, second }) => [x, value(second)]),
    showSymbol: points.length === 1,
  };
}

/** Where a figure leaves the axis furthest: once at most in the warm-up, once in the measured time. */
function furthest(
  points: readonly Point[],
  valueOf: (second: SecondFigures) => number | null,
  distance: (value: number) => number,
): readonly { readonly x: number; readonly value: number }[] {
  return [points.filter(({ x }) => x < 0), points.filter(({ x }) => x > 0)].flatMap((part) => {
    let found: { readonly x: number; readonly value: number } | null = null;
    for (const { x, second } of part) {
      const value = valueOf(second);
      if (value === null || distance(value) <= (found === null ? 0 : distance(found.value))) continue;
      found = { x, value };
    }
    return found === null ? [] : [found];
  });
}

const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000);
