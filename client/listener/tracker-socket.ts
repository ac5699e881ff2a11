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
  /** WebSocket addresses, best first; the next one is tried after a failure. */
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
  #addressIndex = 0;

  constructor(options: TrackerSocketOptions) {
    this.#options = options;
    this.#addresses = options.addresses;
    this.#backOff = new BackOff(TRACKER_BACK_OFF, options.random);
  }

  /** Does nothing when started before, or without an address. */
  start(): void {
    if (this.#state.phase === 'idle') this.#open();
  }

  /** Connections from now on go to these; the one that is open stays, whether it is among them or not. */
  setAddresses(addresses: readonly string[]): void {
    const current = this.address;
    this.#addresses = addresses;
    this.#addressIndex = Math.max(0, addresses.indexOf(current));
  }

  /** The one that is open, being opened or tried next; empty without any. */
  get address(): string {
    return this.#addresses[this.#addressIndex % Math.max(1, this.#addresses.length)] ?? '';
  }

  /** Dropped while there is no connection: everything said to a tracker is about now. */
  send(message: ListenerMessage): void {
    if (this.#state.phase === 'open') this.#state.socket.send(JSON.stringify(message));
  }

  /** For good. `onClosed` is not called. */
  close(): void {
    const state = this.#state;
    this.#state = { phase: 'closed' };
    if (state.phase === 'waiting') state.cancel();
    if (state.phase === 'opening' || state.phase === 'open') {
      for (const cancel of state.timers) cancel();
      state.socket.close();
    }
  }

  #open(): void {
    const addresses = this.#addresses;
    const { clock, openSocket } = this.#options;
    const address = addresses[this.#addressIndex % Math.max(1, addresses.length)];
    if (address === undefined) return;
    const socket = openSocket(address, {
      onOpen: () => {
        if (this.#holds(socket)) this.#opened(socket);
      },
      onText: (text) => {
        if (this.#holds(socket)) this.#received(socket, text);
      },
      onClose: () => {
        if (this.#holds(socket)) this.#lost();
      },
    });
    const timeout = clock.after(OPEN_TIMEOUT_MS, () => {
      this.#giveUp(socket);
    });
    this.#state = { phase: 'opening', socket, timers: new Set([timeout]) };
  }

  #opened(socket: Socket): void {
    this.#cancelTimers();
    const stable = this.#options.clock.after(STABLE_AFTER_MS, () => {
      this.#backOff.reset(LOST_SPREAD_MS);
    });
    this.#state = { phase: 'open', socket, timers: new Set([stable]), cancelSilence: null };
    this.#options.onOpen();
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
    const wasOpen = this.#state.phase === 'open';
    this.#addressIndex += 1;
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
