import { icon } from '../design/icons.ts';
import type { IconName } from '../design/icons.ts';
import { make, setText } from './element.ts';

/** A button and the sheet that it opens: the browser's own dialog, so Escape, focus and screen readers are right. */
export class Sheet {
  readonly button = make('button', { class: 'es-quiet-button', attributes: { type: 'button' } });
  readonly dialog = make('dialog', { class: 'es-sheet' });
  readonly content = make('div', { class: 'es-sheet-content' });
  readonly #buttonLabel = make('span', { class: 'es-quiet-button-label' });
  readonly #title = make('h2', { class: 'es-sheet-title' });
  readonly #close = make('button', {
    class: 'es-quiet-button es-quiet-button--icon',
    attributes: { type: 'button' },
  });

  constructor(name: IconName, onOpen: () => void = () => undefined) {
    this.button.append(icon(name), this.#buttonLabel);
    this.button.setAttribute('aria-haspopup', 'dialog');
    this.#close.append(icon('close'));
    this.dialog.append(make('div', { class: 'es-sheet-head' }, this.#title, this.#close), this.content);
    this.button.addEventListener('click', () => {
      onOpen();
      this.dialog.showModal();
    });
    this.#close.addEventListener('click', () => this.dialog.close());
    // A click beside the sheet is one on the dialog itself: its content covers the rest.
    this.dialog.addEventListener('click', (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
  }

  name(title: string, close: string): void {
    setText(this.#buttonLabel, title);
    setText(this.#title, title);
    this.dialog.setAttribute('aria-label', title);
    this.button.setAttribute('aria-label', title);
    this.#close.setAttribute('aria-label', close);
  }
}
