import type { EdgeCause } from '../../../shared/swarm/engine-io.ts';
import type { ProtocolFigures } from '../figures.ts';

/** One way to bring the stream to the same listeners. */
export interface ComparisonRow {
  readonly name: string;
  readonly about: string;
  readonly playoutDelayMs: number;
  /** What the edge can send at most. */
  readonly edgeKbps: number;
  readonly figures: ProtocolFigures;
}

export interface Comparison {
  readonly scenario: string;
  readonly network: string;
  readonly peers: number;
  readonly seed: number;
  readonly bitrateKbps: number;
  readonly measuredMs: number;
  readonly rows: readonly ComparisonRow[];
  readonly rendezvousHls: { readonly copies: number; readonly about: string };
}

/** For a reader: one row each. */
export function tableOf(comparison: Comparison): string {
  const { scenario, network, peers, seed, bitrateKbps, measuredMs, rows, rendezvousHls } = comparison;
  const lines = [
    HEADINGS,
    ...rows.map(({ name, figures }) => cellsOf(name, figures, bitrateKbps)),
    ['rendezvous-hls (formula)', '', '', '', '', rendezvousHls.copies.toFixed(1)],
  ];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const text = lines.map((line) =>
    widths
      .map((width, column) => {
        const cell = line[column] ?? '';
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return [
    `${scenario}: ${peers} peers, ${bitrateKbps} kbit/s, ${network}, seed ${seed}, ${measuredMs / 1000} s measured`,
    ...text,
    '',
  ].join('\n');
}

const HEADINGS: readonly string[] = [
  '',
  'on time',
  'stops/h',
  'startup p50/p95',
  'latency p50/p95',
  'copies',
  'seed/burst/repair/stream',
  'peak s',
  'peak Mbit/s',
  'offload',
  'dup',
  'control',
  'of cap p50/p95/10 s',
];

function cellsOf(name: string, figures: ProtocolFigures, bitrateKbps: number): readonly string[] {
  const { startupMs, latencyMs, copiesByCause, copiesPeakSecond, uploadOfCap } = figures;
  const causes: readonly EdgeCause[] = ['seed', 'burst', 'repair', 'fallback'];
  return [
    name,
    figures.playedOnTime.toFixed(5),
    figures.interruptionsPerListenerHour.toFixed(1),
    `${whole(startupMs.p50)}/${whole(startupMs.p95)}`,
    `${whole(latencyMs.p50)}/${whole(latencyMs.p95)}`,
    figures.copies.toFixed(1),
    causes.map((cause) => copiesByCause[cause].toFixed(1)).join('/'),
    copiesPeakSecond.toFixed(1),
    ((copiesPeakSecond * bitrateKbps) / 1000).toFixed(1),
    figures.offload.toFixed(4),
    figures.duplicateShare.toFixed(4),
    figures.controlShare.toFixed(4),
    [uploadOfCap.p50, uploadOfCap.p95, figures.uploadOfCapBusiest]
      .map((share) => (share ?? 0).toFixed(2))
      .join('/'),
  ];
}

const whole = (value: number | null): string => (value === null ? '–' : value.toFixed(0));
