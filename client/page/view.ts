import type { PlayerStatus } from '../playback/player.ts';
import type { TrackTitle } from '../playback/track-title.ts';
import type { MountDescription, StationDescription } from '../../shared/station/description.ts';
import type { Strings } from '../strings/strings.ts';

export interface ViewHandlers {
  readonly onListen: () => void;
  readonly onStop: () => void;
  readonly onVolume: (volume: number) => void;
  readonly onRelay: (relay: boolean) => void;
  readonly onMount: (path: string) => void;
}

/** The page's elements: shows what it is told, reports what the person does, and decides nothing. */
export class View {
  readonly audio = element('audio', HTMLAudioElement);
  readonly #strings: Strings;
  readonly #listen = element('listen', HTMLButtonElement);
  readonly #volume = element('volume', HTMLInputElement);
  readonly #relay = element('relay', HTMLInputElement);
  readonly #quality = element('quality', HTMLSelectElement);
  #status: PlayerStatus = 'idle';

  constructor(strings: Strings) {
    this.#strings = strings;
    document.documentElement.lang = strings.language;
    setText('volume-label', strings.player.volume);
    setText('quality-label', strings.player.quality);
    setText('relay-label', strings.relaying.relay);
    this.showStatus('idle');
  }

  bind(handlers: ViewHandlers): void {
    this.#listen.addEventListener('click', () => {
      if (isSounding(this.#status)) handlers.onStop();
      else handlers.onListen();
    });
    this.#volume.addEventListener('input', () => {
      handlers.onVolume(this.#volume.valueAsNumber);
      this.#paintVolume();
    });
    this.#relay.addEventListener('change', () => {
      handlers.onRelay(this.#relay.checked);
      this.#explainRelay();
    });
    this.#quality.addEventListener('change', () => handlers.onMount(this.#quality.value));
    this.#listen.disabled = false;
  }

  showStation(station: StationDescription, mount: MountDescription | undefined): void {
    document.title = station.name;
    setText('name', station.name);
    setText('description', station.description);
    this.#quality.replaceChildren(...station.mounts.map((each) => optionFor(each, mount)));
    element('quality-field', HTMLElement).hidden = station.mounts.length < 2;
  }

  showPreferences(volume: number, relay: boolean): void {
    this.#volume.valueAsNumber = volume;
    this.#relay.checked = relay;
    this.#paintVolume();
    this.#explainRelay();
  }

  showStatus(status: PlayerStatus): void {
    this.#status = status;
    document.body.dataset['status'] = status;
    setText('status', this.#strings.status[status]);
    const sounding = isSounding(status);
    setText('listen-label', sounding ? this.#strings.player.stop : this.#strings.player.listen);
  }

  showTitle(track: TrackTitle, station: string): void {
    setText('title', track.title);
    setText('artist', track.artist);
    document.title = track.title === '' ? station : `${track.title} · ${station}`;
  }

  /** @param line empty while nothing plays: its place stays, so that nothing moves under the finger. */
  showSource(line: string): void {
    setText('source', line);
  }

  /** The page itself is broken: nothing can be pressed. */
  showBroken(): void {
    setText('status', this.#strings.page.broken);
  }

  #explainRelay(): void {
    setText(
      'relay-hint',
      this.#relay.checked ? this.#strings.relaying.shares : this.#strings.relaying.justListening,
    );
  }

  #paintVolume(): void {
    this.#volume.style.setProperty('--filled', `${this.#volume.valueAsNumber * 100}%`);
  }
}

/** Whether the button stops. */
const isSounding = (status: PlayerStatus): boolean =>
  status !== 'idle' && status !== 'blocked' && status !== 'unsupported';

function optionFor(mount: MountDescription, chosen: MountDescription | undefined): HTMLOptionElement {
  const label =
    mount.codec === null
      ? mount.path.slice(1)
      : `${mount.codec.codec.toUpperCase()} ${mount.bitrateKbps} kbit/s`;
  return new Option(label, mount.path, false, mount === chosen);
}

/** Writes only what changed: a live region must not be read out again for nothing. */
function setText(id: string, text: string): void {
  const target = element(id, HTMLElement);
  if (target.textContent !== text) target.textContent = text;
}

/** @throws Error if the page and its script do not belong together. */
function element<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind))
    throw new Error(`Cannot find element as ${kind.name}: current value is #${id}`);
  return found;
}
