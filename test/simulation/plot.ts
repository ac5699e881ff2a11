import { LineChart } from 'echarts/charts';
import { GraphicComponent, GridComponent, MarkAreaComponent, MarkLineComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { headingOf } from './plot-heading.ts';
import { COLOURS, FONT, panelBox, PLOT_HEIGHT, PLOT_WIDTH, timeAxisOf } from './plot-layout.ts';
import type { TimeAxis } from './plot-layout.ts';
import { eventWords, panelWords, warmUpWords } from './plot-marks.ts';
import { panelsOf } from './plot-panels.ts';
import type { Panel } from './plot-panels.ts';
import type { SimulationResult } from './result.ts';
import type { Scenario } from './scenarios.ts';

/** What a plot says about the scenario besides its result. */
export type PlotSubject = Pick<Scenario, 'about' | 'bars'>;

use([GraphicComponent, GridComponent, LineChart, MarkAreaComponent, MarkLineComponent, SVGRenderer]);

/** A run over time, as an SVG document: four panels on one time axis. The same result gives the same bytes. */
export function plotOf(result: SimulationResult, subject: PlotSubject): string {
  const time = timeAxisOf(result);
  const panels = panelsOf(result, subject.bars, time);
  const last = panels.length - 1;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: PLOT_WIDTH, height: PLOT_HEIGHT });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: '#fff',
      textStyle: { fontFamily: FONT },
      grid: panels.map((_, index) => ({ ...panelBox(index), outerBoundsMode: 'none' })),
      xAxis: panels.map((_, index) => xAxisOf(time, index, index === last)),
      yAxis: panels.map(({ axis }, index) => ({ ...Y_AXIS, ...axis, gridIndex: index })),
      series: panels.flatMap(({ series, bar }, index) => [
        ...series.map((each) => ({ ...LINE, ...each, xAxisIndex: index, yAxisIndex: index })),
        marksOf(result, time, index, bar),
      ]),
      graphic: [
        ...headingOf(result, subject),
        ...panels.flatMap((panel, index) => panelWords(panel, index, time, result.events)),
        ...eventWords(result.events, time),
        ...warmUpWords(time),
      ],
    });
    return withoutCounters(chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}

/** The renderer numbers ids and classes through the whole process: here they begin anew. */
function withoutCounters(svg: string): string {
  const names = new Map<string, string>();
  return svg.replaceAll(/\bzr\d+-(?:cls-|[a-z])\d+\b/gu, (counted) => {
    const name = names.get(counted) ?? `plot-${names.size}`;
    names.set(counted, name);
    return name;
  });
}

const LINE = { type: 'line', symbolSize: 4, silent: true } as const;

const Y_AXIS = {
  type: 'value',
  axisLine: { show: false },
  axisTick: { show: false },
  axisLabel: { color: COLOURS.quiet, fontSize: 12 },
  splitLine: { lineStyle: { color: COLOURS.grid } },
} as const;

const signed = (value: number): string => String(value).replace('-', '−');

function xAxisOf({ from, to, ticks }: TimeAxis, gridIndex: number, labelled: boolean): object {
  return {
    type: 'value',
    gridIndex,
    min: from,
    max: to,
    axisLine: { onZero: false, lineStyle: { color: COLOURS.axis } },
    axisTick: { customValues: ticks, lineStyle: { color: COLOURS.axis } },
    axisLabel: { show: labelled, customValues: ticks, formatter: signed, color: COLOURS.quiet, fontSize: 12 },
    splitLine: { show: false },
    ...(labelled && {
      name: 'seconds since measuring began',
      nameLocation: 'middle',
      nameGap: 30,
      nameTextStyle: { color: COLOURS.quiet, fontSize: 12 },
    }),
  };
}

/** A series without a line carries what is common to all panels: the warm-up, the events, the bar. */
function marksOf({ events }: SimulationResult, { from }: TimeAxis, index: number, bar: Panel['bar']): object {
  const upright = { color: COLOURS.event, width: 1, type: 'dashed' };
  const level = { color: COLOURS.bar, width: 1.5, type: 'dotted' };
  return {
    ...LINE,
    xAxisIndex: index,
    yAxisIndex: index,
    data: [],
    markArea: {
      silent: true,
      z: 10,
      itemStyle: { color: COLOURS.warmUp },
      data: from < 0 ? [[{ xAxis: from }, { xAxis: 0 }]] : [],
    },
    markLine: {
      silent: true,
      symbol: 'none',
      precision: 6,
      label: { show: false },
      data: [
        ...events.map(({ atMs }) => ({ xAxis: atMs / 1000, lineStyle: upright })),
        ...(bar === undefined ? [] : [{ yAxis: bar, lineStyle: level }]),
      ],
    },
  };
}
