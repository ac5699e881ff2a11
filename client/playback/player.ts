import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { MountDescription, StationDescription } from '../../shared/station/description.ts';
import type { EngineSnapshot } from '../../shared/swarm/engine-io.ts';
import { systemClock } from '../listener/system-clock.ts';
import type { ObserveFlow } from '../listener/sound-flow.ts';
import type { TrackTitle } from './track-title.ts';
import type { PlaybackFigures } from './figures.ts';
import { chooseFormat } from './formats.ts';
import type { OpenListener } from './listener-port.ts';
import { mediaSourceConstructor } from './media-source.ts';
import type { MediaSourceConstructor } from './media-source.ts';
import { PlainAudio, takesPlain } from './plain-audio.ts';
import type { PlainPhase } from './plain-audio.ts';
import { PlaySession } from './play-session.ts';
import type { SessionFailure } from './play-session.ts';
import type { PlayoutPhase } from './playout-controller.ts';
import { StationDirectory } from './station-description.ts';

/** What a person would call the state of the sound. */
export type PlayerStatus =
  | 'idle'
  | 'connecting'
  | 'playing'
  /** Sound has run out and is being fetched. */
  | 'buffering'
  /** The station answers and sends nothing. */
  | 'silent'
  /** Held by the person; the sound goes on being kept. */
  | 'paused'
  /** The station cannot be reached; it is tried again without being asked. */
  | 'unreachable'
  /** The device has no network; the sound comes back with it. */
  | 'offline'
  /** The browser wants a click before it plays. */
  | 'blocked'
  /** This browser plays the station in no way we know. */
  | 'unsupported';

export interface PlayerOptions {
  readonly audio: HTMLAudioElement;
  readonly station: StationDescription;
  readonly playoutDelayMs: number;
  readonly peersAllowed: boolean;
  readonly uploadCapKbps: number;
  readonly openListener: OpenListener;
  readonly onStatus: (status: PlayerStatus) => void;
  readonly onTitle: (title: TrackTitle) => void;
  /** False: what bears no signature is not played, where the signed sound cannot be. */
  readonly plainAllowed?: boolean;
  /** Sees each chunk that is given to playback. */
  readonly onChunk?: ((chunk: Chunk) => void) | undefined;
  /** Sees every chunk that comes or goes, for a drawing. */
  readonly onFlow?: ObserveFlow | undefined;
}

type Sound =
  | { readonly by: 'nothing' }
  | { readonly by: 'session'; readonly session: PlaySession }
  | { readonly by: 'plain'; readonly plain: PlainAudio };

/** Without sound for this long, the station is asked whether it is there and sends; and again as often. */
const PROBE_EVERY_MS = 4000;
/** A broken sink is made anew this many times, until sound has lasted for so long. */
const REBUILDS_MAX = 3;
const REBUILDS_FORGIVEN_AFTER_MS = 10_000;

/** What a pause keeps; after that the sound is let go, and playing again is live again. */
export const PAUSE_MAX_MS = 180_000;

/** The sound of one station: start, pause, stop, and what became of it. */
export class Player {
  readonly #options: PlayerOptions;
  readonly #directory: StationDirectory;
  #peersAllowed: boolean;
  #uploadCapKbps: number;
  #pauseEnd: ReturnType<typeof setTimeout> | null = null;
  #status: PlayerStatus = 'idle';
  #sound: Sound = { by: 'nothing' };
  #mount: MountDescription | null = null;
  #rebuilds = 0;
  #builtAt = 0;
  #probe: ReturnType<typeof setTimeout> | null = null;
  #newestSeen: number | null = null;
  #figures: PlaybackFigures | null = null;

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.#directory = new StationDirectory(options.station, systemClock, globalThis.fetch.bind(globalThis));
    this.#peersAllowed = options.peersAllowed;
    this.#uploadCapKbps = options.uploadCapKbps;
    options.audio.addEventListener('pause', () => this.#pausedFromOutside());
  }

  get status(): PlayerStatus {
    return this.#status;
  }

  /** Of the present run, or of the last. */
  get figures(): PlaybackFigures | null {
    return this.#figures;
  }

  /** Null when nothing plays, or the sound does not come through the swarm. */
  snapshot(): EngineSnapshot | null {
    return this.#sound.by === 'session' ? this.#sound.session.snapshot() : null;
  }

  /** Call it in the click. Another mount replaces the one that plays. */
  start(mount: MountDescription): void {
    this.stop();
    this.#mount = mount;
    this.#rebuilds = 0;
    this.#begin();
  }

  /** Holds the sound, for PAUSE_MAX_MS at most. Does nothing unless it plays or is on its way. */
  pause(): void {
    if (this.#status === 'paused' || this.#sound.by === 'nothing') return;
    this.#cancelProbe();
    // A plain stream cannot be held: it is asked for again.
    if (this.#sound.by === 'session') this.#sound.session.pause();
    else this.#silence();
    this.#setStatus('paused');
    this.#pauseEnd = setTimeout(() => this.stop(), PAUSE_MAX_MS);
  }

  /** Goes on from where it was paused. Call it in the click. */
  resume(): void {
    if (this.#status !== 'paused') return;
    this.#endPause();
    if (this.#sound.by !== 'session') return this.#begin();
    this.#setStatus('connecting');
    this.#scheduleProbe();
    this.#sound.session.resume();
  }

  /** How much later than live a pause has made the sound, in ms; 0: it is live. */
  get heldMs(): number {
    return this.#sound.by === 'session' ? this.#sound.session.heldMs : 0;
  }

  backToLive(): void {
    if (this.#sound.by === 'session') this.#sound.session.backToLive();
  }

  stop(): void {
    this.#endPause();
    this.#cancelProbe();
    this.#silence();
    this.#setStatus('idle');
  }

  setPeersAllowed(allowed: boolean): void {
    this.#peersAllowed = allowed;
    if (this.#sound.by === 'session') this.#sound.session.setPeersAllowed(allowed);
  }

  setUploadCap(uploadCapKbps: number): void {
    this.#uploadCapKbps = uploadCapKbps;
    if (this.#sound.by === 'session') this.#sound.session.setUploadCap(uploadCapKbps);
  }

  #endPause(): void {
    if (this.#pauseEnd !== null) clearTimeout(this.#pauseEnd);
    this.#pauseEnd = null;
  }

  #begin(): void {
    const mount = this.#mount;
    if (mount === null) return;
    this.#setStatus('connecting');
    this.#scheduleProbe();
    const mediaSource = mediaSourceConstructor();
    if (mediaSource === null || !isPlayable(mount, mediaSource)) return this.#beginPlain(mount);
    const session = new PlaySession({
      audio: this.#options.audio,
      mount,
      mediaSource,
      openListener: this.#options.openListener,
      refreshMount: () => this.#refreshMount(mount),
      peersAllowed: this.#peersAllowed,
      uploadCapKbps: this.#uploadCapKbps,
      playoutDelayMs: this.#options.playoutDelayMs,
      onPhase: (phase) => this.#sessionPhase(phase),
      onTitle: this.#options.onTitle,
      onFailure: (failure) => this.#sessionFailed(failure),
      onChunk: this.#options.onChunk,
      onFlow: this.#options.onFlow,
    });
    this.#sound = { by: 'session', session };
    this.#builtAt = performance.now();
    this.#figures = session.figures;
  }

  #beginPlain(mount: MountDescription): void {
    this.#silence();
    const { audio, plainAllowed = true } = this.#options;
    if (!plainAllowed || !takesPlain(audio, mount)) return this.#giveUp('unsupported');
    const plain = new PlainAudio(audio, this.#directory, mount, (phase) => this.#plainPhase(phase));
    this.#sound = { by: 'plain', plain };
  }

  #silence(): void {
    const sound = this.#sound;
    this.#sound = { by: 'nothing' };
    if (sound.by === 'session') void sound.session.stop();
    if (sound.by === 'plain') sound.plain.stop();
  }

  #sessionPhase(phase: PlayoutPhase): void {
    if (this.#status === 'paused') return;
    if (phase === 'playing') return this.#heard();
    if (phase === 'stalled' || phase === 'suspended') this.#lost();
  }

  #plainPhase(phase: PlainPhase): void {
    switch (phase) {
      case 'starting':
        return;
      case 'playing':
        return this.#heard();
      case 'stalled':
      case 'unreachable':
        return this.#lost();
      case 'click-needed':
        return this.#giveUp('blocked');
      case 'not-playable':
        return this.#giveUp('unsupported');
    }
  }

  #heard(): void {
    this.#cancelProbe();
    this.#setStatus('playing');
  }

  #lost(): void {
    this.#setStatus(navigator.onLine ? 'buffering' : 'offline');
    this.#scheduleProbe();
  }

  #sessionFailed(failure: SessionFailure): void {
    if (failure.type === 'click-needed') return this.#giveUp('blocked');
    const mount = this.#mount;
    if (mount === null) return;
    // What a pause kept is lost: playing again begins anew.
    if (this.#status === 'paused') return this.#silence();
    if (performance.now() - this.#builtAt > REBUILDS_FORGIVEN_AFTER_MS) this.#rebuilds = 0;
    if (failure.type === 'broken' && this.#rebuilds < REBUILDS_MAX) {
      this.#rebuilds += 1;
      this.#silence();
      return this.#begin();
    }
    this.#beginPlain(mount);
  }

  #giveUp(status: 'blocked' | 'unsupported'): void {
    this.#cancelProbe();
    this.#silence();
    this.#setStatus(status);
  }

  /** Headphones pulled out, another application took the sound: we pause, as after our own button. */
  #pausedFromOutside(): void {
    // The event of our own pausing may come when the next run has begun already: that one is still connecting.
    const { audio } = this.#options;
    if (this.#sound.by !== 'nothing' && this.#status !== 'connecting' && audio.paused && !audio.ended)
      this.pause();
  }

  #scheduleProbe(): void {
    this.#cancelProbe();
    this.#probe = setTimeout(() => void this.#askStation(), PROBE_EVERY_MS);
  }

  #cancelProbe(): void {
    if (this.#probe !== null) clearTimeout(this.#probe);
    this.#probe = null;
    this.#newestSeen = null;
  }

  /** No sound for a while: is it the network, the station, or is it on its way? */
  async #askStation(): Promise<void> {
    const probe = this.#probe;
    const mount = this.#mount === null ? null : await this.#refreshMount(this.#mount);
    if (this.#probe !== probe || probe === null) return;
    const newest = mount?.live?.newest ?? null;
    const advances = newest !== null && newest !== this.#newestSeen;
    if (mount === null) this.#setStatus(navigator.onLine ? 'unreachable' : 'offline');
    else if (!advances) this.#setStatus('silent');
    else if (this.#status !== 'connecting') this.#setStatus('buffering');
    this.#newestSeen = newest;
    this.#probe = setTimeout(() => void this.#askStation(), PROBE_EVERY_MS);
  }

  async #refreshMount(mount: MountDescription): Promise<MountDescription | null> {
    const station = await this.#directory.present();
    return station?.mounts.find(({ id }) => id === mount.id) ?? null;
  }

  #setStatus(status: PlayerStatus): void {
    if (this.#status === status) return;
    this.#status = status;
    this.#options.onStatus(status);
  }
}

/** A mount whose codec is not known yet is tried. */
function isPlayable(mount: MountDescription, mediaSource: MediaSourceConstructor): boolean {
  if (mount.codec === null) return true;
  const config = { ...mount.codec, setup: null };
  return chooseFormat(config, (mimeType) => mediaSource.isTypeSupported(mimeType)) !== null;
}

/** As far as the description tells: whether this browser plays the mount by itself, without the plain stream. */
export function isPlayableHere(mount: MountDescription): boolean {
  const mediaSource = mediaSourceConstructor();
  return mediaSource !== null && isPlayable(mount, mediaSource);
}
