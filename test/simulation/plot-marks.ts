import { COLOURS, FONT, panelBox, PLOT_WIDTH, xOf } from './plot-layout.ts';
import type { TimeAxis } from './plot-layout.ts';
import { shortNumber } from './plot-numbers.ts';
import type { LegendEntry, Panel } from './plot-panels.ts';
import type { TimedEvent } from './result.ts';

const SMALL = 12;
/** Of a wide bold sans-serif: which font the reader has is not known here. */
const GLYPH_WIDTH = 7.8;
const EVENT_ROWS_MAX = 2;
const ROW_HEIGHT = 17;
const LINE_HEIGHT = 15;
const LEGEND_ROW_HEIGHT = 44;

const widthOf = (text: string): number => text.length * GLYPH_WIDTH;

export interface TextStyle {
  readonly size?: number;
  readonly weight?: 'normal' | 'bold';
  readonly colour?: string;
  readonly align?: 'left' | 'right' | 'center';
  readonly from?: 'top' | 'middle' | 'bottom';
  readonly background?: string;
}

const NOTE: TextStyle = { background: COLOURS.note };

/** A text at a place in the picture, as the library takes it. */
export function textAt(x: number, y: number, text: string, style: TextStyle = {}): object {
  const {
    size = SMALL,
    weight = 'normal',
    colour = COLOURS.text,
    align = 'left',
    from = 'top',
    background,
  } = style;
  return {
    type: 'text',
    silent: true,
    z: 100,
    x,
    y,
    style: {
      text,
      fill: colour,
      fontFamily: FONT,
      fontSize: size,
      fontWeight: weight,
      lineHeight: Math.round(size * 1.25),
      align,
      verticalAlign: from,
      ...(background !== undefined && { backgroundColor: background, padding: [2, 6] }),
    },
  };
}

function legendAt(x: number, y: number, { name, about, colour }: LegendEntry): readonly object[] {
  return [
    { type: 'rect', silent: true, x, y: y + 1, shape: { width: 12, height: 12 }, style: { fill: colour } },
    textAt(x + 18, y, name),
    textAt(x + 18, y + LINE_HEIGHT, about, { colour: COLOURS.quiet }),
  ];
}

/** A panel's title, the words right of it, and what its axis does not reach. */
export function panelWords(
  panel: Panel,
  index: number,
  time: TimeAxis,
  events: readonly TimedEvent[],
): readonly object[] {
  const { left, top, width, height } = panelBox(index);
  const { title, about, legend = [], ends, range, bar, barWords, beyond } = panel;
  const eventRows = index === 0 ? 1 + Math.max(-1, ...placesOf(events, time).map(({ row }) => row)) : 0;
  const strip = eventRows * ROW_HEIGHT;
  const heightOf = (value: number): number => top + height * (1 - (value - range[0]) / (range[1] - range[0]));
  return [
    textAt(left, top - strip - 46, title, { size: 15, weight: 'bold' }),
    textAt(left, top - strip - 25, about, { colour: COLOURS.quiet }),
    ...apart(ends.map((end) => ({ ...end, y: heightOf(end.at) }))).map((end) =>
      textAt(left + width + 8, end.y, end.text, { colour: end.colour, from: 'middle' }),
    ),
    ...legend.flatMap((entry, row) => legendAt(left + width + 8, top + row * LEGEND_ROW_HEIGHT, entry)),
    ...(bar === undefined || barWords === undefined
      ? []
      : [textAt(left + width - 4, heightOf(bar) - 3, barWords, { ...NOTE, align: 'right', from: 'bottom' })]),
    ...beyond.map(({ second, text, edge }) => {
      const x = xOf(time, second);
      const align = x + widthOf(text) > left + width ? 'right' : 'left';
      const inside = edge === 'top' ? top + 2 : top + height - 2;
      return textAt(x, inside, text, { ...NOTE, weight: 'bold', align, from: edge });
    }),
  ];
}

/** Words beside one another's height keep a line's distance, in the order in which they stand. */
function apart<Word extends { readonly y: number; readonly text: string }>(
  words: readonly Word[],
): readonly Word[] {
  let free = -Infinity;
  return words
    .toSorted((left, right) => left.y - right.y)
    .map((word) => {
      const half = (word.text.split('\n').length * LINE_HEIGHT) / 2;
      const y = Math.max(word.y, free + half);
      free = y + half;
      return { ...word, y };
    });
}

interface EventPlace {
  readonly x: number;
  readonly text: string;
  readonly align: 'left' | 'right';
  readonly row: number;
}

/** Two events whose words would overlap stand in different rows; if there are too many, in the last. */
function placesOf(events: readonly TimedEvent[], time: TimeAxis): readonly EventPlace[] {
  const rowEnds = Array.from({ length: EVENT_ROWS_MAX }, () => -Infinity);
  return events.map(({ atMs, label }) => {
    const x = xOf(time, atMs / 1000);
    const text = `${label} (at ${shortNumber(atMs / 1000)} s)`;
    const width = widthOf(text);
    const align = x + width > PLOT_WIDTH ? 'right' : 'left';
    const begin = align === 'right' ? x - width : x;
    const free = rowEnds.findIndex((end) => begin > end);
    const row = free < 0 ? EVENT_ROWS_MAX - 1 : free;
    rowEnds[row] = begin + width;
    return { x, text, align, row };
  });
}

/** What happens, in words above its line. */
export function eventWords(events: readonly TimedEvent[], time: TimeAxis): readonly object[] {
  const { top } = panelBox(0);
  return placesOf(events, time).map(({ x, text, align, row }) =>
    textAt(x, top - 3 - row * ROW_HEIGHT, text, { weight: 'bold', align, from: 'bottom' }),
  );
}

/** In the shaded part of the first panel, or beside it if it is too narrow. */
export function warmUpWords(time: TimeAxis): readonly object[] {
  if (time.from >= 0) return [];
  const { left, top, height } = panelBox(0);
  const width = xOf(time, 0) - left;
  const style: TextStyle = { colour: COLOURS.quiet };
  if (width < widthOf('not measured'))
    return [textAt(left + width + 4, top + 6, '◂ warm-up, not measured', style)];
  const words = 'warm-up,\nnot measured';
  return [textAt(left + width / 2, top + height - 5, words, { ...style, align: 'center', from: 'bottom' })];
}
