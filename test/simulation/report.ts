import type { Bars } from './scenarios.ts';
import type { Percentiles, SimulationFigures, SimulationResult } from './result.ts';

/** The figures for a reader, each with its bar if it has one. */
export function reportOf(result: SimulationResult, bars: Bars | null): string {
  const { figures } = result;
  const lines = [
    `${result.scenario}: ${result.peers} peers, ${result.bitrateKbps} kbit/s, ${result.network}, seed ${result.seed}, ${result.measuredMs / 1000} s measured`,
    ...rowsOf(figures, bars).map(([name, value]) => `  ${name.padEnd(28)} ${value}`),
  ];
  return `${lines.join('\n')}\n`;
}

function rowsOf(figures: SimulationFigures, bars: Bars | null): readonly (readonly [string, string])[] {
  const { copiesByCause } = figures;
  const causes = Object.entries(copiesByCause).map(([cause, copies]) => `${cause} ${copies.toFixed(2)}`);
  return [
    ['playedOnTime', judged(figures.playedOnTime, bars?.playedOnTimeMin, 'at least')],
    ['  of those left in peace', String(figures.playedOnTimeOfUntroubled)],
    ['interruptions per hour', String(figures.interruptionsPerListenerHour)],
    ['startup, ms', shown(figures.startupMs)],
    ['latency, ms', judgedPercentiles(figures.latencyMs, bars?.latencyP95MaxMs)],
    ['copies', judged(figures.copies, bars?.copiesMax, 'at most')],
    ['  by cause', causes.join(', ')],
    ['  in the peak second', judged(figures.copiesPeakSecond, bars?.copiesPeakSecondMax, 'at most')],
    ['  in the last third', judged(figures.copiesSettled, bars?.copiesSettledMax, 'at most')],
    ['offload', String(figures.offload)],
    ['duplicateShare', String(figures.duplicateShare)],
    ['controlShare', String(figures.controlShare)],
    ['upload, kbit/s', shown(figures.uploadKbps)],
    ['upload, share of the cap', shown(figures.uploadOfCap)],
    ['  in the busiest 10 s', String(figures.uploadOfCapBusiest)],
    ...figures.treeDepth.map((depth, stripe): readonly [string, string] => [
      `hops in stripe ${stripe}`,
      shown(depth),
    ]),
    ['time to re-parent, ms', shown(figures.reparentMs)],
    ['tracker messages/peer/min', String(figures.trackerMessagesPerPeerMinute)],
    ['tracker connects, peak/s', String(figures.trackerConnectsPeakSecond)],
    ['links that opened', String(figures.linkSuccess)],
    ['joins, departures', `${figures.joins}, ${figures.departures}`],
    ['at the end', `${figures.listenersAtEnd} listeners, ${figures.streamingAtEnd} on an edge's stream`],
    ['peers dropped', `${figures.droppedPeers}, honest ones ${figures.droppedHonestPeers}`],
    ['relays made to rest', String(figures.relaysRested)],
  ];
}

const shown = ({ p50, p95, p99, max }: Percentiles): string =>
  `p50 ${p50 ?? '–'}, p95 ${p95 ?? '–'}, p99 ${p99 ?? '–'}, max ${max ?? '–'}`;

function judged(value: number, bar: number | undefined, sense: 'at least' | 'at most'): string {
  if (bar === undefined) return String(value);
  const holds = sense === 'at least' ? value >= bar : value <= bar;
  return `${value} (${holds ? 'holds' : 'MISSES'}: ${sense} ${bar})`;
}

function judgedPercentiles(figures: Percentiles, p95Max: number | undefined): string {
  if (p95Max === undefined) return shown(figures);
  const holds = figures.p95 !== null && figures.p95 <= p95Max;
  return `${shown(figures)} (${holds ? 'holds' : 'MISSES'}: p95 at most ${p95Max})`;
}
