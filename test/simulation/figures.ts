import { STRIPES } from '../../shared/units.ts';
import { Histogram } from './histogram.ts';
import type { Measures } from './measures.ts';
import { copiesOf, percentilesOf, percentilesOfList, round } from './measures.ts';
import { watchedUpload } from './participant.ts';
import { depthsOf } from './parent-watch.ts';
import type { SimulationFigures, SimulationResult, TimedEvent } from './result.ts';
import type { Scenario } from './scenarios.ts';
import type { Simulation } from './simulation.ts';
import { meanKbps } from './upload-watch.ts';
import type { WatchedUpload } from './upload-watch.ts';

/** The figures of a run that has ended. */
export function resultOf(simulation: Simulation): SimulationResult {
  const { scenario, network, peers, seed, bitrateKbps, measuredMs } = simulation.options;
  return {
    scenario: scenario.name,
    network: network.name,
    peers,
    seed,
    bitrateKbps,
    warmUpMs: simulation.warmUpMs,
    measuredMs,
    events: eventsOf(scenario, measuredMs),
    figures: figuresOf(simulation),
    timeline: simulation.measures.timeline,
  };
}

/** A crowd that comes is an event as well. */
function eventsOf({ events = [], crowdShare }: Scenario, measuredMs: number): readonly TimedEvent[] {
  const crowd = crowdShare === undefined ? [] : [{ at: crowdShare, label: 'everybody has come' }];
  return [...crowd, ...events].map(({ at, label }) => ({ atMs: Math.round(at * measuredMs), label }));
}

function figuresOf(simulation: Simulation): SimulationFigures {
  const { measures, links, options, time } = simulation;
  const peerMinutes = measures.listenedMs / 60_000;
  const present = [...simulation.participants.values()];
  const uploads = present.map((participant) => watchedUpload(participant, time.now));
  return {
    ...protocolFiguresOf(measures, [...uploads, ...simulation.uploadsOfGone], options.measuredMs),
    treeDepth: STRIPES.map((stripe) => {
      const depths = new Histogram(1, 100);
      for (const depth of depthsOf(simulation.watches, stripe)) depths.add(depth);
      return percentilesOf(depths);
    }),
    reparentMs: percentilesOf(measures.reparentMs),
    trackerMessagesPerPeerMinute: round(measures.trackerMessages / peerMinutes, 3),
    trackerConnectsPeakSecond: measures.trackerConnectsPeak,
    linkSuccess: share(links.opened / 2, links.attempts),
    listenersAtEnd: present.length,
    streamingAtEnd: present.filter(({ requests }) => requests.isStreaming).length,
    droppedPeers: measures.droppedPeers,
    droppedHonestPeers: measures.droppedHonestPeers,
    relaysRested: measures.relaysRested,
    playedOnTimeOfUntroubled: share(measures.inTimeUntroubled, measures.dueUntroubled),
  };
}

/** What can be said of every way to bring the stream to its listeners. */
export type ProtocolFigures = Pick<
  SimulationFigures,
  | 'playedOnTime'
  | 'chunksDue'
  | 'interruptionsPerListenerHour'
  | 'startupMs'
  | 'latencyMs'
  | 'copies'
  | 'copiesByCause'
  | 'copiesPeakSecond'
  | 'copiesSettled'
  | 'offload'
  | 'duplicateShare'
  | 'controlShare'
  | 'uploadKbps'
  | 'uploadOfCap'
  | 'uploadOfCapBusiest'
  | 'joins'
  | 'departures'
>;

export function protocolFiguresOf(
  measures: Measures,
  uploads: readonly WatchedUpload[],
  measuredMs: number,
): ProtocolFigures {
  const measured = measures.timeline.slice(-Math.ceil(measuredMs / 1000));
  const copiesByCause = measures.copies(measures.edgeBytes, measuredMs / 1000);
  const edgeBytes = Object.values(measures.edgeBytes).reduce((sum, bytes) => sum + bytes, 0);
  const settled = measured.slice(-Math.ceil(measured.length / 3));
  const listenerHours = measures.listenedMs / 3_600_000;
  const received = measures.chunkBytesDelivered + edgeBytes;
  return {
    playedOnTime: share(measures.inTime, measures.due),
    chunksDue: measures.due,
    interruptionsPerListenerHour: round(measures.interruptions / listenerHours, 4),
    startupMs: percentilesOf(measures.startupMs),
    latencyMs: percentilesOf(measures.latencyMs),
    copies: round(copiesOf(copiesByCause), 3),
    copiesByCause,
    copiesPeakSecond: round(Math.max(0, ...measured.map((second) => copiesOf(second.copiesByCause))), 2),
    copiesSettled: round(
      settled.reduce((sum, second) => sum + copiesOf(second.copiesByCause), 0) / settled.length,
      3,
    ),
    offload: share(measures.chunkBytesDelivered, received),
    duplicateShare: share(measures.duplicateBytes, received),
    controlShare: share(measures.controlBytesDelivered, received),
    ...uploadOf(uploads, measures.measuringSince ?? 0),
    joins: measures.joins,
    departures: measures.departures,
  };
}

function uploadOf(
  uploads: readonly WatchedUpload[],
  measuringSince: number,
): Pick<SimulationFigures, 'uploadKbps' | 'uploadOfCap' | 'uploadOfCapBusiest'> {
  const stayed = uploads.flatMap((watched) => {
    const kbps = meanKbps(watched, measuringSince);
    return kbps === null ? [] : [{ kbps, upload: watched.upload }];
  });
  const capped = stayed.filter(({ upload }) => upload.capKbps > 0);
  return {
    uploadKbps: percentilesOfList(stayed.map(({ kbps }) => kbps)),
    uploadOfCap: percentilesOfList(capped.map(({ kbps, upload }) => kbps / upload.capKbps)),
    uploadOfCapBusiest: round(
      capped.reduce((most, { upload }) => Math.max(most, upload.busiestKbps / upload.capKbps), 0),
      3,
    ),
  };
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : round(part / whole, 6));
