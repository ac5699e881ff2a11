import { make, setText } from '../player-controls/element.ts';
import { Sheet } from '../player-controls/sheet.ts';
import type { Strings } from '../strings/strings.ts';

const MINUTES = [10, 20, 30, 45, 60, 90] as const;
const OFF = '';

/** After how long the sound fades out; what is left is said in the sheet. */
export class SleepSheet {
  readonly sheet = new Sheet('sleep');
  readonly #select = make('select', { class: 'es-select', id: 'sleep' });
  readonly #label = make('span');
  readonly #left = make('p', { class: 'es-quiet', attributes: { role: 'status' } });
  #strings: Strings;
  #minutesLeft: number | null = null;

  /** @param onChoose minutes; null: off. */
  constructor(strings: Strings, onChoose: (minutes: number | null) => void) {
    this.#strings = strings;
    this.sheet.content.append(make('label', { class: 'field' }, this.#label, this.#select), this.#left);
    this.#select.addEventListener('change', () =>
      onChoose(this.#select.value === OFF ? null : Number(this.#select.value)),
    );
    this.setStrings(strings);
  }

  showLeft(minutes: number | null): void {
    this.#minutesLeft = minutes;
    if (minutes === null) this.#select.value = OFF;
    this.sheet.button.setAttribute('aria-pressed', String(minutes !== null));
    setText(this.#left, minutes === null ? '' : this.#strings.extras.sleepLeft(minutes));
  }

  setStrings(strings: Strings): void {
    this.#strings = strings;
    const { extras, settings } = strings;
    const chosen = this.#select.value;
    this.sheet.name(extras.sleep, settings.close);
    setText(this.#label, extras.sleep);
    this.#select.replaceChildren(
      new Option(extras.sleepOff, OFF),
      ...MINUTES.map((minutes) => new Option(extras.sleepAfter(minutes), String(minutes))),
    );
    this.#select.value = chosen;
    this.showLeft(this.#minutesLeft);
  }
}
