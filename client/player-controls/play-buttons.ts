import { icon } from '../design/icons.ts';
import type { IconName } from '../design/icons.ts';
import type { PlayerStatus } from '../playback/player.ts';
import type { Strings } from '../strings/strings.ts';
import { make, setText } from './element.ts';

export interface PlayButtonsHandlers {
  /** `relay`: what the pressed button says; null where the choice stands already. */
  readonly onListen: (relay: boolean | null) => void;
  readonly onPause: () => void;
}

/** How sound is started: with the question whether to relay in the buttons themselves, or with one button. */
export interface PlayChoice {
  readonly asks: boolean;
  /** Which of the two answers comes first. */
  readonly relayByDefault: boolean;
}

/**
 * The large buttons. While the question is open there are two, equally large: *listen and relay*, *just listen*.
 * Afterwards one of them starts, pauses and resumes.
 */
export class PlayButtons {
  readonly element = make('div', { class: 'es-play', part: 'play' });
  readonly #main = make('button', {
    class: 'es-button es-button--accent',
    part: 'listen',
    attributes: { type: 'button' },
  });
  readonly #just = make('button', {
    class: 'es-button es-button--just',
    part: 'just-listen',
    attributes: { type: 'button' },
  });
  readonly #mainLabel = make('span');
  readonly #justLabel = make('span');
  #icon: IconName | null = null;
  #strings: Strings;
  #status: PlayerStatus = 'idle';
  #choice: PlayChoice = { asks: false, relayByDefault: true };

  constructor(strings: Strings, handlers: PlayButtonsHandlers) {
    this.#strings = strings;
    this.#just.append(icon('play'), this.#justLabel);
    this.#main.append(this.#mainLabel);
    this.element.append(this.#main, this.#just);
    this.#main.addEventListener('click', () => {
      if (canPause(this.#status)) handlers.onPause();
      else handlers.onListen(this.#isAsking() ? true : null);
    });
    this.#just.addEventListener('click', () => handlers.onListen(false));
    this.#render();
  }

  /** The one that always is there. */
  get mainButton(): HTMLButtonElement {
    return this.#main;
  }

  get justButton(): HTMLButtonElement {
    return this.#just;
  }

  show(status: PlayerStatus, choice: PlayChoice): void {
    this.#status = status;
    this.#choice = choice;
    this.#render();
  }

  setStrings(strings: Strings): void {
    this.#strings = strings;
    this.#render();
  }

  #isAsking(): boolean {
    return this.#choice.asks && !canPause(this.#status) && this.#status !== 'paused';
  }

  #render(): void {
    const { player } = this.#strings;
    const asks = this.#isAsking();
    this.#showIcon(canPause(this.#status) ? 'pause' : asks ? 'relay' : 'play');
    const start = asks ? player.listenAndRelay : player.listen;
    const label = this.#status === 'paused' ? player.resume : start;
    setText(this.#mainLabel, canPause(this.#status) ? player.pause : label);
    setText(this.#justLabel, player.justListen);
    const hadFocus = this.#just.matches(':focus');
    this.#just.hidden = !asks;
    if (hadFocus && !asks) this.#main.focus();
    this.element.classList.toggle('es-play--asks', asks);
    this.element.classList.toggle('es-play--just-first', asks && !this.#choice.relayByDefault);
    const first = this.#choice.relayByDefault ? this.#main : this.#just;
    if (asks && this.element.firstElementChild !== first) this.element.prepend(first);
  }

  #showIcon(name: IconName): void {
    if (name === this.#icon) return;
    this.#icon = name;
    this.#main.querySelector('svg')?.remove();
    this.#main.prepend(icon(name));
  }
}

/** Whether sound plays, or is on its way. */
export const canPause = (status: PlayerStatus): boolean =>
  status !== 'idle' && status !== 'paused' && status !== 'blocked' && status !== 'unsupported';
