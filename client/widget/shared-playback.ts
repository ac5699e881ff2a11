import type { EssaimStatus, EssaimTrack } from '../public/widget.d.ts';
import type { Strings } from '../strings/strings.ts';
import { claimSound, whenSoundIsFree } from '../playback/sole-player.ts';
import type { SoundClaim } from '../playback/sole-player.ts';
import type { Engine } from './engine.ts';
import type * as EngineExports from './engine.ts';
import { remembered, rememberRelay, rememberVolume } from './remembered.ts';
import { fetchCard } from './station-card.ts';
import type { StationCard } from './station-card.ts';

/** What every widget of a station shows. */
export interface PlaybackState {
  readonly status: EssaimStatus;
  /** Something plays, or wants to: the button stops it. */
  readonly isActive: boolean;
  readonly card: StationCard | null;
  readonly track: EssaimTrack;
  readonly volume: number;
  readonly muted: boolean;
  /** The listener's choice; null: not asked yet. */
  readonly relay: boolean | null;
}

export interface PlaybackAddress {
  readonly server: string;
  readonly station: string;
  readonly key: string;
  /** See `EngineOptions`. */
  readonly site: string | null;
}

/** While nothing plays, what is on is asked for again this often; an answer that did not come, too. */
const REFRESH_EVERY_MS = 30_000;
const RETRY_EVERY_MS = 8000;

const playbacks = new Map<string, SharedPlayback>();

/** The one playback of a station on this page, however many widgets show it. */
export function sharedPlayback(address: PlaybackAddress): SharedPlayback {
  const id = playbackId(address);
  const known = playbacks.get(id);
  if (known !== undefined) return known;
  const playback = new SharedPlayback(address);
  playbacks.set(id, playback);
  return playback;
}

export class SharedPlayback {
  readonly #address: PlaybackAddress;
  readonly #audio = new Audio();
  readonly #watchers = new Set<(state: PlaybackState) => void>();
  #state: PlaybackState;
  #engine: Engine | null = null;
  #claim: SoundClaim | null = null;
  /** Grows with each start and stop: what an older one brings is too late. */
  #run = 0;
  #waiting = new AbortController();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(address: PlaybackAddress) {
    this.#address = address;
    const { relay, volume } = remembered();
    this.#audio.volume = volume;
    this.#state = {
      status: address.key === '' ? 'keyless' : 'loading',
      isActive: false,
      card: null,
      track: { title: '', artist: '' },
      volume,
      muted: false,
      relay,
    };
  }

  get state(): PlaybackState {
    return this.#state;
  }

  /** Returns how to stop watching. The last one who leaves ends the sound. */
  watch(watcher: (state: PlaybackState) => void): () => void {
    this.#watchers.add(watcher);
    if (this.#watchers.size === 1 && this.#address.key !== '') void this.#refresh();
    return () => {
      this.#watchers.delete(watcher);
      // An element that is moved in its page leaves and comes back at once.
      setTimeout(() => {
        if (this.#watchers.size === 0) this.#close();
      });
    };
  }

  /**
   * @param relay the listener's answer just now, or `remembered`: the one given before, otherwise just listening.
   * `never`: whatever has been answered, nothing is passed on.
   */
  async play(relay: boolean | 'remembered' | 'never', wish: 'ask' | 'take' = 'ask'): Promise<void> {
    const { card } = this.#state;
    if (card === null || this.#state.isActive) return;
    if (typeof relay === 'boolean') this.setRelay(relay);
    stopOthers(this);
    const run = ++this.#run;
    this.#waiting.abort();
    this.#set({ status: 'connecting', isActive: true });
    // Inside the click, so that a browser that minds lets the element play later.
    this.#audio.load();
    const claiming = claimSound(this.#address.key, wish, () => this.#taken(run));
    const [claim, module] = await Promise.all([claiming, loadEngine().catch(() => null)]);
    if (run !== this.#run) return claim?.release();
    if (claim === null) return this.#waitForOther();
    this.#claim = claim;
    const engine = module?.createEngine({
      data: card.data,
      key: this.#address.key,
      site: this.#address.site,
      audio: this.#audio,
      relay: relay !== 'never' && this.#state.relay === true,
      onStatus: (status) => {
        if (run === this.#run) this.#engineStatus(status);
      },
      onTitle: (track) => this.#set({ track }),
      onForgery: () => {
        if (run === this.#run) this.#end('untrusted');
      },
    });
    if (engine === undefined || engine === null) return this.#end('unreachable');
    this.#engine = engine;
    engine.start();
  }

  stop(): void {
    if (this.#state.isActive) this.#end('idle');
  }

  setRelay(relay: boolean): void {
    rememberRelay(relay);
    this.#engine?.setRelay(relay);
    this.#set({ relay });
  }

  setVolume(volume: number, muted: boolean): void {
    this.#audio.volume = volume;
    this.#audio.muted = muted;
    rememberVolume(volume);
    this.#set({ volume, muted });
  }

  /** Where the sound comes from and whom it is passed on to; empty when nothing plays. */
  sourceLine(strings: Strings): string {
    return this.#engine?.sourceLine(strings) ?? '';
  }

  #engineStatus(status: EssaimStatus): void {
    // Media keys start and stop the player by themselves; what it cannot go on from has ended.
    if (status === 'unsupported' || status === 'blocked' || status === 'idle') this.#end(status);
    else this.#set({ status });
  }

  #taken(run: number): void {
    if (run === this.#run && this.#engine !== null) {
      this.#end('idle');
      this.#waitForOther();
    }
  }

  /** Another tab plays: its end frees us. */
  #waitForOther(): void {
    this.#run += 1;
    this.#waiting.abort();
    this.#waiting = new AbortController();
    this.#set({ status: 'elsewhere', isActive: false });
    whenSoundIsFree(this.#address.key, this.#waiting.signal, () => {
      if (this.#state.status === 'elsewhere') this.#set({ status: 'idle' });
    });
  }

  #end(status: EssaimStatus): void {
    this.#run += 1;
    this.#waiting.abort();
    const engine = this.#engine;
    this.#engine = null;
    engine?.stop();
    this.#claim?.release();
    this.#claim = null;
    this.#set({ status, isActive: false });
    this.#schedule(REFRESH_EVERY_MS);
  }

  #close(): void {
    this.#end(this.#state.status);
    if (this.#timer !== null) clearTimeout(this.#timer);
    playbacks.delete(playbackId(this.#address));
  }

  async #refresh(): Promise<void> {
    const { server, station, key } = this.#address;
    const answer = await fetchCard(server, station, key);
    if (this.#watchers.size === 0 || this.#state.isActive) return;
    if (answer.state !== 'known') {
      this.#set({ status: answer.state });
      if (answer.state === 'unreachable' || answer.state === 'offline') this.#schedule(RETRY_EVERY_MS);
      return;
    }
    const { card } = answer;
    const isNews = this.#state.status === 'loading' || isAbsent(this.#state.status);
    this.#set({
      card,
      track: { title: card.title, artist: card.artist },
      ...(isNews ? { status: 'idle' } : {}),
    });
    this.#schedule(REFRESH_EVERY_MS);
  }

  #schedule(afterMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#state.isActive) return;
      // Nobody looks: the next look is when somebody may.
      if (document.hidden) this.#schedule(afterMs);
      else void this.#refresh();
    }, afterMs);
  }

  #set(changes: Partial<PlaybackState>): void {
    this.#state = { ...this.#state, ...changes };
    for (const watcher of this.#watchers) watcher(this.#state);
  }
}

const playbackId = ({ server, station, key }: PlaybackAddress): string =>
  JSON.stringify([server, station, key]);

const isAbsent = (status: EssaimStatus): boolean => status === 'unreachable' || status === 'offline';

/** One sound on a page: another station's ends with ours. */
function stopOthers(playback: SharedPlayback): void {
  for (const other of playbacks.values()) if (other !== playback) other.stop();
}

type EngineModule = Pick<typeof EngineExports, 'createEngine'>;
let loading: Promise<EngineModule> | null = null;

/** At the first sign that somebody may listen. A failure is forgotten: the next one tries again. */
export function loadEngine(): Promise<EngineModule> {
  loading ??= import('./engine.ts').catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}
