import { cpuSecondsOf } from '../process-usage.ts';
import { rounded, sleep } from './section.ts';
import type { Row, Section, SectionOptions } from './section.ts';
import { startServerChild } from '../server-child.ts';

const FETCHERS = 16;
const BURST_SECONDS = 5;
/** The burst must be whole before it is measured. */
const FILL_TIMEOUT_MS = 30_000;

/** How fast a server answers listeners who join: bursts over HTTP, as fast as they come. */
export const burstSection: Section = {
  name: 'burst',
  title: `HTTP bursts of ${BURST_SECONDS} s, ${FETCHERS} at a time (clients on the same machine)`,
  run: measure,
};

async function measure({ quick, progress }: SectionOptions): Promise<readonly Row[]> {
  const server = await startServerChild({ webrtc: false });
  try {
    const url = `${server.url}/api/mounts/${server.mountId}/burst?seconds=${BURST_SECONDS}`;
    progress('filling the window');
    await untilFull(`${server.url}/api/mounts/${server.mountId}/burst`);
    progress('fetching');
    await fetchFor(url, 500);
    const cpuBefore = cpuSecondsOf(server.pid);
    const { latenciesMs, bytes, seconds } = await fetchFor(url, quick ? 1_000 : 8_000);
    const cpuSeconds = cpuSecondsOf(server.pid) - cpuBefore;
    const sorted = latenciesMs.toSorted((left, right) => left - right);
    const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
    return [
      {
        of: `fetchers${FETCHERS}`,
        figures: {
          requestsPerSecond: rounded(latenciesMs.length / seconds),
          responseBytesMean: rounded(bytes / latenciesMs.length),
          responseP50Ms: rounded(at(0.5), 1),
          responseP95Ms: rounded(at(0.95), 1),
          serverCpuMsPerRequest: rounded((cpuSeconds * 1000) / latenciesMs.length, 2),
        },
      },
    ];
  } finally {
    await server.stop();
  }
}

/**
 * Ours is whole when the window holds more than it. The whole window is asked for first: a chunk that is made in
 * between can then only make ours look larger.
 */
async function untilFull(url: string): Promise<void> {
  const until = performance.now() + FILL_TIMEOUT_MS;
  while (performance.now() < until) {
    const all = await sizeOf(`${url}?seconds=30`);
    const ours = await sizeOf(`${url}?seconds=${BURST_SECONDS}`);
    if (all > ours) return;
    await sleep(250);
  }
  throw new Error(
    `Cannot measure bursts as the window must fill within ${FILL_TIMEOUT_MS} ms: current value is too little`,
  );
}

async function sizeOf(url: string): Promise<number> {
  const response = await fetch(url);
  if (!response.ok)
    throw new Error(`Cannot measure bursts as they must be given: current value is ${response.status}`);
  return (await response.arrayBuffer()).byteLength;
}

interface Fetched {
  readonly latenciesMs: readonly number[];
  readonly bytes: number;
  readonly seconds: number;
}

async function fetchFor(url: string, durationMs: number): Promise<Fetched> {
  const latenciesMs: number[] = [];
  let bytes = 0;
  const started = performance.now();
  const fetcher = async (): Promise<void> => {
    while (performance.now() - started < durationMs) {
      const asked = performance.now();
      // Not `bytes += await …`: that adds to what it was before the wait, and the others' bytes are lost.
      const size = await sizeOf(url);
      bytes += size;
      latenciesMs.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: FETCHERS }, fetcher));
  return { latenciesMs, bytes, seconds: (performance.now() - started) / 1000 };
}
