import type { MountDescription } from '../../shared/station/description.ts';
import { HistoryContent } from './history-content.ts';
import type { Relaying } from './relaying.ts';
import { SettingsContent } from './settings-content.ts';
import type { SheetFacts, SheetHandlers } from './sheet-facts.ts';
import { SleepContent } from './sleep-content.ts';

/** Where each sheet's content goes. */
export type SheetPlaces = Readonly<Record<'history' | 'sleep' | 'settings', HTMLElement>>;

/** What is in the sheets: a file of its own, which the page loads at the first wish to see one of them. */
export class SheetContents {
  readonly #contents: readonly { show(facts: SheetFacts): void }[];

  constructor(
    places: SheetPlaces,
    relaying: Relaying,
    mounts: readonly MountDescription[],
    handlers: SheetHandlers,
  ) {
    this.#contents = [
      new HistoryContent(places.history),
      new SleepContent(places.sleep, handlers),
      new SettingsContent(places.settings, relaying, mounts, handlers),
    ];
  }

  show(facts: SheetFacts): void {
    for (const content of this.#contents) content.show(facts);
  }
}
