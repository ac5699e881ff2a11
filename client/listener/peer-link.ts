import type { LinkEnd } from '../../shared/swarm/engine-io.ts';
import type { PeerId } from '../../shared/units.ts';
import type { CancelTimer, Clock, CreatePeer, Peer, PeerOptions, PeerSignal } from './environment.ts';

export interface PeerLinkOptions extends PeerOptions {
  readonly peerId: PeerId;
  /** Chosen by the initiator: tells this attempt's signals from those of an earlier one. */
  readonly session: string;
  readonly clock: Clock;
  readonly createPeer: CreatePeer;
  readonly events: PeerLinkEvents;
}

export interface PeerLinkEvents {
  readonly onSignal: (link: PeerLink, signal: PeerSignal) => void;
  readonly onOpen: (link: PeerLink) => void;
  readonly onMessage: (link: PeerLink, data: Uint8Array) => void;
  readonly onWritable: (link: PeerLink, writable: boolean) => void;
  /** Once, unless we closed the link ourselves. */
  readonly onClosed: (link: PeerLink, reason: string, end: LinkEnd) => void;
}

/** A link that is not open by then is given up: where hole punching works it takes a second or two. */
export const LINK_SETUP_TIMEOUT_MS = 8_000;
/** Above this, the engine is asked to send nothing that can be left out. */
export const HIGH_WATER_BYTES = 131_072;
export const LOW_WATER_BYTES = 32_768;
/** A message that would take the buffer above this is dropped: what does not drain must not be queued. */
export const BUFFERED_BYTES_MAX = 524_288;
/** A channel above its high-water mark for so long has stopped reading. */
export const STALL_MAX_MS = 15_000;
/** Messages kept from a channel that is open at the other end already. */
export const EARLY_MESSAGES_MAX = 32;
const DRAIN_POLL_MS = 50;

/** One WebRTC link: its set-up, and the one owner of its backpressure. */
export class PeerLink {
  readonly peerId: PeerId;
  readonly session: string;
  readonly initiator: boolean;
  /** Messages not sent, as the channel was full or closing. */
  droppedMessages = 0;
  readonly #options: PeerLinkOptions;
  readonly #peer: Peer;
  #phase: 'setting-up' | 'open' | 'closed' = 'setting-up';
  /** What came before simple-peer said `connect`: it does so a moment after the channel has opened. */
  readonly #early: Uint8Array[] = [];
  #congestedSince: number | null = null;
  /** Of the set-up, then of the drain poll. */
  #cancelTimer: CancelTimer;

  constructor(options: PeerLinkOptions) {
    this.#options = options;
    this.peerId = options.peerId;
    this.session = options.session;
    this.initiator = options.initiator;
    const { events } = options;
    this.#cancelTimer = options.clock.after(LINK_SETUP_TIMEOUT_MS, () => {
      this.#fail('set-up timeout', 'unreachable');
    });
    this.#peer = options.createPeer(options, {
      onSignal: (signal) => {
        if (this.#phase !== 'closed') events.onSignal(this, signal);
      },
      onConnect: () => {
        if (this.#phase !== 'setting-up') return;
        this.#cancelTimer();
        this.#phase = 'open';
        events.onOpen(this);
        for (const data of this.#early.splice(0)) this.#received(data);
      },
      onData: (data) => {
        this.#received(data);
      },
      onClose: (reason, end) => {
        this.#fail(reason, end);
      },
    });
  }

  get isOpen(): boolean {
    return this.#phase === 'open';
  }

  signal(signal: PeerSignal): void {
    if (this.#phase === 'closed') return;
    try {
      this.#peer.signal(signal);
    } catch {
      // The peer is dead already: its close event follows.
    }
  }

  /** Drops and counts the message where the channel is not open or full. Empty (or detached) data is never sent. */
  send(data: Uint8Array): void {
    if (this.#phase !== 'open') return;
    if (data.byteLength === 0 || this.#peer.bufferedAmount() + data.byteLength > BUFFERED_BYTES_MAX) {
      this.droppedMessages += 1;
      return;
    }
    try {
      this.#peer.send(data);
    } catch {
      // The channel is closing: its close event follows.
      this.droppedMessages += 1;
      return;
    }
    if (this.#congestedSince === null && this.#peer.bufferedAmount() > HIGH_WATER_BYTES) {
      this.#congestedSince = this.#options.clock.now();
      this.#pollDrain();
      this.#options.events.onWritable(this, false);
    }
  }

  /** Ours to close: `onClosed` is not called. */
  close(): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#early.length = 0;
    this.#cancelTimer();
    this.#peer.destroy();
  }

  #received(data: Uint8Array): void {
    if (this.#phase === 'open') this.#options.events.onMessage(this, data);
    else if (this.#phase === 'setting-up') {
      if (this.#early.length >= EARLY_MESSAGES_MAX) this.#fail('too many messages before the link was open');
      else this.#early.push(data);
    }
  }

  // Polled only while congested: the channel's low-water event belongs to simple-peer's stream side.
  #pollDrain(): void {
    this.#cancelTimer = this.#options.clock.after(DRAIN_POLL_MS, () => {
      const since = this.#congestedSince;
      if (this.#phase !== 'open' || since === null) return;
      if (this.#peer.bufferedAmount() <= LOW_WATER_BYTES) {
        this.#congestedSince = null;
        this.#options.events.onWritable(this, true);
      } else if (this.#options.clock.now() - since >= STALL_MAX_MS) this.#fail('stopped reading');
      else this.#pollDrain();
    });
  }

  #fail(reason: string, end: LinkEnd = 'closed'): void {
    if (this.#phase === 'closed') return;
    this.close();
    this.#options.events.onClosed(this, reason, end);
  }
}
