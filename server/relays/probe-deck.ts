import type { RandomSource } from '../../shared/units.ts';

/**
 * Deals each kind once before any comes again, in an order that nobody can foresee: so a relay that leaves out one
 * stripe of one mount is asked for it within two rounds at the latest, and chance cannot spare it for long.
 */
export class ProbeDeck {
  readonly #dealt = new Set<string>();
  readonly #random: RandomSource;

  constructor(random: RandomSource) {
    this.#random = random;
  }

  /** @param kinds what may be asked for now: these may be others each time. Null: there are none. */
  deal(kinds: readonly string[]): string | null {
    let left = kinds.filter((kind) => !this.#dealt.has(kind));
    if (left.length === 0) {
      this.#dealt.clear();
      left = [...kinds];
    }
    const kind = left[Math.floor(this.#random() * left.length)] ?? null;
    if (kind !== null) this.#dealt.add(kind);
    return kind;
  }
}
