import type { Chunk } from '../../shared/chunk/chunk.ts';
import type { MountDescription } from '../../shared/station/description.ts';
import type { EngineSnapshot } from '../../shared/swarm/engine-io.ts';
import { micros, millis } from '../../shared/units.ts';
import type { Micros } from '../../shared/units.ts';
import type { ObserveFlow } from '../listener/sound-flow.ts';
import { CodecDirectory } from './codec-directory.ts';
import { isAborted, isNotAllowed } from './dom-errors.ts';
import type { TimelineEntry } from './element-timeline.ts';
import { titleOf } from './track-title.ts';
import type { TrackTitle } from './track-title.ts';
import { chooseFormat } from './formats.ts';
import { FigureBook } from './figures.ts';
import type { ListenerPort, OpenListener } from './listener-port.ts';
import { MediaSink } from './media-sink.ts';
import type { SinkFailure } from './media-sink.ts';
import type { MediaSourceConstructor } from './media-source.ts';
import { AHEAD_MIN_MS, PLAYOUT_IDLE, stepPlayout } from './playout-controller.ts';
import type { PlayoutInput, PlayoutPhase, PlayoutState } from './playout-controller.ts';
import { StartGate } from './start-gate.ts';

/** A pause that leaves less than this is made good by rate alone. */
const HELD_MIN_MS = 1500;
/** How often the playhead is looked at, and how often while the first sound is awaited. */
const OBSERVE_EVERY_MS = 200;
const OBSERVE_START_EVERY_MS = 10;

export interface PlaySessionOptions {
  readonly audio: HTMLAudioElement;
  readonly mount: MountDescription;
  readonly mediaSource: MediaSourceConstructor;
  readonly openListener: OpenListener;
  readonly refreshMount: () => Promise<MountDescription | null>;
  readonly peersAllowed: boolean;
  readonly uploadCapKbps: number;
  readonly playoutDelayMs: number;
  readonly onPhase: (phase: PlayoutPhase) => void;
  readonly onTitle: (title: TrackTitle) => void;
  readonly onFailure: (failure: SessionFailure) => void;
  /** Sees each chunk that is given to playback. */
  readonly onChunk?: ((chunk: Chunk) => void) | undefined;
  readonly onFlow?: ObserveFlow | undefined;
}

export type SessionFailure =
  | SinkFailure
  /** The browser wants a click first. */
  | { readonly type: 'click-needed' }
  /** The listener's code did not load. */
  | { readonly type: 'listener-missing'; readonly reason: string };

/** One run of the sound, from the click to the stop: a listener, a sink and the play-out controller around them. */
export class PlaySession {
  readonly figures = new FigureBook();
  readonly #options: PlaySessionOptions;
  readonly #sink: MediaSink;
  readonly #gate: StartGate;
  readonly #startedAt = performance.now();
  #listener: ListenerPort | null = null;
  #peersAllowed: boolean;
  #uploadCapKbps: number;
  #state: PlayoutState = PLAYOUT_IDLE;
  #position = 0;
  #isPaused = false;
  /** How much further behind the live edge than usual a pause has left us. */
  #heldMs = 0;
  #timer: ReturnType<typeof setInterval>;

  /** Call it in the click: the element may refuse to play otherwise. */
  constructor(options: PlaySessionOptions) {
    const { audio, mediaSource, mount, refreshMount } = options;
    this.#options = options;
    this.#peersAllowed = options.peersAllowed;
    this.#uploadCapKbps = options.uploadCapKbps;
    this.#sink = new MediaSink({
      audio,
      mediaSource,
      codecs: new CodecDirectory(mount, refreshMount),
      onFailure: (failure) => this.#fail(failure),
    });
    this.#gate = new StartGate(
      options.playoutDelayMs,
      () => this.#listener?.snapshot().live?.mediaTime ?? null,
      (chunk) => this.#sink.play(chunk),
      (chunk) => this.#announceTitle(titleOf(chunk)),
    );
    audio.preservesPitch = true;
    audio.playbackRate = 1;
    this.#control({ type: 'start', now: millis(performance.now()), position: 0 });
    this.#timer = setInterval(() => this.#observe(), OBSERVE_START_EVERY_MS);
    audio.play().catch((error: unknown) => {
      if (isNotAllowed(error)) this.#fail({ type: 'click-needed' });
      else if (!isAborted(error)) this.#fail({ type: 'broken', reason: String(error) });
    });
    void this.#openListener();
    expectFormat(mount, mediaSource);
  }

  snapshot(): EngineSnapshot | null {
    return this.#listener?.snapshot() ?? null;
  }

  setPeersAllowed(allowed: boolean): void {
    this.#peersAllowed = allowed;
    this.#listener?.setPeersAllowed(allowed);
  }

  setUploadCap(uploadCapKbps: number): void {
    this.#uploadCapKbps = uploadCapKbps;
    this.#listener?.setUploadCap(uploadCapKbps);
  }

  /** The distance that pauses have added, in ms; 0 when the sound is live. */
  get heldMs(): number {
    return this.#heldMs;
  }

  /** The sound stands still, and what comes meanwhile is kept. */
  pause(): void {
    if (this.#isOver() || this.#isPaused) return;
    this.#isPaused = true;
    this.#options.audio.pause();
  }

  /** Goes on from where it stood. Call it in the click. */
  resume(): void {
    if (this.#isOver() || !this.#isPaused) return;
    const { audio, playoutDelayMs } = this.#options;
    this.#isPaused = false;
    const heldMs = (this.#behindLiveMs(audio.currentTime) ?? 0) - playoutDelayMs;
    this.#heldMs = heldMs < HELD_MIN_MS ? 0 : heldMs;
    this.#restart();
    audio.play().catch((error: unknown) => {
      if (isNotAllowed(error)) this.#fail({ type: 'click-needed' });
    });
  }

  /** Skips what a pause has left unheard. */
  backToLive(): void {
    if (this.#isOver() || this.#heldMs === 0) return;
    const { audio, playoutDelayMs } = this.#options;
    this.#heldMs = 0;
    const from = audio.currentTime;
    const tooFarMs = (this.#behindLiveMs(from) ?? 0) - playoutDelayMs;
    const jump = Math.min(tooFarMs, this.#sink.ahead * 1000 - AHEAD_MIN_MS) / 1000;
    if (jump <= 0) return;
    audio.currentTime = from + jump;
    this.#announce(this.#sink.timeline.passed(from, from + jump));
    this.#restart();
  }

  /** Ends the sound and leaves the swarm; the element is empty afterwards. */
  async stop(): Promise<void> {
    if (this.#isOver()) return;
    this.#control({ type: 'stop' });
    clearInterval(this.#timer);
    this.#gate.close();
    this.#sink.close();
    const { audio } = this.#options;
    audio.pause();
    audio.removeAttribute('src');
    audio.load();
    await this.#listener?.stop();
  }

  async #openListener(): Promise<void> {
    const { openListener, mount } = this.#options;
    try {
      const listener = await openListener({
        mount,
        peersAllowed: this.#peersAllowed,
        uploadCapKbps: this.#uploadCapKbps,
        onFlow: this.#options.onFlow,
        sink: { play: (chunk, skipped) => this.#take(chunk, skipped) },
      });
      if (this.#isOver()) return;
      this.#listener = listener;
      listener.setPeersAllowed(this.#peersAllowed);
      listener.setUploadCap(this.#uploadCapKbps);
      listener.start();
    } catch (error) {
      this.#fail({ type: 'listener-missing', reason: String(error) });
    }
  }

  #take(chunk: Chunk, skipped: number): void {
    this.figures.chunksSkipped += skipped;
    this.#options.onChunk?.(chunk);
    this.#gate.push(chunk);
  }

  /** The playhead was moved by us, or begins to move again: nothing that was measured before counts. */
  #restart(): void {
    const { audio } = this.#options;
    this.#position = audio.currentTime;
    this.#control({ type: 'start', now: millis(performance.now()), position: audio.currentTime });
  }

  #observe(): void {
    if (this.#isPaused) return;
    const { audio } = this.#options;
    const position = audio.currentTime;
    this.#hear(position);
    const gap = this.#sink.gap;
    this.#control({
      type: 'observe',
      observation: {
        now: millis(performance.now()),
        position,
        behindLiveMs: this.#behindLiveMs(position),
        aheadMs: this.#sink.ahead * 1000,
        gapMs: gap === null ? null : gap * 1000,
      },
    });
    this.#position = audio.currentTime;
    this.#reportPlayhead();
  }

  /** What came to be heard since the last look. */
  #hear(position: number): void {
    const from = this.figures.startupMs === null ? -1 : this.#position;
    if (this.figures.startupMs === null) {
      if (position <= 0 || this.#sink.timeline.newest() === null) return;
      this.figures.startupMs = performance.now() - this.#startedAt;
      clearInterval(this.#timer);
      this.#timer = setInterval(() => this.#observe(), OBSERVE_EVERY_MS);
    }
    const heard = this.#sink.timeline.passed(from, position);
    for (const entry of heard) this.figures.addLatency(this.#latencyMs(entry, position));
    this.#announce(heard);
  }

  #announce(entries: readonly TimelineEntry[]): void {
    this.#announceTitle(entries.findLast((entry) => entry.title !== null)?.title ?? null);
  }

  #announceTitle(title: TrackTitle | null): void {
    if (title !== null) this.#options.onTitle(title);
  }

  #latencyMs(entry: TimelineEntry, position: number): number {
    return Date.now() - entry.packagedAt - (position - entry.start) * 1000;
  }

  /** The live edge laid on the element's timeline, through the newest chunk that lies there. */
  #behindLiveMs(position: number): number | null {
    const newest = this.#sink.timeline.newest();
    if (newest === null) return null;
    const live = this.#listener?.snapshot().live ?? null;
    const beyond = live?.epoch === newest.epoch ? Math.max(0, live.mediaTime - mediaEnd(newest)) : micros(0);
    return (newest.start + newest.duration - position) * 1000 + beyond / 1000;
  }

  #reportPlayhead(): void {
    // Sound that a pause holds back is kept here: for the listener, play-out goes on as if live.
    if (this.#heldMs > 0) return;
    const at = this.#sink.timeline.at(this.#position);
    if (at === null) return;
    this.#listener?.reportPlayhead(at.entry.epoch, at.mediaTime, this.#state.phase === 'playing');
  }

  #control(input: PlayoutInput): void {
    const before = this.#state.phase;
    const { state, rate, jumpBy } = stepPlayout(
      this.#state,
      input,
      this.#options.playoutDelayMs + this.#heldMs,
    );
    this.#state = state;
    const { audio } = this.#options;
    if (audio.playbackRate !== rate) audio.playbackRate = rate;
    if (jumpBy !== null) {
      const from = audio.currentTime;
      audio.currentTime = from + jumpBy;
      this.#announce(this.#sink.timeline.passed(from, from + jumpBy));
      this.figures.jumps += 1;
    }
    if (before === state.phase) return;
    if (state.phase === 'stalled') this.figures.stalls += 1;
    this.#options.onPhase(state.phase);
  }

  #fail(failure: SessionFailure): void {
    if (!this.#isOver()) this.#options.onFailure(failure);
  }

  #isOver(): boolean {
    return this.#state.phase === 'ended';
  }
}

const mediaEnd = (entry: TimelineEntry): Micros => micros(entry.mediaTime + Math.round(entry.duration * 1e6));

/** Where the mount's codec needs a container, its code comes while the first chunks do. */
function expectFormat(mount: MountDescription, mediaSource: MediaSourceConstructor): void {
  if (mount.codec === null) return;
  const format = chooseFormat({ ...mount.codec, setup: null }, (type) => mediaSource.isTypeSupported(type));
  if (format === null || format.packing === 'raw') return;
  import('./container.ts').catch(() => {
    // The sink asks for it again, and tells if it cannot be had.
  });
}
