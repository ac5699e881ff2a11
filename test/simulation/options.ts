import { parseArgs } from 'node:util';
import { DEFAULT_NETWORK, NETWORK_PRESETS } from './network/presets.ts';
import type { NetworkPreset } from './network/presets.ts';
import { SCENARIOS } from './scenarios.ts';
import type { Scenario } from './scenarios.ts';

export interface SimulateOptions {
  readonly scenarios: readonly Scenario[];
  readonly network: NetworkPreset;
  readonly peers: number;
  readonly minutes: number;
  readonly seed: number;
  /** Null: the scenario's own. */
  readonly bitrateKbps: number | null;
  readonly jsonFile: string | null;
  readonly plotFile: string | null;
}

export const USAGE = `npm run simulate -- [--peers 10000] [--minutes 3] [--seed 7] [--scenario steady|…|all]
                   [--bitrate 128] [--network internet] [--json FILE] [--plot FILE.svg]

scenarios: ${SCENARIOS.map(({ name }) => name).join(', ')}
networks:  ${NETWORK_PRESETS.map(({ name, about }) => `${name} (${about})`).join('\n           ')}`;

/** @throws RangeError or TypeError that says what is wrong with the arguments. */
export function parseSimulateOptions(args: readonly string[]): SimulateOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      peers: { type: 'string', default: '10000' },
      minutes: { type: 'string', default: '3' },
      seed: { type: 'string', default: '7' },
      scenario: { type: 'string', default: 'steady' },
      bitrate: { type: 'string' },
      network: { type: 'string', default: DEFAULT_NETWORK.name },
      json: { type: 'string' },
      plot: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    scenarios: values.scenario === 'all' ? SCENARIOS : [named(SCENARIOS, values.scenario, 'scenario')],
    network: named(NETWORK_PRESETS, values.network, 'network'),
    peers: number(values.peers, 'peers', 1, 100_000, true),
    minutes: number(values.minutes, 'minutes', 0.1, 600, false),
    seed: number(values.seed, 'seed', 0, 2 ** 31, true),
    bitrateKbps: values.bitrate === undefined ? null : number(values.bitrate, 'bitrate', 8, 1_000, true),
    jsonFile: values.json ?? null,
    plotFile: values.plot ?? null,
  };
}

function named<Named extends { readonly name: string }>(
  all: readonly Named[],
  name: string,
  what: string,
): Named {
  const found = all.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = all.map((each) => each.name).join(', ');
  throw new RangeError(`Cannot simulate a ${what} as it is one of ${names}: current value is ${name}`);
}

function number(text: string, what: string, min: number, max: number, whole: boolean): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  const kind = whole ? 'a whole number' : 'a number';
  throw new RangeError(`Cannot read --${what} as ${kind} from ${min} to ${max}: current value is ${text}`);
}
