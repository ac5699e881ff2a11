import type { Millis, RandomSource } from '../../shared/units.ts';
import type { SourceConfig } from '../config/config.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { Continuity } from './continuity.ts';
import { startDemoFeed } from '../demo/demo-feed.ts';
import type { IngestEvent, SoundEvent, StateEvent } from './events.ts';
import type { Feed, StartFeed } from './feed.ts';
import { startHttpFeed } from './http/http-feed.ts';
import { redactUrl } from './source-error.ts';

/** The first wait after every source has failed; doubled each time, up to the cap, and shortened by up to half. */
export const RETRY_MS_FIRST = 500;
export const RETRY_MS_CAP = 15_000;
/** A source that stayed this long was no flicker: after it, the wait starts from nothing again. */
export const STEADY_MS = 10_000;
/** While a fallback plays, better sources are tried this often (± a quarter). */
export const PROBE_MS = 10_000;
/** A better source is taken back when it has given this much sound. */
export const PROBE_SOUND_MS = 1_000;
export const PROBE_EVENTS_MAX = 4_096;

export interface IngestOptions {
  /** At least one. The first is the one to play; the others stand in for it, in this order. */
  readonly sources: readonly SourceConfig[];
  /** Called in order, never from within `startIngest`. What it throws is not caught. */
  onEvent(event: IngestEvent): void;
  readonly random: RandomSource;
  readonly clock?: Clock;
  readonly startFeed?: StartFeed<SourceConfig>;
}

export interface Ingest {
  /** No event comes after this. */
  stop(): Promise<void>;
  stats(): IngestStats;
}

export interface IngestStats {
  readonly receivedBytes: number;
  readonly frames: number;
  /** Bytes that belonged to no frame: garbage, tags, frames cut short. */
  readonly discardedBytes: number;
  /** How often a source went live after the first time. */
  readonly reconnects: number;
  /** Null while none is live; no secrets. */
  readonly currentSource: string | null;
  readonly lastError: string | null;
}

/**
 * Keeps one mount fed: connects, follows the list of sources when one is lost, returns to the first when it is back,
 * and never gives up.
 * @throws RangeError if there is no source.
 */
export function startIngest(options: IngestOptions): Ingest {
  if (options.sources.length === 0)
    throw new RangeError('Cannot start an ingest as one or more sources: current value is 0');
  return new SourceRotation(options);
}

/** A feed under way: tried (no sound yet), live, or a probe whose sound is held until it is taken over. */
interface Run {
  readonly index: number;
  feed: Feed | null;
  role: { readonly kind: 'tried' } | { readonly kind: 'live'; readonly since: Millis } | ProbeRole;
}

interface ProbeRole {
  readonly kind: 'probe';
  readonly held: SoundEvent[];
  soundMs: number;
  sampleRateHz: number;
}

class SourceRotation implements Ingest {
  readonly #options: IngestOptions;
  readonly #clock: Clock;
  readonly #startFeed: StartFeed<SourceConfig>;
  readonly #continuity: Continuity;
  #current: Run | null = null;
  #probe: Run | null = null;
  /** Indexes that are still to be tried before the next wait. */
  #order: readonly number[] = [];
  #roundsFailed = 0;
  #cancelTimer: () => void = () => undefined;
  #isStopped = false;
  #receivedBytes = 0;
  #discardedBytes = 0;
  #liveCount = 0;
  #lastLiveIndex: number | null = null;
  #lastError: string | null = null;

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#continuity = new Continuity((event) => options.onEvent(event));
    this.#startFeed =
      options.startFeed ??
      ((source, listener) =>
        source.kind === 'demo'
          ? startDemoFeed(listener, this.#clock)
          : startHttpFeed(source.url, listener, this.#clock));
    this.#order = options.sources.map((_, index) => index);
    this.#later(0, () => this.#tryNext());
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer();
    this.#current?.feed?.stop();
    this.#probe?.feed?.stop();
    this.#current = null;
    this.#probe = null;
    return Promise.resolve();
  }

  stats(): IngestStats {
    return {
      receivedBytes: this.#receivedBytes,
      frames: this.#continuity.frameCount,
      discardedBytes: this.#discardedBytes,
      reconnects: Math.max(0, this.#liveCount - 1),
      currentSource: this.#current?.role.kind === 'live' ? this.#label(this.#current.index) : null,
      lastError: this.#lastError,
    };
  }

  #tryNext(): void {
    const [index, ...rest] = this.#order;
    if (index === undefined) {
      this.#wait();
      return;
    }
    this.#order = rest;
    if (this.#lastLiveIndex !== null && this.#lastLiveIndex !== index) this.#continuity.forgetTitle();
    this.#state('connecting', index);
    if (!this.#isStopped) this.#current = this.#start(index, { kind: 'tried' });
  }

  #wait(): void {
    const delay = Math.min(RETRY_MS_CAP, RETRY_MS_FIRST * 2 ** Math.min(this.#roundsFailed, 16));
    const jittered = delay * (0.5 + 0.5 * this.#options.random());
    this.#roundsFailed += 1;
    this.#state('waiting', 0, `next try in ${(jittered / 1000).toFixed(1)} s`);
    this.#order = this.#options.sources.map((_, index) => index);
    this.#later(jittered, () => this.#tryNext());
  }

  #start(index: number, role: Run['role']): Run {
    const run: Run = { index, feed: null, role };
    const source = this.#options.sources[index];
    if (source === undefined)
      throw new RangeError(`Cannot start a source as one of the list: current value is ${index}`);
    run.feed = this.#startFeed(source, {
      onSound: (event) => this.#takeSound(run, event),
      onReceived: (byteCount) => (this.#receivedBytes += byteCount),
      onDiscarded: (byteCount) => (this.#discardedBytes += byteCount),
      onEnd: (error) => this.#takeEnd(run, error),
    });
    return run;
  }

  #takeSound(run: Run, event: SoundEvent): void {
    if (run.role.kind === 'probe') this.#hold(run, run.role, event);
    else {
      if (run.role.kind === 'tried' && event.type === 'frame') this.#goLive(run);
      this.#continuity.take(event);
    }
  }

  #goLive(run: Run): void {
    run.role = { kind: 'live', since: this.#clock.now() };
    this.#liveCount += 1;
    this.#lastLiveIndex = run.index;
    this.#state('live', run.index);
    if (run.index > 0) this.#probeLater(0);
  }

  #takeEnd(run: Run, error: Error): void {
    run.feed?.stop();
    this.#lastError = error.message;
    this.#state('failed', run.index, error.message);
    if (this.#isStopped) return;
    if (run.role.kind === 'probe') {
      this.#probe = null;
      this.#probeLater(run.index + 1);
      return;
    }
    this.#current = null;
    this.#probe?.feed?.stop();
    this.#probe = null;
    if (run.role.kind === 'tried') {
      this.#tryNext();
      return;
    }
    this.#continuity.breakOff(error.message);
    const isSteady = this.#clock.now() - run.role.since >= STEADY_MS;
    if (isSteady) this.#roundsFailed = 0;
    // The others first: the one that was just lost is the least likely to answer.
    const others = this.#options.sources.map((_, index) => index).filter((index) => index !== run.index);
    this.#order = isSteady ? [...others, run.index] : others;
    this.#later(0, () => this.#tryNext());
  }

  /** Tries the sources before the current one, beginning with `index`, then rests. */
  #probeLater(index: number): void {
    const current = this.#current;
    if (current === null || current.index === 0) return;
    if (index > 0 && index < current.index) {
      this.#startProbe(index);
      return;
    }
    this.#later(PROBE_MS * (0.75 + 0.5 * this.#options.random()), () => this.#startProbe(0));
  }

  #startProbe(index: number): void {
    this.#probe = this.#start(index, { kind: 'probe', held: [], soundMs: 0, sampleRateHz: 0 });
  }

  #hold(run: Run, role: ProbeRole, event: SoundEvent): void {
    role.held.push(event);
    if (event.type === 'config') role.sampleRateHz = event.config.sampleRateHz;
    if (event.type === 'frame') role.soundMs += (event.frame.sampleCount * 1000) / role.sampleRateHz;
    if (role.soundMs < PROBE_SOUND_MS && role.held.length < PROBE_EVENTS_MAX) return;
    this.#current?.feed?.stop();
    this.#current = run;
    this.#probe = null;
    this.#continuity.breakOff(`${this.#label(run.index)} is back`);
    this.#continuity.forgetTitle();
    this.#goLive(run);
    for (const held of role.held) this.#continuity.take(held);
  }

  /** One timer: waiting for the next try and waiting for the next probe exclude each other. */
  #later(delay: number, task: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(delay, () => {
      if (!this.#isStopped) task();
    });
  }

  #state(state: StateEvent['state'], index: number, detail?: string): void {
    const source = this.#label(index);
    this.#options.onEvent({ type: 'state', state, source, ...(detail !== undefined && { detail }) });
  }

  #label(index: number): string {
    const source = this.#options.sources[index];
    return source?.kind === 'url' ? redactUrl(source.url) : 'demo';
  }
}
