import { make, setText } from '../player-controls/element.ts';
import type { SheetFacts, SheetHandlers } from './sheet-facts.ts';

const MINUTES = [10, 20, 30, 45, 60, 90] as const;
const OFF = '';

/** After how long the sound fades out; what is left is said below. */
export class SleepContent {
  readonly #select = make('select', { class: 'es-select', id: 'sleep' });
  readonly #label = make('span');
  readonly #left = make('p', { class: 'es-quiet', attributes: { role: 'status' } });
  #language = '';

  constructor(content: HTMLElement, { onSleep }: SheetHandlers) {
    content.replaceChildren(make('label', { class: 'field' }, this.#label, this.#select), this.#left);
    this.#select.addEventListener('change', () =>
      onSleep(this.#select.value === OFF ? null : Number(this.#select.value)),
    );
  }

  show({ strings, minutesLeft }: SheetFacts): void {
    if (strings.language !== this.#language) this.#name(strings.extras);
    this.#language = strings.language;
    if (minutesLeft === null) this.#select.value = OFF;
    setText(this.#left, minutesLeft === null ? '' : strings.extras.sleepLeft(minutesLeft));
  }

  #name(extras: SheetFacts['strings']['extras']): void {
    const chosen = this.#select.value;
    setText(this.#label, extras.sleep);
    this.#select.replaceChildren(
      new Option(extras.sleepOff, OFF),
      ...MINUTES.map((minutes) => new Option(extras.sleepAfter(minutes), String(minutes))),
    );
    this.#select.value = chosen;
  }
}
