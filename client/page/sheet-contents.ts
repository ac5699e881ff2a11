import type { StationDescription } from '../../shared/station/description.ts';
import { HistoryContent } from './history-content.ts';
import type { Relaying } from './relaying.ts';
import { SettingsContent } from './settings-content.ts';
import type { SheetFacts, SheetHandlers } from './sheet-facts.ts';
import { SleepContent } from './sleep-content.ts';
import { ThanksContent } from './thanks-content.ts';

/** Where each sheet's content goes. */
export type SheetPlaces = Readonly<Record<'history' | 'sleep' | 'settings', HTMLElement>>;

/** What is in the sheets: a file of its own, which the page loads at the first wish to see one of them. */
export class SheetContents {
  readonly #thanks: ThanksContent;
  readonly #contents: readonly { show(facts: SheetFacts): void }[];

  constructor(
    places: SheetPlaces,
    relaying: Relaying,
    { publicKey, mounts }: StationDescription,
    handlers: SheetHandlers,
  ) {
    const settings = new SettingsContent(places.settings, relaying, mounts, handlers);
    this.#thanks = new ThanksContent(places.settings, publicKey);
    this.#contents = [
      new HistoryContent(places.history),
      new SleepContent(places.sleep, handlers),
      settings,
      this.#thanks,
    ];
  }

  /** A sheet has been opened. */
  opened(name: keyof SheetPlaces): void {
    if (name === 'settings') void this.#thanks.refresh();
  }

  show(facts: SheetFacts): void {
    for (const content of this.#contents) content.show(facts);
  }
}
