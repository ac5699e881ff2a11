import { Continuity } from './continuity.ts';
import type { IngestEvent, SoundEvent, StateEvent, TitleEvent } from './events.ts';

/** A source client takes over when it has given this much sound: a test of its settings is not heard. */
export const LIVE_SOUND_MS = 500;
/** Events held until then. */
export const LIVE_EVENTS_MAX = 2_048;

/** One source client's way to its mount. */
export interface LiveInput {
  readonly isOnAir: boolean;
  take(event: SoundEvent): void;
  /** Nothing comes any more, though it is connected: the pulled source, if it has sound, plays from its next frame on. */
  stall(): void;
  /** It has left. Nothing may be given afterwards. */
  end(reason: string): void;
}

/**
 * Decides what a mount plays: a source client that is live, else the pulled source. The pulled source is read all the
 * while, so that handing over takes no longer than a frame. Each change is a gap: a new epoch begins.
 */
export class Takeover {
  readonly #onEvent: (event: IngestEvent) => void;
  readonly #continuity: Continuity;
  readonly #pulled: Side = { config: null, title: NO_TITLE };
  #pulledState: StateEvent = NOTHING_PULLED;
  #onAir: Live | null = null;

  /** @param onEvent called in order. What it throws is not caught. */
  constructor(onEvent: (event: IngestEvent) => void) {
    this.#onEvent = onEvent;
    this.#continuity = new Continuity(onEvent);
  }

  /** The next event of the pulled source. */
  pulled(event: IngestEvent): void {
    if (event.type === 'state') {
      this.#pulledState = event;
      if (this.#onAir === null) this.#onEvent(event);
      return;
    }
    if (event.type === 'frame' && this.#onAir?.isStalled === true)
      this.#handBack('the source client sends nothing');
    remember(this.#pulled, event);
    if (this.#onAir === null) this.#continuity.take(event);
  }

  /** No source is pulled: the mount waits for source clients. */
  waitForLive(): void {
    this.#onEvent(NOTHING_PULLED);
  }

  /** It has given sound, now or before. */
  get hasPulledSound(): boolean {
    return this.#pulled.config !== null;
  }

  /** @param name for the log and the status, without secrets. One at a time: the one before must have ended. */
  beginLive(name: string): LiveInput {
    return new Live(name, {
      goOnAir: (live) => this.#goOnAir(live),
      pass: (event) => this.#continuity.take(event),
      leave: (live, reason) => {
        if (this.#onAir === live) this.#handBack(reason);
      },
    });
  }

  #goOnAir(live: Live): void {
    this.#continuity.breakOff(`${live.name} takes over`);
    this.#onAir = live;
    this.#onEvent({ type: 'state', state: 'live', source: live.name });
    this.#tell(live.side);
  }

  #handBack(reason: string): void {
    if (this.#onAir !== null) this.#onAir.isOnAir = false;
    this.#onAir = null;
    this.#continuity.breakOff(reason);
    this.#onEvent(this.#pulledState);
    this.#tell(this.#pulled);
  }

  #tell(side: Side): void {
    if (side.config !== null) this.#continuity.take(side.config);
    this.#continuity.take(side.title);
  }
}

const NO_TITLE: TitleEvent = { type: 'title', title: '' };
const NOTHING_PULLED: StateEvent = {
  type: 'state',
  state: 'waiting',
  source: 'source client',
  detail: 'none is connected',
};

/** What must be told again when a source comes back on air. */
interface Side {
  config: Extract<SoundEvent, { type: 'config' }> | null;
  title: TitleEvent;
}

function remember(side: Side, event: SoundEvent): void {
  if (event.type === 'config') side.config = event;
  if (event.type === 'title') side.title = event;
}

interface LivePort {
  goOnAir(live: Live): void;
  pass(event: SoundEvent): void;
  leave(live: Live, reason: string): void;
}

class Live implements LiveInput {
  readonly name: string;
  readonly side: Side = { config: null, title: NO_TITLE };
  isOnAir = false;
  isStalled = false;
  readonly #port: LivePort;
  #held: SoundEvent[] = [];
  #heldMs = 0;

  constructor(name: string, port: LivePort) {
    this.name = name;
    this.#port = port;
  }

  take(event: SoundEvent): void {
    remember(this.side, event);
    if (event.type === 'frame') this.isStalled = false;
    if (this.isOnAir) this.#port.pass(event);
    else this.#hold(event);
  }

  stall(): void {
    this.isStalled = true;
    this.#release();
  }

  end(reason: string): void {
    this.#port.leave(this, reason);
  }

  #hold(event: SoundEvent): void {
    // What came before does not go on into what comes now.
    if (event.type === 'config' || event.type === 'gap') this.#release();
    if (event.type !== 'frame') return;
    this.#held.push(event);
    this.#heldMs +=
      (event.frame.sampleCount * 1000) / (this.side.config?.config.sampleRateHz ?? Number.POSITIVE_INFINITY);
    if (this.#heldMs < LIVE_SOUND_MS && this.#held.length < LIVE_EVENTS_MAX) return;
    this.isOnAir = true;
    this.#port.goOnAir(this);
    for (const held of this.#release()) this.#port.pass(held);
  }

  #release(): readonly SoundEvent[] {
    const held = this.#held;
    this.#held = [];
    this.#heldMs = 0;
    return held;
  }
}
