import type { Strings } from '../strings/strings.ts';
import { make, setText } from './element.ts';

/** Why nothing is passed on although the listener would. */
export type RelayRest = 'cellular' | 'data-saver' | 'ceiling';

/** The choice to relay, to be changed at any time, and what it means right now. */
export class RelaySwitch {
  readonly element = make('label', { class: 'es-switch', part: 'relay' });
  readonly hint = make('span', { part: 'relay-hint' });
  readonly #input = make('input', { attributes: { type: 'checkbox', role: 'switch' } });
  readonly #label = make('span');
  #strings: Strings;
  #rest: RelayRest | null = null;

  constructor(strings: Strings, onChange: (relay: boolean) => void) {
    this.#strings = strings;
    const track = make('span', { class: 'es-switch-track', attributes: { 'aria-hidden': 'true' } });
    this.element.append(this.#input, track, this.#label);
    this.#input.addEventListener('change', () => {
      this.#render();
      onChange(this.#input.checked);
    });
    this.#render();
  }

  get input(): HTMLInputElement {
    return this.#input;
  }

  show(relay: boolean, rest: RelayRest | null): void {
    this.#input.checked = relay;
    this.#rest = rest;
    this.#render();
  }

  setStrings(strings: Strings): void {
    this.#strings = strings;
    this.#render();
  }

  #render(): void {
    setText(this.#label, this.#strings.relaying.relay);
    setText(this.hint, this.#meaning());
  }

  #meaning(): string {
    const { relaying } = this.#strings;
    if (!this.#input.checked) return relaying.justListening;
    if (this.#rest === null) return relaying.shares;
    return restWords(this.#rest, this.#strings);
  }
}

export function restWords(rest: RelayRest, { relaying }: Strings): string {
  const words: Readonly<Record<RelayRest, string>> = {
    cellular: relaying.restsOnCellular,
    'data-saver': relaying.restsForDataSaver,
    ceiling: relaying.restsAtCeiling,
  };
  return words[rest];
}
