import { errorText } from '../../error.ts';
import type { Log } from '../../log.ts';
import { byBytes, isMonthOf, isThanksOf, THANKED_MAX, toldThanksListSchema } from '../../relays/thanks.ts';
import type { ToldThanks } from '../../relays/thanks.ts';

const ASK_INTERVAL_MS = 60_000;
const ANSWER_MAX_MS = 5_000;
const ANSWER_LENGTH_MAX = 131_072;

/** Whom the station thanks, as it last told us: each checked, so that a page of ours shows it while the station is away. */
export class KnownThanks {
  readonly #stationKey: string;
  #known: readonly ToldThanks[] = [];

  constructor(stationKey: string) {
    this.#stationKey = stationKey;
  }

  take(relays: readonly ToldThanks[]): void {
    this.#known = relays
      .filter(
        ({ statement, nickname, bytesMonth }) =>
          statement.nickname === nickname &&
          statement.bytes === bytesMonth &&
          isThanksOf(this.#stationKey, statement),
      )
      .slice(0, THANKED_MAX);
  }

  told(unixMs: number): readonly ToldThanks[] {
    return this.#known.filter(({ statement }) => isMonthOf(unixMs, statement.month)).toSorted(byBytes);
  }

  /** Asks the station now and from time to time. Returns how to stop. */
  follow(origin: string, log: Log): () => void {
    const ask = async (): Promise<void> => {
      try {
        const answer = await fetch(`${origin}/api/relays`, { signal: AbortSignal.timeout(ANSWER_MAX_MS) });
        const text = await answer.text();
        const parsed = toldThanksListSchema.safeParse(
          JSON.parse(text.length > ANSWER_LENGTH_MAX ? '' : text),
        );
        if (parsed.success) this.take(parsed.data.relays);
      } catch (error) {
        log.debug({ error: errorText(error) }, 'the station does not tell whom it thanks');
      }
    };
    void ask();
    const timer = setInterval(() => void ask(), ASK_INTERVAL_MS);
    timer.unref();
    return () => clearInterval(timer);
  }
}
