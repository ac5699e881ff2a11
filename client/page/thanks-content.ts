import * as z from 'zod/mini';
import { make, setText } from '../player-controls/element.ts';
import type { SheetFacts } from './sheet-facts.ts';

/** A relay that wants to be named. */
interface ThankedRelay {
  readonly nickname: string;
  readonly bytesMonth: number;
  readonly listeners: number;
}

const answerSchema = z.object({
  relays: z.array(
    z.object({
      nickname: z.string(),
      bytesMonth: z.number(),
      listeners: z.number(),
      /** What it signed. */
      statement: z.object({ stationKey: z.string() }),
    }),
  ),
});

const ASKED_AGAIN_MS = 60_000;
const SHOWN_MAX = 50;

/** Who carries the sound for others without hearing it: asked for when somebody looks, and silent if there are none. */
export class ThanksContent {
  readonly #stationKey: string;
  readonly #title = make('h3', { class: 'thanks-title' });
  readonly #list = make('ul', { class: 'thanks' });
  readonly #section: HTMLElement;
  #relays: readonly ThankedRelay[] = [];
  #strings: SheetFacts['strings'] | null = null;
  #askedAt = -Infinity;

  constructor(content: HTMLElement, stationKey: string) {
    this.#stationKey = stationKey;
    this.#section = make('section', { attributes: { hidden: '' } }, this.#title, this.#list);
    content.append(this.#section);
  }

  show({ strings }: SheetFacts): void {
    if (strings === this.#strings) return;
    this.#strings = strings;
    this.#render();
  }

  /** The sheet has been opened. */
  async refresh(): Promise<void> {
    const now = performance.now();
    if (now - this.#askedAt < ASKED_AGAIN_MS) return;
    this.#askedAt = now;
    this.#relays = await thankedRelays(this.#stationKey);
    this.#render();
  }

  #render(): void {
    this.#section.hidden = this.#relays.length === 0;
    if (this.#strings === null) return;
    const { thanks, relayGives } = this.#strings.settings;
    setText(this.#title, thanks);
    this.#list.replaceChildren(
      ...this.#relays.map(({ nickname, bytesMonth, listeners }) =>
        make(
          'li',
          {},
          make('strong', { text: nickname }),
          make('span', { text: relayGives(bytesMonth, listeners) }),
        ),
      ),
    );
  }
}

/** Those that gave most first. None where the server is away, or is a relay that has not been told. */
async function thankedRelays(stationKey: string): Promise<readonly ThankedRelay[]> {
  try {
    const response = await fetch('./api/relays', { cache: 'no-store' });
    const { relays } = answerSchema.parse(await response.json());
    return relays
      .filter(({ statement }) => statement.stationKey === stationKey)
      .toSorted((left, right) => right.bytesMonth - left.bytesMonth)
      .slice(0, SHOWN_MAX);
  } catch {
    return [];
  }
}
