import { edgeAddresses } from '../../shared/station/addresses.ts';
import { stationDescriptionSchema } from '../../shared/station/description.ts';
import type { StationDescription } from '../../shared/station/description.ts';
import type { Clock } from '../listener/environment.ts';
import { hedged } from '../listener/hedged.ts';

/** The next edge is asked as well when one has not answered by then. */
export const DESCRIPTION_HEDGE_MS = 1_000;
export const DESCRIPTION_TIMEOUT_MS = 5_000;

/**
 * What a station says of itself now, from whichever of its edges answers: a page may be old, and the edge that it came
 * from gone. Edges that are named on the way are asked as well from then on, after those that came with the page.
 */
export class StationDirectory {
  readonly #station: StationDescription;
  readonly #clock: Clock;
  readonly #fetch: typeof globalThis.fetch;
  #edges: readonly string[];

  /** @param station as it came with the page, whose key is trusted */
  constructor(station: StationDescription, clock: Clock, fetch: typeof globalThis.fetch) {
    this.#station = station;
    this.#clock = clock;
    this.#fetch = fetch;
    this.#edges = edgeAddresses(station.edges);
  }

  /** Best first. */
  get edges(): readonly string[] {
    return this.#edges;
  }

  /** Null if no edge answers with a description of this station. */
  async present(): Promise<StationDescription | null> {
    const edges = this.#edges;
    const outcome = await hedged(
      edges.length,
      DESCRIPTION_HEDGE_MS,
      this.#clock,
      async (turn, controller) => {
        const cancel = this.#clock.after(DESCRIPTION_TIMEOUT_MS, () => {
          controller.abort();
        });
        try {
          return await this.#ask(edges[turn] ?? '', controller.signal);
        } finally {
          cancel();
        }
      },
    );
    if (outcome.index === null) return null;
    this.#edges = edgeAddresses([...this.#station.edges, ...outcome.result.edges]);
    return outcome.result;
  }

  async #ask(edge: string, signal: AbortSignal): Promise<StationDescription> {
    const fetch = this.#fetch;
    const response = await fetch(`${edge}/api/stations/${this.#station.id}`, { signal, cache: 'no-store' });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    const parsed = stationDescriptionSchema.safeParse(await response.json());
    if (!parsed.success) throw new Error('sent something else');
    // Another station may have taken over a relay's address, or a relay may pretend to be ours.
    if (parsed.data.publicKey !== this.#station.publicKey) throw new Error('described another station');
    return parsed.data;
  }
}
