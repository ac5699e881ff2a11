import { unixMillis } from '../../shared/units.ts';
import type { RandomSource } from '../../shared/units.ts';
import type { LiveStation } from '../edge/live-station.ts';
import { ProbeDeck } from './probe-deck.ts';
import { probeRelay, whyNotReachable } from './probe.ts';
import { FAILURES_TO_DROP } from './relay-register.ts';
import type { RelayEntry, RelayRegister } from './relay-register.ts';

/** Probes of one relay: this far apart, and sooner after a failure, so that it is noticed within 5 s. */
export const PROBE_INTERVAL_MS = 1_500;
export const PROBE_AGAIN_MS = 400;
/** One that keeps failing is asked ever more rarely. */
const PROBE_INTERVAL_MAX_MS = 60_000;

export interface ProbeRoundsOptions {
  readonly register: RelayRegister;
  readonly stations: readonly LiveStation[];
  /** From where the relay has connected to us. */
  readonly addressOf: (entry: RelayEntry) => string;
  /** A result stands in the register. */
  readonly onProbed: () => void;
  readonly random: RandomSource;
}

/** Probes each relay with an address again and again, and enters in the register what came of it. */
export class ProbeRounds {
  readonly #options: ProbeRoundsOptions;
  /** By relay key. */
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #decks = new Map<string, ProbeDeck>();

  constructor(options: ProbeRoundsOptions) {
    this.#options = options;
  }

  /** The next probe is now. */
  begin(relayKey: string): void {
    this.#after(relayKey, 0);
  }

  /** A probe that is under way changes nothing any more. */
  end(relayKey: string): void {
    clearTimeout(this.#timers.get(relayKey));
    this.#timers.delete(relayKey);
    this.#decks.delete(relayKey);
  }

  close(): void {
    for (const relayKey of this.#timers.keys()) this.end(relayKey);
  }

  #after(relayKey: string, ms: number): void {
    clearTimeout(this.#timers.get(relayKey));
    const timer = setTimeout(() => void this.#probe(relayKey), ms);
    timer.unref();
    this.#timers.set(relayKey, timer);
  }

  async #probe(relayKey: string): Promise<void> {
    const { register, stations, addressOf, onProbed, random } = this.#options;
    const entry = register.entries.find((candidate) => candidate.relayKey === relayKey);
    const station = stations.find(({ id }) => id === entry?.stationId);
    if (entry === undefined || station === undefined || entry.publicUrl === null) {
      this.end(relayKey);
      return;
    }
    const { publicUrl, probe } = entry;
    const isNew = (probe?.successesInARow ?? 0) === 0;
    const unreachable = isNew && !entry.isFed ? await whyNotReachable(publicUrl, addressOf(entry)) : null;
    const result =
      unreachable === null
        ? await probeRelay(
            { relayKey, publicUrl, isNew },
            {
              mounts: station.mounts.filter(({ id }) => entry.mountIds?.includes(id) ?? true),
              random,
              deck: this.#deckOf(relayKey),
              now: () => unixMillis(Date.now()),
              clock: () => performance.now(),
              fetch: globalThis.fetch,
            },
          )
        : { ok: false as const, fault: 'wrong' as const, reason: unreachable };
    if (!this.#timers.has(relayKey)) return;
    register.probed(performance.now(), relayKey, publicUrl, result);
    onProbed();
    const failures = register.entries.find((candidate) => candidate.relayKey === relayKey)?.probe
      ?.failuresInARow;
    this.#after(relayKey, nextProbeMs(failures ?? 0));
  }

  #deckOf(relayKey: string): ProbeDeck {
    const deck = this.#decks.get(relayKey) ?? new ProbeDeck(this.#options.random);
    this.#decks.set(relayKey, deck);
    return deck;
  }
}

function nextProbeMs(failuresInARow: number): number {
  if (failuresInARow === 0) return PROBE_INTERVAL_MS;
  if (failuresInARow < FAILURES_TO_DROP) return PROBE_AGAIN_MS;
  return Math.min(PROBE_INTERVAL_MAX_MS, PROBE_INTERVAL_MS * 2 ** (failuresInARow - FAILURES_TO_DROP));
}
