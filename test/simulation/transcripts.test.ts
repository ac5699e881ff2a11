import { describe, expect, test } from 'vitest';
import { DEFAULT_NETWORK } from './network/presets.ts';
import { SCENARIOS } from './scenarios.ts';
import type { Scenario } from './scenarios.ts';
import { Simulation } from './simulation.ts';
import { Transcript } from './transcript.ts';

/**
 * Single engines, step by step, held against what they did before: a change here is a change of behaviour, to be read
 * line by line before it is taken over (`vitest run --project simulation -u`).
 */
describe('the transcript of a listener', () => {
  test('that joins: burst, links, parents, sound', async () => {
    await expectTranscript('joining', steady(), 20, { index: 22, fromMs: 0, forMs: 3_000 });
  });

  test('whose peers leave all around it', async () => {
    await expectTranscript('mass-departure', named('mass-departure'), 20, {
      index: 4,
      fromMs: 38_500,
      forMs: 3_000,
    });
  });

  test('that is a seed', async () => {
    await expectTranscript('seed', steady(), 3, { index: 2, fromMs: 8_000, forMs: 2_000 });
  });
});

interface Excerpt {
  readonly index: number;
  /** Since the listener joined. */
  readonly fromMs: number;
  readonly forMs: number;
}

async function expectTranscript(
  name: string,
  scenario: Scenario,
  peers: number,
  excerpt: Excerpt,
): Promise<void> {
  let transcript: Transcript | null = null;
  const simulation = new Simulation({
    scenario,
    network: DEFAULT_NETWORK,
    peers,
    seed: 11,
    bitrateKbps: 128,
    measuredMs: 30_000,
    onJoin: (listener) => {
      if (listener.index !== excerpt.index) return;
      const from = listener.joinedAt + excerpt.fromMs;
      transcript = new Transcript(from, from + excerpt.forMs);
      listener.watch = transcript.watch;
    },
  });
  simulation.run();
  await expect(String(transcript)).toMatchFileSnapshot(`golden/${name}.txt`);
}

function named(name: string): Scenario {
  const scenario = SCENARIOS.find((each) => each.name === name);
  if (scenario === undefined) throw new RangeError(`Cannot run a scenario as it is one of ours: ${name}`);
  return scenario;
}

const steady = (): Scenario => ({ ...named('steady'), sessionMeanMs: 120_000 });
