import { icon } from '../design/icons.ts';
import { make, setText } from '../player-controls/element.ts';
import type { Strings } from '../strings/strings.ts';

const TOLD_FOR_MS = 2500;

/** Shares the page's address: by the system's own sheet where there is one, else by copying it. */
export class ShareButton {
  readonly button = make('button', { class: 'es-quiet-button', id: 'share', attributes: { type: 'button' } });
  readonly #label = make('span', { class: 'es-quiet-button-label' });
  readonly #told = make('span', { class: 'es-visually-hidden', attributes: { role: 'status' } });
  readonly #title: string;
  readonly #address: string;
  #strings: Strings;

  constructor(strings: Strings, title: string, address: string) {
    this.#strings = strings;
    this.#title = title;
    this.#address = address;
    this.button.append(icon('share'), this.#label, this.#told);
    this.button.addEventListener('click', () => void this.#share());
    this.setStrings(strings);
  }

  setStrings(strings: Strings): void {
    this.#strings = strings;
    setText(this.#label, strings.extras.share);
    this.button.setAttribute('aria-label', strings.extras.share);
  }

  async #share(): Promise<void> {
    const sheet = { title: this.#title, url: this.#address };
    if (typeof navigator.share === 'function') {
      // Whoever closes the system's sheet has not failed at anything.
      await navigator.share(sheet).catch(() => undefined);
      return;
    }
    const { extras } = this.#strings;
    try {
      await navigator.clipboard.writeText(this.#address);
      this.#tell(extras.linkCopied);
    } catch {
      globalThis.prompt(extras.linkNotCopied, this.#address);
    }
  }

  #tell(text: string): void {
    setText(this.#label, text);
    setText(this.#told, text);
    setTimeout(() => {
      setText(this.#told, '');
      this.setStrings(this.#strings);
    }, TOLD_FOR_MS);
  }
}
