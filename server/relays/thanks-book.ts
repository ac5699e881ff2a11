import { byBytes, isMonthOf, isThanksOf, tellThanks, THANKED_MAX, TIME_ZONES_MS } from './thanks.ts';
import type { SignedThanks, ToldThanks } from './thanks.ts';

/** Both clocks at one moment. */
export interface ThanksTime {
  readonly unixMs: number;
  /** Nobody sets it. */
  readonly monotonicMs: number;
}

/** No relay has a faster line, whatever it says. */
export const LINE_KBPS_MAX = 10_000_000;
/** Clocks of relays may be wrong by so much. */
export const CLOCK_ERROR_MAX_MS = 3_600_000;
/** A listener has at least one stripe of a mount: no mount is slower. */
const STRIPE_KBPS_MIN = 4;
/** What was sent is told a moment later, and a line may carry a little more than it is meant to. */
const GROWTH_SLACK_MS = 60_000;
const GROWTH_MARGIN = 1.25;
/** Relays that come and go in a month. */
const REMEMBERED_MAX = 2_000;

/**
 * What relays say that they gave this month, as far as it is signed and possible: not more than the line that they
 * state carries, since the month began and since they first said anything. Whether anybody heard it is not known here.
 */
export class ThanksBook {
  readonly #entries = new Map<string, Entry>();

  /** What a relay that has proved its key says; `whyNot` tells whether it can be. */
  take(time: ThanksTime, relayKey: string, stationKey: string, said: SignedThanks): void {
    const known = this.#entries.get(relayKey);
    const goesOn = known?.since.month === said.month && known.since.bytes <= said.bytes;
    const begins = { ...time, month: said.month, bytes: said.bytes };
    const since = known !== undefined && goesOn ? known.since : begins;
    const reason =
      said.relayKey !== relayKey || !isThanksOf(stationKey, said)
        ? 'what it says that it gave is not signed by it'
        : whyImpossible(time, since, said);
    // A total that cannot be is no beginning either.
    const entry =
      reason === null
        ? { said, since, reason: '' }
        : { said: null, since: known?.since ?? { ...begins, bytes: 0 }, reason };
    this.#entries.delete(relayKey);
    this.#entries.set(relayKey, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > REMEMBERED_MAX && oldest !== undefined) this.#entries.delete(oldest);
  }

  /** Why it is not thanked, or empty. */
  whyNot(relayKey: string): string {
    return this.#entries.get(relayKey)?.reason ?? '';
  }

  forget(relayKey: string): void {
    this.#entries.delete(relayKey);
  }

  /** Those of this month. @param isHere whether the relay is connected now */
  told(
    unixMs: number,
    stationKeys: readonly string[],
    isHere: (relayKey: string) => boolean,
  ): readonly ToldThanks[] {
    const told = [...this.#entries.values()].flatMap(({ said }) =>
      said !== null && isMonthOf(unixMs, said.month) && stationKeys.includes(said.stationKey)
        ? [tellThanks(said, isHere(said.relayKey))]
        : [],
    );
    return told.toSorted(byBytes).slice(0, THANKED_MAX);
  }
}

interface Beginning extends ThanksTime {
  readonly month: string;
  readonly bytes: number;
}

interface Entry {
  /** Null: what it said last cannot be. */
  readonly said: SignedThanks | null;
  /** When it first said anything of this month, and how much. */
  readonly since: Beginning;
  /** Why, or empty. */
  readonly reason: string;
}

function whyImpossible(
  { unixMs, monotonicMs }: ThanksTime,
  since: Beginning,
  said: SignedThanks,
): string | null {
  const { uploadMaxKbps, listeners, bytes, month, timeMs } = said;
  const most = (ms: number): number => (uploadMaxKbps / 8) * ms * GROWTH_MARGIN;
  if (Math.abs(timeMs - unixMs) > CLOCK_ERROR_MAX_MS) return 'its clock is wrong by more than an hour';
  if (!isMonthOf(unixMs, month)) return `it speaks of another month, ${month}`;
  if (uploadMaxKbps > LINE_KBPS_MAX) return `it says that its line carries ${uploadMaxKbps} kbit/s`;
  if (listeners * STRIPE_KBPS_MIN > uploadMaxKbps)
    return `it says that ${listeners} listeners hear from a line of ${uploadMaxKbps} kbit/s`;
  if (bytes > most(unixMs + TIME_ZONES_MS - Date.parse(`${month}-01T00:00:00Z`)))
    return 'it says that it gave more in this month than its line carries';
  if (bytes - since.bytes > most(monotonicMs - since.monotonicMs + GROWTH_SLACK_MS))
    return 'it says that it gave more since it came than its line carries';
  return null;
}
