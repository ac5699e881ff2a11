import type { ListenerMessage, TrackerMessage } from '../../shared/tracker/messages.ts';
import {
  TRACKER_ALIVE,
  TRACKER_ALIVE_INTERVAL_MS,
  TRACKER_MESSAGE_LENGTH_MAX,
  trackerMessageSchema,
} from '../../shared/tracker/messages.ts';
import type { RandomSource } from '../../shared/units.ts';
import { BackOff } from './back-off.ts';
import type { CancelTimer, Clock, OpenSocket, Socket } from './environment.ts';

export interface TrackerSocketOptions {
  /** WebSocket addresses, the one to be preferred first; the next one is tried after a failure. */
  readonly addresses: readonly string[];
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly openSocket: OpenSocket;
  readonly onOpen: () => void;
  readonly onMessage: (message: TrackerMessage) => void;
  readonly onClosed: () => void;
}

/** A socket that is not open by then is given up. */
export const OPEN_TIMEOUT_MS = 10_000;
/** … and sooner where there is another: a newcomer waits for it. */
export const OPEN_TIMEOUT_ELSE_MS = 3_000;
/**
 * Who is not at the first tracker of the list looks, between so long and three times as long, whether one before its own
 * is there (again), and moves: a swarm at two trackers would be two swarms. The spread spares the one that comes back.
 */
export const RETURN_AFTER_MS = 60_000;
/** … and ever more rarely if it comes and goes. */
export const RETURN_AFTER_MAX_MS = 900_000;
/** A connection that lasted this long has proved the tracker well: the back-off starts anew. */
export const STABLE_AFTER_MS = 30_000;
/** A tracker that sends signs of life, and none for this long, is gone. */
export const SILENCE_MAX_MS: number = 3 * TRACKER_ALIVE_INTERVAL_MS;
export const TRACKER_BACK_OFF = { baseMs: 1_000, capMs: 30_000, floorMs: 100 } as const;
/**
 * When a stable connection is lost, everybody's may be: the first returns are spread over so long. With the back-off
 * after it, under 10 % of a swarm come per second; a tracker takes that from 10,000 listeners (1,300 joins a second).
 */
export const LOST_SPREAD_MS = 15_000;

/**
 * Keeps one connection to a tracker. What it says is validated; what is not understood closes the connection. This is
 * the one layer that retries a tracker: exponential back-off with jitter, reset only by a stable connection.
 */
export class TrackerSocket {
  readonly #options: TrackerSocketOptions;
  readonly #backOff: BackOff;
  #state: State = { phase: 'idle' };
  #addresses: readonly string[];
  #address: string;
  #returnMs = RETURN_AFTER_MS;
  #cancelReturn: CancelTimer | null = null;
  /** A tracker that is preferred, being tried while another is open. */
  #trial: { readonly socket: Socket; readonly cancel: CancelTimer } | null = null;

  constructor(options: TrackerSocketOptions) {
    this.#options = options;
    this.#addresses = options.addresses;
    this.#address = this.#addresses[0] ?? '';
    this.#backOff = new BackOff(TRACKER_BACK_OFF, options.random);
  }

  /** Does nothing when started before, or without an address. */
  start(): void {
    if (this.#state.phase === 'idle') this.#open();
  }

  /** Connections from now on go to these. The one that is open stays, until one that comes before it is reached. */
  setAddresses(addresses: readonly string[]): void {
    this.#addresses = addresses;
    if (this.#state.phase === 'open' && this.#cancelReturn === null && this.#trial === null)
      this.#returnLater();
  }

  /** The one that is open, being opened or tried next; empty without any. */
  get address(): string {
    return this.#address;
  }

  /** Dropped while there is no connection: everything said to a tracker is about now. */
  send(message: ListenerMessage): void {
    if (this.#state.phase === 'open') this.#state.socket.send(JSON.stringify(message));
  }

  /** For good. `onClosed` is not called. */
  close(): void {
    const state = this.#state;
    this.#state = { phase: 'closed' };
    this.#endTrial();
    if (state.phase === 'waiting') state.cancel();
    if (state.phase === 'opening' || state.phase === 'open') {
      for (const cancel of state.timers) cancel();
      state.socket.close();
    }
  }

  #open(): void {
    if (this.#address === '') return;
    const socket = this.#connect(this.#address, {
      onOpen: () => {
        if (this.#holds(socket)) this.#opened(socket);
      },
      onClose: () => {
        if (this.#holds(socket)) this.#lost();
      },
    });
    const timeout = this.#options.clock.after(this.#openTimeoutMs, () => {
      this.#giveUp(socket);
    });
    this.#state = { phase: 'opening', socket, timers: new Set([timeout]) };
  }

  #connect(address: string, handlers: { readonly onOpen: () => void; readonly onClose: () => void }): Socket {
    const socket = this.#options.openSocket(address, {
      ...handlers,
      onText: (text) => {
        if (this.#holds(socket)) this.#received(socket, text);
      },
    });
    return socket;
  }

  #opened(socket: Socket): void {
    this.#cancelTimers();
    const stable = this.#options.clock.after(STABLE_AFTER_MS, () => {
      this.#backOff.reset(LOST_SPREAD_MS);
      if (this.#isFirst) this.#returnMs = RETURN_AFTER_MS;
    });
    this.#state = { phase: 'open', socket, timers: new Set([stable]), cancelSilence: null };
    this.#returnLater();
    this.#options.onOpen();
  }

  #returnLater(): void {
    this.#endTrial();
    if (this.#isFirst) return;
    const delayMs = this.#returnMs * (1 + 2 * this.#options.random());
    this.#cancelReturn = this.#options.clock.after(delayMs, () => {
      this.#cancelReturn = null;
      this.#try(0);
    });
  }

  /** Connects to the address at `index` of the list if it comes before ours; to the one after it if that fails. */
  #try(index: number): void {
    const address = this.#addresses[index];
    if (address === undefined || address === this.#address) {
      this.#returnLater();
      return;
    }
    const failed = (): void => {
      if (this.#trial?.socket !== socket) return;
      this.#endTrial();
      socket.close();
      this.#try(index + 1);
    };
    const socket = this.#connect(address, {
      onOpen: () => {
        if (this.#trial?.socket === socket) this.#moveTo(address, socket);
      },
      onClose: () => {
        if (this.#holds(socket)) this.#lost();
        else failed();
      },
    });
    this.#trial = { socket, cancel: this.#options.clock.after(this.#openTimeoutMs, failed) };
  }

  /** Links, parents and sound stay: at the new tracker we show the id that we had at the old one. */
  #moveTo(address: string, socket: Socket): void {
    const old = this.#state;
    this.#trial?.cancel();
    this.#trial = null;
    this.#returnMs = Math.min(RETURN_AFTER_MAX_MS, 2 * this.#returnMs);
    this.send({ type: 'leave' });
    this.#cancelTimers();
    this.#state = { phase: 'opening', socket, timers: new Set() };
    this.#address = address;
    if (old.phase === 'open') old.socket.close();
    this.#options.onClosed();
    if (this.#holds(socket)) this.#opened(socket);
  }

  #endTrial(): void {
    this.#cancelReturn?.();
    this.#cancelReturn = null;
    const trial = this.#trial;
    this.#trial = null;
    trial?.cancel();
    trial?.socket.close();
  }

  get #isFirst(): boolean {
    return this.#addresses.length === 0 || this.#addresses[0] === this.#address;
  }

  get #openTimeoutMs(): number {
    return this.#addresses.length > 1 ? OPEN_TIMEOUT_ELSE_MS : OPEN_TIMEOUT_MS;
  }

  #received(socket: Socket, text: string): void {
    this.#heard(socket, text === TRACKER_ALIVE);
    if (text === TRACKER_ALIVE) return;
    const message = parseTrackerMessage(text);
    if (message === null) this.#giveUp(socket);
    else this.#options.onMessage(message);
  }

  /** Silence is counted only once the tracker has shown that it sends signs of life. */
  #heard(socket: Socket, alive: boolean): void {
    const state = this.#state;
    if (state.phase !== 'open' || (state.cancelSilence === null && !alive)) return;
    if (state.cancelSilence !== null) {
      state.cancelSilence();
      state.timers.delete(state.cancelSilence);
    }
    state.cancelSilence = this.#options.clock.after(SILENCE_MAX_MS, () => {
      this.#giveUp(socket);
    });
    state.timers.add(state.cancelSilence);
  }

  #giveUp(socket: Socket): void {
    if (!this.#holds(socket)) return;
    this.#lost();
    socket.close();
  }

  #lost(): void {
    this.#cancelTimers();
    this.#endTrial();
    const wasOpen = this.#state.phase === 'open';
    const next = this.#addresses.indexOf(this.#address) + 1;
    this.#address = this.#addresses[next] ?? this.#addresses[0] ?? '';
    const cancel = this.#options.clock.after(this.#backOff.nextDelayMs(), () => {
      this.#open();
    });
    this.#state = { phase: 'waiting', cancel };
    if (wasOpen) this.#options.onClosed();
  }

  #holds(socket: Socket): boolean {
    const state = this.#state;
    return (state.phase === 'opening' || state.phase === 'open') && state.socket === socket;
  }

  #cancelTimers(): void {
    if (this.#state.phase !== 'opening' && this.#state.phase !== 'open') return;
    for (const cancel of this.#state.timers) cancel();
    this.#state.timers.clear();
  }
}

type State =
  | { readonly phase: 'idle' | 'closed' }
  | { readonly phase: 'opening'; readonly socket: Socket; readonly timers: Set<CancelTimer> }
  | {
      readonly phase: 'open';
      readonly socket: Socket;
      readonly timers: Set<CancelTimer>;
      cancelSilence: CancelTimer | null;
    }
  | { readonly phase: 'waiting'; readonly cancel: CancelTimer };

function parseTrackerMessage(text: string): TrackerMessage | null {
  if (text.length > TRACKER_MESSAGE_LENGTH_MAX) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = trackerMessageSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}
