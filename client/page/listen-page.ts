import { relayingAddress } from '../../shared/station/relaying-address.ts';
import { make, setText } from '../player-controls/element.ts';
import { NowPlaying } from '../player-controls/now-playing.ts';
import { PlayButtons } from '../player-controls/play-buttons.ts';
import { RelaySwitch } from '../player-controls/relay-switch.ts';
import { SwarmDrawing } from '../player-controls/swarm/swarm-drawing.ts';
import { VolumeControl } from '../player-controls/volume-control.ts';
import type { Volume } from '../player-controls/volume-control.ts';
import type { PlayerStatus } from '../playback/player.ts';
import type { Strings } from '../strings/strings.ts';
import type { PageData } from './page-data.ts';
import type { Relaying } from './relaying.ts';
import { ShareButton } from './share-button.ts';
import type { SheetHandlers } from './sheet-facts.ts';
import { Sheets } from './sheets.ts';

export interface ListenPageHandlers extends SheetHandlers {
  /** `relay`: what the pressed button says; null where the choice stands. */
  readonly onListen: (relay: boolean | null) => void;
  readonly onPause: () => void;
  readonly onBackToLive: () => void;
  readonly onVolume: (volume: Volume) => void;
  readonly onRelay: (relay: boolean) => void;
}

/** A little more than what rate alone makes good: below it, nobody hears that the sound is late. */
const BEHIND_SHOWN_MS = 1000;

/** The page's pieces in their places: shows what it is told, reports what the person does, and decides nothing. */
export class ListenPage {
  readonly audio = element('audio', HTMLAudioElement);
  readonly now: NowPlaying;
  readonly swarm: SwarmDrawing;
  readonly volume: VolumeControl;
  readonly sheets: Sheets;
  readonly #buttons: PlayButtons;
  readonly #relay: RelaySwitch;
  readonly #share: ShareButton;
  readonly #relaying: Relaying;
  readonly #source = element('source', HTMLElement);
  readonly #backToLive = make('button', {
    class: 'es-quiet-button back-to-live',
    id: 'back-to-live',
    attributes: { type: 'button', hidden: '' },
  });
  readonly #shares = make('span', { id: 'shares' });
  readonly #more = make('a', { class: 'es-link', id: 'more', attributes: { target: '_blank' } });
  readonly #stationId: string;
  #strings: Strings;
  #status: PlayerStatus = 'idle';
  #heldMs = 0;

  constructor(strings: Strings, data: PageData, relaying: Relaying, handlers: ListenPageHandlers) {
    const { station } = data;
    this.#strings = strings;
    this.#relaying = relaying;
    this.#stationId = station.id;
    this.now = new NowPlaying(strings);
    this.swarm = new SwarmDrawing(strings);
    this.volume = new VolumeControl(strings, handlers.onVolume);
    this.sheets = new Sheets(strings, relaying, station, handlers);
    this.#buttons = new PlayButtons(strings, handlers);
    this.#relay = new RelaySwitch(strings, handlers.onRelay);
    this.#share = new ShareButton(strings, station.name, new URL(location.pathname, location.href).href);
    this.#backToLive.addEventListener('click', handlers.onBackToLive);
    this.#nameForAll();
    this.#build();
    this.setStrings(strings);
  }

  setStrings(strings: Strings): void {
    this.#strings = strings;
    document.documentElement.lang = strings.language;
    setText(this.#more, strings.relaying.more);
    this.#more.href = `.${relayingAddress(this.#stationId, strings.language)}`;
    for (const piece of [
      this.now,
      this.swarm,
      this.volume,
      this.sheets,
      this.#buttons,
      this.#relay,
      this.#share,
    ])
      piece.setStrings(strings);
    this.showStatus(this.#status);
    this.showHeld(this.#heldMs);
  }

  showStatus(status: PlayerStatus): void {
    this.#status = status;
    document.body.dataset['status'] = status;
    this.now.showStatus(status);
    if (status === 'playing') this.sheets.prepare();
    this.showRelaying();
  }

  /** The question, or the choice and what it means right now. */
  showRelaying(): void {
    const { isOpen, relays, decision } = this.#relaying;
    this.#buttons.show(this.#status, {
      asks: isOpen,
      relayByDefault: this.#relaying.relays,
    });
    this.#relay.show(relays, decision.rest);
    this.#relay.element.hidden = isOpen;
    this.#relay.hint.hidden = isOpen;
    this.#shares.hidden = !isOpen;
    setText(this.#shares, this.#strings.relaying.shares);
  }

  /** @param line empty while nothing plays: its place stays, so that nothing moves under the finger. */
  showSource(line: string): void {
    setText(this.#source, line);
  }

  /** How much later than live a pause has made the sound. */
  showHeld(heldMs: number): void {
    this.#heldMs = heldMs;
    const isBehind = heldMs > BEHIND_SHOWN_MS && this.#status !== 'paused';
    this.#backToLive.hidden = !isBehind;
    if (!isBehind) return this.now.showStatus(this.#status);
    const { backToLive, behindLive } = this.#strings.player;
    setText(this.#backToLive, backToLive);
    if (this.#status === 'playing') setText(this.now.status, behindLive(Math.round(heldMs / 1000)));
  }

  #build(): void {
    const tools = make('div', { class: 'tools-buttons' });
    const { all, history, sleep, settings } = this.sheets;
    tools.append(history.button, sleep.button, this.#share.button, settings.button);
    this.now.status.after(this.#backToLive);
    const meaning = make('p', { class: 'es-quiet' }, this.#shares, this.#relay.hint, ' ', this.#more);
    const consent = make('div', { class: 'consent' }, this.#relay.element, meaning);
    element('swarm', HTMLElement).prepend(this.swarm.element);
    element('player', HTMLElement).append(this.now.element, this.#buttons.element, consent);
    element('tools', HTMLElement).append(this.volume.element, tools);
    document.body.append(...all.map(({ dialog }) => dialog));
  }

  /** Names that addresses, tests and bookmarklets may rely on: the pieces themselves have none. */
  #nameForAll(): void {
    this.#buttons.mainButton.id = 'listen';
    this.#buttons.justButton.id = 'just-listen';
    this.now.status.id = 'status';
    this.now.title.id = 'title';
    this.now.artist.id = 'artist';
    this.volume.slider.id = 'volume';
    this.volume.muteButton.id = 'mute';
    this.#relay.input.id = 'relay';
    this.#relay.hint.id = 'relay-hint';
    this.#relay.input.setAttribute('aria-describedby', 'relay-hint');
    this.#buttons.mainButton.setAttribute('aria-describedby', 'shares');
    this.sheets.history.button.id = 'history';
    this.sheets.sleep.button.id = 'sleep-timer';
    this.sheets.settings.button.id = 'settings';
  }
}

/** The page itself is broken: nothing can be pressed. */
export function showBroken(strings: Strings): void {
  document.documentElement.lang = strings.language;
  element('player', HTMLElement).append(
    make('p', { class: 'es-lead', text: strings.page.broken, attributes: { role: 'alert' } }),
  );
}

/** @throws Error if the page and its script do not belong together. */
function element<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind))
    throw new Error(`Cannot find element as ${kind.name}: current value is #${id}`);
  return found;
}
