import type { EssaimPlayerElement, EssaimStatus, EssaimTheme, EssaimTrack } from '../public/widget.d.ts';
import { relayingAddress } from '../../shared/station/relaying-address.ts';
import { make } from '../player-controls/element.ts';
import type { Strings } from '../strings/strings.ts';
import { loadStrings } from './languages.ts';
import { loadEngine, sharedPlayback } from './shared-playback.ts';
import type { PlaybackState, SharedPlayback } from './shared-playback.ts';
import { addFonts, coloursSheet, widgetSheet } from './sheet.ts';
import { WidgetView } from './view.ts';

const ATTRIBUTES = ['station', 'key', 'server', 'language', 'relay', 'compact'] as const;
const SOURCE_LINE_EVERY_MS = 1000;
const TEXTS_RETRY_MS = 5000;

/** `<essaim-player>`: a station's player on anybody's page. Its interface is `client/public/widget.d.ts`. */
export class PlayerElement extends HTMLElement implements EssaimPlayerElement {
  static readonly observedAttributes: readonly string[] = ATTRIBUTES;
  /** Where `widget.js` came from, without a slash at the end. */
  static home = '';
  readonly #shadow = this.attachShadow({ mode: 'open', delegatesFocus: true });
  #strings: Strings | null = null;
  /** Grows with each drawing: texts that come later are not wanted any more. */
  #drawing = 0;
  #view: WidgetView | null = null;
  #playback: SharedPlayback | null = null;
  #unwatch: () => void = () => undefined;
  #shown: PlaybackState | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor() {
    super();
    this.#shadow.adoptedStyleSheets = [widgetSheet()];
    // The first sign that somebody may want to listen: by the click, all that plays is here.
    for (const sign of ['pointerenter', 'focusin', 'touchstart'])
      this.addEventListener(sign, () => this.#expectPlay(), { passive: true });
  }

  connectedCallback(): void {
    addFonts();
    void this.#draw();
  }

  disconnectedCallback(): void {
    this.#release();
  }

  attributeChangedCallback(_name: string, before: string | null, after: string | null): void {
    if (this.isConnected && before !== after) void this.#draw();
  }

  get station(): string {
    return this.getAttribute('station') ?? '';
  }
  set station(value: string) {
    this.setAttribute('station', value);
  }
  get key(): string {
    return this.getAttribute('key') ?? '';
  }
  set key(value: string) {
    this.setAttribute('key', value);
  }
  get server(): string {
    return this.getAttribute('server')?.replace(/\/+$/, '') ?? PlayerElement.home;
  }
  set server(value: string) {
    this.setAttribute('server', value);
  }
  get language(): string {
    return this.getAttribute('language') ?? '';
  }
  set language(value: string) {
    this.setAttribute('language', value);
  }
  get theme(): EssaimTheme {
    const theme = this.getAttribute('theme');
    return theme === 'light' || theme === 'dark' ? theme : 'auto';
  }
  set theme(value: EssaimTheme) {
    this.setAttribute('theme', value);
  }
  get compact(): boolean {
    return this.hasAttribute('compact');
  }
  set compact(value: boolean) {
    this.toggleAttribute('compact', value);
  }
  get relay(): 'ask' | 'off' {
    return this.getAttribute('relay') === 'off' ? 'off' : 'ask';
  }
  set relay(value: 'ask' | 'off') {
    this.setAttribute('relay', value);
  }

  get status(): EssaimStatus {
    return this.#shown?.status ?? 'loading';
  }
  get stationName(): string {
    return this.#shown?.card?.name ?? '';
  }
  get track(): EssaimTrack {
    return this.#shown?.track ?? { title: '', artist: '' };
  }
  get volume(): number {
    return this.#shown?.volume ?? 1;
  }
  set volume(value: number) {
    this.#playback?.setVolume(Math.min(1, Math.max(0, value)), this.muted);
  }
  get muted(): boolean {
    return this.#shown?.muted ?? false;
  }
  set muted(value: boolean) {
    this.#playback?.setVolume(this.volume, value);
  }

  play(): void {
    void this.#playback?.play(this.relay === 'off' ? 'never' : 'remembered');
  }

  stop(): void {
    this.#playback?.stop();
  }

  async #draw(): Promise<void> {
    const drawing = ++this.#drawing;
    const wanted = this.language === '' ? navigator.languages : [this.language];
    const strings = await loadStrings(wanted).catch(() => null);
    if (drawing !== this.#drawing || !this.isConnected) return;
    if (strings !== null) return this.#render(strings);
    setTimeout(() => {
      if (drawing === this.#drawing && this.isConnected) void this.#draw();
    }, TEXTS_RETRY_MS);
  }

  #render(strings: Strings): void {
    this.#release();
    this.#strings = strings;
    const isAsking = this.relay === 'ask';
    const playback = sharedPlayback({
      server: this.server,
      station: this.station,
      key: this.key,
      site: this.dataset['site'] ?? null,
    });
    const unasked = isAsking ? 'remembered' : 'never';
    const view = new WidgetView(
      strings,
      {
        asks: isAsking,
        isCompact: this.compact,
        more: this.server + relayingAddress(this.station, strings.language),
      },
      {
        onPlay: (relay) => void playback.play(relay ?? unasked),
        onTakeOver: () => void playback.play(unasked, 'take'),
        onStop: () => playback.stop(),
        onVolume: (volume, muted) => playback.setVolume(volume, muted),
        onRelay: (relay) => playback.setRelay(relay),
      },
    );
    this.#playback = playback;
    this.#view = view;
    this.#shadow.replaceChildren(
      make('div', { class: 'measure', attributes: { 'aria-hidden': 'true' } }),
      make('div', { class: 'box' }, view.root),
    );
    this.#unwatch = playback.watch((state) => this.#show(state));
    this.#show(playback.state);
  }

  #release(): void {
    this.#unwatch();
    this.#unwatch = () => undefined;
    this.#tickWhile(false);
  }

  #show(state: PlaybackState): void {
    const before = this.#shown;
    this.#shown = state;
    this.#view?.show(state);
    if (state.card !== null && before?.card?.look !== state.card.look)
      this.#shadow.adoptedStyleSheets = [widgetSheet(), coloursSheet(state.card.look.colours)];
    this.#tickWhile(state.status === 'playing');
    if (before?.status !== state.status) this.#tell('statuschange', state.status);
    if (before?.track.title !== state.track.title || before.track.artist !== state.track.artist)
      this.#tell('trackchange', state.track);
    if (before?.volume !== state.volume || before.muted !== state.muted)
      this.#tell('volumechange', { volume: state.volume, muted: state.muted });
  }

  /** Where the sound comes from is told once a second, while there is sound. */
  #tickWhile(isPlaying: boolean): void {
    if (isPlaying === (this.#timer !== null)) return;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = isPlaying ? setInterval(() => this.#showSource(), SOURCE_LINE_EVERY_MS) : null;
    this.#showSource();
  }

  #showSource(): void {
    if (this.#strings === null) return;
    const line = this.#timer === null ? '' : (this.#playback?.sourceLine(this.#strings) ?? '');
    this.#view?.showSource(line);
  }

  #expectPlay(): void {
    if (this.#shown?.status !== 'idle') return;
    loadEngine().catch(() => {
      // The click asks for it again, and tells if it cannot be had.
    });
  }

  #tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
