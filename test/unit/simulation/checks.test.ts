import { describe, expect, test } from 'vitest';
import type { EngineInput, EngineOutput } from '../../../shared/swarm/engine-io.ts';
import { millis } from '../../../shared/units.ts';
import type { Millis } from '../../../shared/units.ts';
import { encodeWire } from '../../../shared/wire/wire-codec.ts';
import { GenuineChunks } from '../../simulation/genuine-chunks.ts';
import { Invariants } from '../../simulation/invariants.ts';
import type { Checked } from '../../simulation/invariants.ts';
import { INPUTS_PER_TURN_MAX } from '../../simulation/listener-model.ts';
import { DEFAULT_NETWORK } from '../../simulation/network/presets.ts';
import { PlaybackWatch } from '../../simulation/playback-watch.ts';
import { SCENARIOS } from '../../simulation/scenarios.ts';
import { Simulation } from '../../simulation/simulation.ts';
import { EVENTS_PER_INSTANT_MAX, VirtualTime } from '../../simulation/virtual-time.ts';
import { CHUNK_MS, VirtualOrigin } from '../../support/virtual-origin.ts';

/** Each check of the simulation, against an engine that does what the check forbids. */

type Step = (now: Millis, input: EngineInput) => readonly EngineOutput[];

/** Runs a small swarm whose engines all do as `sabotage` says. */
function runWith(sabotage: (step: Step) => Step, scenarioName = 'steady'): void {
  const scenario = SCENARIOS.find(({ name }) => name === scenarioName);
  if (scenario === undefined)
    throw new RangeError(`Cannot run a scenario as it is one of ours: ${scenarioName}`);
  const simulation = new Simulation({
    scenario,
    network: DEFAULT_NETWORK,
    peers: 40,
    seed: 5,
    bitrateKbps: 128,
    measuredMs: 5_000,
    onJoin: ({ engine }) => {
      engine.handle = sabotage(engine.handle.bind(engine));
    },
  });
  simulation.run();
}

/** What the engine says, with `change` made to each output. */
const saying =
  (change: (output: EngineOutput) => readonly EngineOutput[]) =>
  (step: Step): Step =>
  (now, input) =>
    step(now, input).flatMap(change);

/** A forged chunk is as good as any. */
const credulous = (step: Step): Step => {
  return (now, input) => step(now, input.type === 'verified' ? { ...input, genuine: true } : input);
};

/** It goes on sending for a moment. */
const blind = (step: Step): Step => {
  return (now, input) => {
    const outputs = step(now, input);
    if (input.type !== 'linkClosed') return outputs;
    return [...outputs, { type: 'send', peerId: input.peerId, data: new Uint8Array(1) }];
  };
};

test('a run with engines that do nothing wrong ends', () => {
  expect(() => runWith((step) => step, 'polluters')).not.toThrow();
});

describe('a run fails as soon as an engine', () => {
  test('takes every chunk for genuine: it is passed on or played', () => {
    expect(() => runWith(credulous, 'polluters')).toThrow(/Cannot (relay|play) a chunk as/);
  });

  test('plays what has not been verified', () => {
    const hasty = saying((output) =>
      output.type === 'verify'
        ? [{ type: 'play', chunk: output.chunk, skipped: 0, dueAt: millis(0) }, output]
        : [output],
    );
    expect(() => runWith(hasty)).toThrow(/Cannot play a chunk as each is verified first/);
  });

  test('plays a chunk twice', () => {
    const stammering = saying((output) => (output.type === 'play' ? [output, output] : [output]));
    expect(() => runWith(stammering)).toThrow(/each is played once, in order/);
  });

  test('sends to a peer whose link is closed', () => {
    expect(() => runWith(blind, 'mass-departure')).toThrow(/Cannot send as the link must be open/);
  });

  test('has its chunks verified again and again within one turn', () => {
    const restless = (step: Step): Step => {
      return (now, input) => {
        const outputs = step(now, input);
        const verify = outputs.find(({ type }) => type === 'verify');
        last = verify ?? last;
        return input.type === 'verified' && last !== null ? [...outputs, last] : outputs;
      };
    };
    let last: EngineOutput | null = null;
    expect(() => runWith(restless)).toThrow(new RegExp(`takes at most ${INPUTS_PER_TURN_MAX} inputs`));
  });
});

const holding = (name: string, size: number, limit: number): Checked => ({
  index: 7,
  machine: { uploadCapKbps: 320 },
  collections: () => [{ name, size, limit }],
});

describe('what an engine holds', () => {
  const invariants = new Invariants(128);

  test('may reach each limit, and not pass it', () => {
    expect(() => invariants.check(holding('repairs', 64, 64))).not.toThrow();
    expect(() => invariants.check(holding('repairs', 65, 64))).toThrow(
      'Cannot hold repairs as 64 are the most: current value is 65 at listener 7',
    );
  });

  test('of children may fill its upload cap and not pass it, whatever it thinks of the cap', () => {
    expect(() => invariants.check(holding('children', 10, 32))).not.toThrow();
    expect(() => invariants.check(holding('children', 11, 32))).toThrow(
      'Cannot have children as they take 320 kbit/s at most: current value is 11, which take 352, at listener 7',
    );
  });

  test('is looked at of everybody within ten seconds', () => {
    const seen: number[] = [];
    const listeners = Array.from({ length: 25 }, (_, index) => ({
      ...holding('repairs', 0, 64),
      index,
      collections: () => (seen.push(index), []),
    }));
    for (let second = 0; second < 10; second += 1) invariants.checkSome(listeners, second);
    expect(seen.toSorted((left, right) => left - right)).toEqual(listeners.map(({ index }) => index));
  });
});

test('a chunk message is the origin’s only if every byte is', () => {
  const chunks = new GenuineChunks();
  const chunk = new VirtualOrigin(128).produce(0);
  chunks.add(chunk);
  const message = encodeWire({ type: 'chunk', wire: chunk.wire });
  expect(chunks.shared(message)).toBe(message);
  for (const at of [1, 40, message.length - 1]) {
    const forged = message.slice();
    forged[at] = (forged[at] ?? 0) ^ 1;
    expect(chunks.shared(forged)).toBe('forged');
  }
  expect(chunks.shared(message.slice(0, -1))).toBe('forged');
});

test('a chunk that is played before or after its turn is found out', () => {
  const origin = new VirtualOrigin(128);
  const [first, second, third] = [0, 1, 2].map((number) => origin.produce(number * CHUNK_MS));
  const play = (watch: PlaybackWatch, chunk = first): void => {
    if (chunk === undefined) throw new Error('Cannot play a chunk as there are three');
    watch.played(0, { type: 'play', chunk, skipped: 0, dueAt: millis(0) });
  };
  const watch = new PlaybackWatch();
  play(watch, first);
  play(watch, third);
  expect(() => play(watch, second)).toThrow('Cannot play chunk 1 as each is played once, in order');
  expect(() => play(watch, third)).toThrow('Cannot play chunk 2 as each is played once, in order');
});

describe('virtual time', () => {
  test('passes its events in order, those of one instant as they were asked for', () => {
    const time = new VirtualTime(0);
    const seen: string[] = [];
    for (const [at, name] of [
      [20, 'c'],
      [10, 'a'],
      [10, 'b'],
    ] as const)
      time.at(at, () => seen.push(`${name} at ${time.now}`));
    time.runUntil(30);
    expect(seen).toEqual(['a at 10', 'b at 10', 'c at 20']);
    expect(time.now).toBe(30);
  });

  test('stops at an instant that does not end', () => {
    const time = new VirtualTime(0);
    const again = (): void => time.after(0, again);
    again();
    expect(() => time.runUntil(1)).toThrow(`an instant has at most ${EVENTS_PER_INSTANT_MAX} events`);
  });
});
