import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { plotOf } from '../../simulation/plot.ts';
import type { Percentiles, SecondFigures, SimulationResult } from '../../simulation/result.ts';
import { SCENARIOS } from '../../simulation/scenarios.ts';
import type { Bars } from '../../simulation/scenarios.ts';

const SUBJECT: { readonly about: string; readonly bars: Bars } = {
  about: 'half of them leave & come <back>',
  bars: { playedOnTimeMin: 0.999, copiesMax: 40, latencyP95MaxMs: 3_500 },
};

test('The same result gives the same bytes, whatever was drawn before', () => {
  const first = plotOf(result(), SUBJECT);
  plotOf(result([]), SUBJECT);
  expect(plotOf(result(), SUBJECT)).toBe(first);
});

test('The same result gives the same bytes in another process', () => {
  const module = new URL('../../simulation/plot.ts', import.meta.url).href;
  const script = `
    import { plotOf } from ${JSON.stringify(module)};
    process.stdout.write(plotOf(${JSON.stringify(result())}, ${JSON.stringify(SUBJECT)}));`;
  const other = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  expect(other).toBe(plotOf(result(), SUBJECT));
});

test('Every cause is named, with its average', () => {
  const words = wordsOf(plotOf(result(), SUBJECT));
  for (const [cause, copies] of Object.entries(result().figures.copiesByCause))
    expect(words).toContain(`${cause}: ${copies} on average`);
});

test('Every event of a result is named, with its time', () => {
  const words = wordsOf(plotOf(result(), SUBJECT));
  expect(words).toContain('the tracker is gone (at 10 s)');
  expect(words).toContain('the tracker is back (at 11 s)');
});

test('Every event of a scenario has words of its own', () => {
  for (const { events = [] } of SCENARIOS) {
    const labels = events.map(({ label }) => label.trim());
    expect(labels).not.toContain('');
    expect(new Set(labels).size).toBe(labels.length);
  }
});

test('The heading says what was simulated, and which goal is missed', () => {
  const words = wordsOf(plotOf(result(), SUBJECT));
  expect(words).toContain('made-up: half of them leave &amp; come &lt;back&gt;');
  expect(words.join('\n')).toMatch(/1,200 peers.*96 kbit\/s.*network “lossy”.*seed 11/u);
  expect(words).toContain('goal: at least 99.9 % ✓');
  expect(words).toContain('goal: at most 40 ✗ missed');
});

test('Words on the axis of sound that was there in time are its values', () => {
  const words = wordsOf(plotOf(result(), SUBJECT));
  expect(words.filter((word) => /^\d+(\.\d+)? %$/u.test(word))).toEqual(
    expect.arrayContaining(['99.5 %', '99.75 %', '100 %']),
  );
});

test('A peak far above the rest does not flatten the rest, and is said in words', () => {
  const seconds = timeline(30).map((second) =>
    second.second === 20
      ? { ...second, copiesByCause: { seed: 3, burst: 996, repair: 0.5, fallback: 0.5 } }
      : second,
  );
  const words = wordsOf(plotOf(result(seconds), SUBJECT));
  expect(words).toContain('▲ up to 1,000 copies');
  expect(words.filter((word) => /^\d+$/u.test(word)).map(Number)).not.toContain(1_000);
});

test.each([0, 1])('A timeline of %i seconds can be drawn', (length) => {
  const svg = plotOf({ ...result(timeline(length)), warmUpMs: 0, measuredMs: length * 1000 }, SUBJECT);
  expect(svg).toMatch(/^<svg .*<\/svg>$/su);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/u);
});

test('Seconds in which nobody heard anything can be drawn', () => {
  const silent = timeline(30).map((second) => ({
    ...second,
    listeners: 0,
    copiesByCause: { seed: 0, burst: 0, repair: 0, fallback: 0 },
    playedOnTime: null,
    latencyP50Ms: null,
    latencyP95Ms: null,
  }));
  expect(plotOf(result(silent), SUBJECT)).not.toMatch(/NaN|Infinity|undefined/u);
});

/** Each text of a drawing, as it stands in the document. */
const wordsOf = (svg: string): readonly string[] =>
  [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/gu)].map(([, words = '']) => words);

function timeline(seconds: number): readonly SecondFigures[] {
  return Array.from({ length: seconds }, (_, second) => ({
    second,
    listeners: 100 + second,
    copiesByCause: { seed: 3, burst: second % 3, repair: 0.5, fallback: 0.25 },
    playedOnTime: second === 15 ? 0.9961 : 1,
    latencyP50Ms: second === 0 ? null : 2_500,
    latencyP95Ms: second === 0 ? null : 2_600 + second,
    joins: 1,
    departures: 0,
  }));
}

function result(seconds: readonly SecondFigures[] = timeline(30)): SimulationResult {
  const some: Percentiles = { p50: 2_500, p95: 2_700, p99: 2_800, max: 3_000 };
  return {
    scenario: 'made-up',
    network: 'lossy',
    peers: 1_200,
    seed: 11,
    bitrateKbps: 96,
    warmUpMs: 10_000,
    measuredMs: 20_000,
    events: [
      { atMs: 10_000, label: 'the tracker is gone' },
      { atMs: 11_000, label: 'the tracker is back' },
    ],
    figures: {
      playedOnTime: 0.99987,
      chunksDue: 1_000,
      interruptionsPerListenerHour: 0,
      startupMs: some,
      latencyMs: some,
      copies: 41.5,
      copiesByCause: { seed: 3, burst: 38.1, repair: 0.2, fallback: 0.4 },
      copiesPeakSecond: 60,
      copiesSettled: 4,
      offload: 0.98,
      duplicateShare: 0.01,
      controlShare: 0.01,
      uploadKbps: some,
      uploadOfCap: some,
      uploadOfCapBusiest: 1,
      treeDepth: [some],
      reparentMs: some,
      trackerMessagesPerPeerMinute: 1,
      trackerConnectsPeakSecond: 1,
      linkSuccess: 1,
      joins: 1,
      departures: 1,
      listenersAtEnd: 1,
      streamingAtEnd: 0,
      droppedPeers: 0,
      droppedHonestPeers: 0,
      relaysRested: 0,
      playedOnTimeOfUntroubled: 1,
    },
    timeline: seconds,
  };
}
