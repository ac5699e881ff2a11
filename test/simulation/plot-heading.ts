import { COLOURS, panelBox, PLOT_WIDTH } from './plot-layout.ts';
import { textAt } from './plot-marks.ts';
import { percent, shortNumber } from './plot-numbers.ts';
import type { SimulationFigures, SimulationResult } from './result.ts';
import type { Bars, Scenario } from './scenarios.ts';

/** A key figure; `bar` in words, with whether it holds. */
interface KeyFigure {
  readonly value: string;
  readonly name: string;
  readonly bar?: { readonly text: string; readonly holds: boolean };
}

const GOAL_PEERS = 10_000;

/** What was simulated, and the figures of all of the measured time. */
export function headingOf(
  result: SimulationResult,
  { about, bars }: Pick<Scenario, 'about' | 'bars'>,
): readonly object[] {
  const { scenario, peers, bitrateKbps, network, seed, measuredMs, warmUpMs } = result;
  const { left } = panelBox(0);
  const how = [
    `${peers.toLocaleString('en')} peers`,
    `${bitrateKbps} kbit/s`,
    `network “${network}”`,
    `seed ${seed}`,
    `${shortNumber(measuredMs / 1000)} s measured after ${shortNumber(warmUpMs / 1000)} s of warm-up`,
    ...(peers === GOAL_PEERS ? [] : [`goals are set for ${GOAL_PEERS.toLocaleString('en')} peers`]),
  ].join('  ·  ');
  const figures = keyFiguresOf(result, bars);
  const column = (PLOT_WIDTH - left - 20) / figures.length;
  return [
    textAt(left, 20, `${scenario}: ${about}`, { size: 20, weight: 'bold' }),
    textAt(left, 50, how, { size: 13, colour: COLOURS.quiet }),
    ...figures.flatMap(({ value, name, bar }, index) => {
      const x = left + index * column;
      const verdict = bar === undefined ? [] : [`goal: ${bar.text} ${bar.holds ? '✓' : '✗ missed'}`];
      return [
        textAt(x, 84, value, { size: 22, weight: 'bold' }),
        textAt(x, 112, name, { colour: COLOURS.quiet }),
        ...verdict.map((text) =>
          textAt(x, 128, text, { colour: bar?.holds === true ? COLOURS.quiet : COLOURS.missed }),
        ),
      ];
    }),
  ];
}

function keyFiguresOf({ figures }: SimulationResult, bars: Bars): readonly KeyFigure[] {
  const { playedOnTime, copies, offload, latencyMs, startupMs } = figures;
  return [
    {
      value: percent(playedOnTime),
      name: 'of the sound on time',
      bar: { text: `at least ${percent(bars.playedOnTimeMin)}`, holds: playedOnTime >= bars.playedOnTimeMin },
    },
    { value: shortNumber(copies), name: 'copies sent by the edges', ...copiesBarOf(figures, bars) },
    { value: percent(offload, 1), name: 'came from other listeners' },
    {
      value: inSeconds(latencyMs.p95),
      name: 'latency of 95 %',
      bar: {
        text: `at most ${inSeconds(bars.latencyP95MaxMs)}`,
        holds: latencyMs.p95 !== null && latencyMs.p95 <= bars.latencyP95MaxMs,
      },
    },
    { value: inSeconds(startupMs.p50), name: 'from joining to sound (half)' },
  ];
}

function copiesBarOf(figures: SimulationFigures, bars: Bars): Pick<KeyFigure, 'bar'> {
  const { copiesMax, copiesSettledMax, copiesPeakSecondMax } = bars;
  const { copies, copiesSettled, copiesPeakSecond } = figures;
  if (copiesMax !== undefined) return { bar: { text: `at most ${copiesMax}`, holds: copies <= copiesMax } };
  if (copiesSettledMax !== undefined) {
    const text = `settled at most ${copiesSettledMax} (${shortNumber(copiesSettled)})`;
    return { bar: { text, holds: copiesSettled <= copiesSettledMax } };
  }
  if (copiesPeakSecondMax === undefined) return {};
  const text = `peak at most ${copiesPeakSecondMax} (${shortNumber(copiesPeakSecond)})`;
  return { bar: { text, holds: copiesPeakSecond <= copiesPeakSecondMax } };
}

const inSeconds = (ms: number | null): string => (ms === null ? '–' : `${Number((ms / 1000).toFixed(2))} s`);
