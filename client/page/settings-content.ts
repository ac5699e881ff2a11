import type { MountDescription } from '../../shared/station/description.ts';
import { make, setText } from '../player-controls/element.ts';
import { LANGUAGE_NAMES } from '../strings/names.ts';
import type { Strings } from '../strings/strings.ts';
import type { Relaying } from './relaying.ts';
import type { SheetFacts, SheetHandlers } from './sheet-facts.ts';

const CAPS_KBPS = [128, 256, 500, 1000, 2500, 5000] as const;
const CEILINGS_BYTES = [1e9, 5e9, 20e9, 50e9, null] as const;
const AUTOMATIC = '';
const NO_CEILING = 'none';

/** Quality, language, and how much may be passed on. */
export class SettingsContent {
  readonly #relaying: Relaying;
  readonly #mounts: readonly MountDescription[];
  readonly #quality = select('quality');
  readonly #language = select('language');
  readonly #cap = select('upload-cap');
  readonly #ceiling = select('ceiling');
  readonly #cellular = make('input', { attributes: { type: 'checkbox', role: 'switch' }, id: 'cellular' });
  readonly #cellularLabel = make('span');
  readonly #relayed = make('p', { class: 'es-quiet' });
  readonly #labels: Readonly<Record<'quality' | 'cap' | 'ceiling' | 'language', HTMLSpanElement>> = {
    quality: make('span'),
    cap: make('span'),
    ceiling: make('span'),
    language: make('span'),
  };

  constructor(
    content: HTMLElement,
    relaying: Relaying,
    mounts: readonly MountDescription[],
    handlers: SheetHandlers,
  ) {
    this.#relaying = relaying;
    this.#mounts = mounts;
    const qualityField = field(this.#labels.quality, this.#quality);
    qualityField.hidden = mounts.length < 2;
    const track = make('span', { class: 'es-switch-track', attributes: { 'aria-hidden': 'true' } });
    content.replaceChildren(
      qualityField,
      field(this.#labels.cap, this.#cap),
      field(this.#labels.ceiling, this.#ceiling),
      this.#relayed,
      make('label', { class: 'es-switch' }, this.#cellular, track, this.#cellularLabel),
      field(this.#labels.language, this.#language),
    );
    this.#quality.addEventListener('change', () =>
      handlers.onMount(this.#quality.value === AUTOMATIC ? null : this.#quality.value),
    );
    this.#language.addEventListener('change', () => handlers.onLanguage(this.#language.value));
    this.#cap.addEventListener('change', () => relaying.choose({ uploadCapKbps: Number(this.#cap.value) }));
    this.#ceiling.addEventListener('change', () => {
      const { value } = this.#ceiling;
      relaying.choose({ ceilingBytes: value === NO_CEILING ? null : Number(value) });
    });
    this.#cellular.addEventListener('change', () =>
      relaying.choose({ relayOnCellular: this.#cellular.checked }),
    );
  }

  show({ strings, mount }: SheetFacts): void {
    const { settings, player, language } = strings;
    setText(this.#labels.quality, player.quality);
    setText(this.#labels.cap, settings.uploadCap);
    setText(this.#labels.ceiling, settings.monthlyCeiling);
    setText(this.#labels.language, settings.language);
    setText(this.#cellularLabel, settings.relayOnCellular);
    const { uploadCapKbps, ceilingBytes, relayOnCellular, monthBytes } = this.#relaying;
    fill(
      this.#quality,
      [
        [AUTOMATIC, player.qualityAutomatic],
        ...this.#mounts.map((each): Choice => [each.path, nameOf(each, strings)]),
      ],
      mount ?? AUTOMATIC,
    );
    fill(this.#language, Object.entries(LANGUAGE_NAMES), language);
    const caps = [...new Set([...CAPS_KBPS, uploadCapKbps])].toSorted((a, b) => a - b);
    fill(
      this.#cap,
      caps.map((kbps): Choice => [String(kbps), settings.uploadCapOf(kbps)]),
      String(uploadCapKbps),
    );
    fill(
      this.#ceiling,
      CEILINGS_BYTES.map((bytes): Choice =>
        bytes === null ? [NO_CEILING, settings.noCeiling] : [String(bytes), settings.amount(bytes)],
      ),
      ceilingBytes === null ? NO_CEILING : String(ceilingBytes),
    );
    this.#cellular.checked = relayOnCellular;
    setText(this.#relayed, settings.relayedThisMonth(monthBytes));
  }
}

type Choice = readonly [value: string, text: string];

const select = (id: string): HTMLSelectElement => make('select', { class: 'es-select', id });

const field = (label: HTMLElement, control: HTMLElement): HTMLLabelElement =>
  make('label', { class: 'field' }, label, control);

/** Options that stay as they are are left alone: a list that is open must not close under the finger. */
function fill(control: HTMLSelectElement, choices: readonly Choice[], chosen: string): void {
  const isSame =
    control.options.length === choices.length &&
    choices.every(([, text], index) => control.options[index]?.textContent === text);
  if (!isSame) control.replaceChildren(...choices.map(([value, text]) => new Option(text, value)));
  control.value = chosen;
}

const nameOf = (mount: MountDescription, strings: Strings): string =>
  mount.codec === null
    ? mount.path.slice(1)
    : strings.player.qualityOf(mount.codec.codec.toUpperCase(), mount.bitrateKbps);
