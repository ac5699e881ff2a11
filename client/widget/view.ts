import { icon } from '../design/icons.ts';
import { make, setAttribute, setText } from '../player-controls/element.ts';
import type { Strings } from '../strings/strings.ts';
import type { PlaybackState } from './shared-playback.ts';
import { statusWords } from './status-words.ts';

export interface ViewHandlers {
  /** `relay`: the answer that the button gives; null: it gives none. */
  readonly onPlay: (relay: boolean | null) => void;
  readonly onTakeOver: () => void;
  readonly onStop: () => void;
  readonly onVolume: (volume: number, muted: boolean) => void;
  readonly onRelay: (relay: boolean) => void;
}

export interface ViewOptions {
  /** Whether the listener is asked to relay at all. */
  readonly asks: boolean;
  readonly isCompact: boolean;
  /** Address of the page that says what relaying is. */
  readonly more: string;
}

/** The widget's elements: shows what it is told, reports what the person does, and decides nothing. */
export class WidgetView {
  readonly root = make('div', { class: 'player', part: 'player', attributes: { role: 'group' } });
  readonly #strings: Strings;
  readonly #options: ViewOptions;
  readonly #name = make('a', { attributes: { target: '_blank', rel: 'noopener' } });
  readonly #logo = make('img', { class: 'logo', part: 'logo', attributes: { alt: '', hidden: '' } });
  readonly #liveText = make('span');
  readonly #live = make(
    'p',
    { class: 'live', part: 'status', attributes: { role: 'status' } },
    this.#liveText,
  );
  readonly #title = make('p', { class: 'title', part: 'title' });
  readonly #artist = make('p', { class: 'artist', part: 'artist' });
  readonly #message = make('p', { class: 'message', part: 'message', attributes: { role: 'status' } });
  readonly #now = make('div', { class: 'now', part: 'now', attributes: { 'aria-live': 'polite' } });
  readonly #play = button('es-button es-button--accent one', 'button');
  readonly #relayPlay = button('es-button es-button--accent start', 'relay-button');
  readonly #justPlay = button('es-button start', 'listen-button');
  readonly #mute = button('es-quiet-button es-quiet-button--icon', 'mute-button');
  readonly #volume = make('input', {
    class: 'es-range',
    part: 'volume',
    attributes: { type: 'range', min: '0', max: '1', step: '0.02' },
  });
  readonly #sound: HTMLElement;
  readonly #ask: HTMLElement;
  readonly #foot: HTMLElement;
  readonly #relay = make('input', { attributes: { type: 'checkbox', role: 'switch' } });
  readonly #source = make('p', { class: 'hint', part: 'source' });
  #state: PlaybackState | null = null;

  constructor(strings: Strings, options: ViewOptions, handlers: ViewHandlers) {
    this.#strings = strings;
    this.#options = options;
    const { player, relaying } = strings;
    this.root.lang = strings.language;
    this.#now.append(this.#title, this.#artist);
    this.#relayPlay.append(icon('relay'), player.listenAndRelay);
    this.#justPlay.append(icon('play'), player.justListen);
    this.#volume.setAttribute('aria-label', player.volume);
    this.#sound = make('div', { class: 'sound', part: 'sound' }, this.#mute, this.#volume);
    this.#ask = make('p', {
      class: 'hint',
      part: 'hint',
      text: `${options.isCompact ? strings.widget.sharesBriefly : relaying.shares} `,
    });
    this.#ask.append(
      make('a', {
        text: relaying.more,
        attributes: { href: options.more, target: '_blank', rel: 'noopener' },
      }),
    );
    const relaySwitch = make(
      'label',
      { class: 'es-switch', part: 'relay' },
      this.#relay,
      make('span', { class: 'es-switch-track', attributes: { 'aria-hidden': 'true' } }),
      relaying.relay,
    );
    relaySwitch.hidden = !options.asks;
    this.#foot = make('div', { class: 'foot', part: 'foot' }, relaySwitch, this.#source);
    this.root.append(
      make(
        'div',
        { class: 'text' },
        make(
          'div',
          { class: 'head' },
          this.#logo,
          make('p', { class: 'name', part: 'name' }, this.#name),
          this.#live,
        ),
        this.#now,
        this.#message,
      ),
      make(
        'div',
        { class: 'actions', part: 'actions' },
        this.#relayPlay,
        this.#justPlay,
        this.#play,
        this.#sound,
      ),
      this.#ask,
      this.#foot,
    );
    this.#bind(handlers);
  }

  show(state: PlaybackState): void {
    const isAsking = this.#options.asks && state.relay === null && !state.isActive && canStart(state.status);
    this.#state = state;
    this.#showWords(state);
    this.root.classList.toggle('asking', isAsking);
    this.root.dataset['status'] = state.status;
    hide(this.#relayPlay, !isAsking);
    hide(this.#justPlay, !isAsking);
    hide(this.#ask, !isAsking);
    hide(this.#play, isAsking || !(state.isActive || canStart(state.status)));
    hide(this.#sound, !state.isActive);
    hide(this.#foot, !state.isActive);
    this.#showPlay(state);
    this.#showSound(state);
    this.#relay.checked = state.relay === true;
  }

  /** @param line where the sound comes from; empty: nothing is to be said. */
  showSource(line: string): void {
    setText(this.#source, line);
  }

  #showWords(state: PlaybackState): void {
    const { card, track } = state;
    const words = statusWords(state.status, this.#strings);
    setAttribute(this.root, 'aria-label', card?.name ?? null);
    setText(this.#name, card?.name ?? '');
    setAttribute(this.#name, 'href', card === null || card.page === '' ? null : card.page);
    hide(this.#logo, (card?.look.logo ?? '') === '');
    setAttribute(this.#logo, 'src', card?.look.logo || null);
    setText(this.#title, track.title);
    setText(this.#artist, track.artist);
    // What is usual stands small beside the name; what needs to be read takes the title's place.
    setText(this.#liveText, words.isUsual ? words.text : '');
    hide(this.#live, !words.isUsual);
    setText(this.#message, words.isUsual ? '' : words.text);
    hide(this.#message, words.isUsual);
    hide(this.#now, !words.isUsual || track.title + track.artist === '');
  }

  #showPlay({ status, isActive }: PlaybackState): void {
    const { player, widget } = this.#strings;
    const label = isActive ? player.stop : status === 'elsewhere' ? widget.playHere : player.listen;
    const shown = `${isActive ? 'stop' : 'play'} ${label}`;
    if (this.#play.dataset['shown'] === shown) return;
    this.#play.dataset['shown'] = shown;
    this.#play.replaceChildren(
      icon(isActive ? 'stop' : 'play'),
      make('span', { class: 'label', text: label }),
    );
  }

  #showSound({ volume, muted }: PlaybackState): void {
    const isSilent = muted || volume === 0;
    const label = isSilent ? this.#strings.player.unmute : this.#strings.player.mute;
    if (this.#mute.ariaLabel !== label) {
      this.#mute.ariaLabel = label;
      this.#mute.replaceChildren(icon(isSilent ? 'muted' : 'volume'));
    }
    const shown = muted ? 0 : volume;
    if (this.#volume.valueAsNumber !== shown) this.#volume.valueAsNumber = shown;
    this.#volume.style.setProperty('--filled', `${shown * 100}%`);
  }

  #bind(handlers: ViewHandlers): void {
    this.#relayPlay.addEventListener('click', () => this.#start(() => handlers.onPlay(true)));
    this.#justPlay.addEventListener('click', () => this.#start(() => handlers.onPlay(false)));
    this.#play.addEventListener('click', () => {
      if (this.#state?.isActive === true) handlers.onStop();
      else if (this.#state?.status === 'elsewhere') handlers.onTakeOver();
      else handlers.onPlay(null);
    });
    this.#mute.addEventListener('click', () => {
      const { volume = 1, muted = false } = this.#state ?? {};
      const isSilent = muted || volume === 0;
      handlers.onVolume(isSilent && volume === 0 ? 1 : volume, !isSilent);
    });
    this.#volume.addEventListener('input', () => handlers.onVolume(this.#volume.valueAsNumber, false));
    this.#relay.addEventListener('change', () => handlers.onRelay(this.#relay.checked));
  }

  /** The button that was pressed goes away: the focus stays at what has taken its place. */
  #start(play: () => void): void {
    play();
    if (!this.#play.hidden) this.#play.focus();
  }
}

const canStart = (status: PlaybackState['status']): boolean =>
  status === 'idle' || status === 'elsewhere' || status === 'blocked' || status === 'unsupported';

const button = (look: string, part: string): HTMLButtonElement =>
  make('button', { class: look, part, attributes: { type: 'button' } });

function hide(element: HTMLElement, isHidden: boolean): void {
  if (element.hidden !== isHidden) element.hidden = isHidden;
}
