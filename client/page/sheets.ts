import type { StationDescription } from '../../shared/station/description.ts';
import { make } from '../player-controls/element.ts';
import { Sheet } from '../player-controls/sheet.ts';
import type { PastTitle } from '../player-controls/title-history.ts';
import type { Strings } from '../strings/strings.ts';
import type { Relaying } from './relaying.ts';
import type { SheetContents, SheetPlaces } from './sheet-contents.ts';
import type { SheetFacts, SheetHandlers } from './sheet-facts.ts';

/**
 * The sheets over the page. Their buttons and frames are there at once, so a press opens one at once; what is in them
 * is loaded when a button is neared or the sound plays, and filled in as soon as it is there.
 */
export class Sheets {
  readonly history = new Sheet('history', () => void this.#fill('history'));
  readonly sleep = new Sheet('sleep', () => void this.#fill('sleep'));
  readonly settings = new Sheet('settings', () => void this.#fill('settings'));
  readonly all = [this.history, this.sleep, this.settings] as const;
  readonly #make: (Contents: typeof SheetContents) => SheetContents;
  #facts: SheetFacts;
  #contents: SheetContents | null = null;

  constructor(strings: Strings, relaying: Relaying, station: StationDescription, handlers: SheetHandlers) {
    this.#facts = { strings, titles: [], minutesLeft: null, mount: null };
    this.#make = (Contents) =>
      new Contents(
        { history: this.history.content, sleep: this.sleep.content, settings: this.settings.content },
        relaying,
        station,
        handlers,
      );
    for (const { button } of this.all)
      for (const nearing of ['pointerenter', 'focus']) button.addEventListener(nearing, () => this.prepare());
  }

  setStrings(strings: Strings): void {
    const { extras, settings } = strings;
    this.history.name(extras.history, settings.close);
    this.sleep.name(extras.sleep, settings.close);
    this.settings.name(settings.title, settings.close);
    this.#change({ strings });
  }

  showTitles(titles: readonly PastTitle[]): void {
    this.#change({ titles });
  }

  showSleepLeft(minutesLeft: number | null): void {
    this.sleep.button.setAttribute('aria-pressed', String(minutesLeft !== null));
    this.#change({ minutesLeft });
  }

  showMount(mount: string | null): void {
    this.#change({ mount });
  }

  /** Loads the content before it is wanted; whoever then opens a sheet is told if that failed. */
  prepare(): void {
    this.#load().catch(() => undefined);
  }

  #change(changes: Partial<SheetFacts>): void {
    this.#facts = { ...this.#facts, ...changes };
    this.#contents?.show(this.#facts);
  }

  async #load(): Promise<SheetContents> {
    if (this.#contents !== null) return this.#contents;
    const { SheetContents: Contents } = await import('./sheet-contents.ts');
    // Another press may have been as fast.
    this.#contents ??= this.#make(Contents);
    return this.#contents;
  }

  async #fill(name: keyof SheetPlaces): Promise<void> {
    try {
      const contents = await this.#load();
      contents.show(this.#facts);
      contents.opened(name);
    } catch {
      for (const { content } of this.all)
        content.replaceChildren(
          make('p', { text: this.#facts.strings.page.broken, attributes: { role: 'alert' } }),
        );
    }
  }
}
