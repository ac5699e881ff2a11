import { WebSocket } from 'ws';
import type { RawData } from 'ws';
import { BackOff } from '../client/listener/back-off.ts';
import type { RandomSource } from '../shared/units.ts';

export interface LastingSocketOptions {
  readonly address: string;
  readonly random: RandomSource;
  /** The longest message that the other end may send, bytes. */
  readonly messageLengthMax: number;
  readonly onOpen: () => void;
  readonly onText: (text: string) => void;
  /** Once for each connection that was lost, and for each attempt that failed. */
  readonly onLost: (reason: string) => void;
}

const BACK_OFF = { baseMs: 500, capMs: 15_000, floorMs: 100 } as const;
const OPEN_TIMEOUT_MS = 5_000;
/** The other end pings more often than this. */
const SILENCE_MAX_MS = 25_000;
/** A connection that lasted so long has proved well. */
const STABLE_AFTER_MS = 20_000;

/** One WebSocket to a server, opened again with back-off and jitter whenever it is lost: the one layer that retries it. */
export class LastingSocket {
  readonly #options: LastingSocketOptions;
  readonly #backOff: BackOff;
  #socket: WebSocket | null = null;
  #retry: NodeJS.Timeout | null = null;
  #silence: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(options: LastingSocketOptions) {
    this.#options = options;
    this.#backOff = new BackOff(BACK_OFF, options.random);
    this.#open();
  }

  /** Bytes given to the connection and not sent yet. */
  get unsentBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Does nothing while there is no connection. */
  send(data: string | Uint8Array): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(data, () => undefined);
  }

  /** Give this connection up and open another. */
  reopen(): void {
    this.#socket?.terminate();
  }

  /** For good; `onLost` is not called. */
  close(): void {
    this.#isClosed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    if (this.#silence !== null) clearTimeout(this.#silence);
    this.#socket?.close();
    // A peer that has gone silent does not answer the closing either.
    const socket = this.#socket;
    setTimeout(() => socket?.terminate(), 500).unref();
  }

  #open(): void {
    const { address, messageLengthMax } = this.#options;
    const socket = new WebSocket(address, {
      handshakeTimeout: OPEN_TIMEOUT_MS,
      maxPayload: messageLengthMax,
      perMessageDeflate: false,
      followRedirects: false,
    });
    this.#socket = socket;
    let failure = '';
    let openedAt: number | null = null;
    socket.on('open', () => {
      openedAt = performance.now();
      this.#heard(socket);
      if (!this.#isClosed) this.#options.onOpen();
    });
    socket.on('ping', () => this.#heard(socket));
    socket.on('message', (data: RawData, isBinary: boolean) => {
      this.#heard(socket);
      if (!this.#isClosed)
        this.#options.onText(isBinary || !Buffer.isBuffer(data) ? '' : data.toString('utf8'));
    });
    socket.on('error', (error) => {
      failure = error.message;
    });
    socket.on('close', (code) => {
      if (this.#silence !== null) clearTimeout(this.#silence);
      if (this.#isClosed) return;
      if (openedAt !== null && performance.now() - openedAt > STABLE_AFTER_MS)
        this.#backOff.reset(BACK_OFF.baseMs);
      this.#options.onLost(failure === '' ? `closed (${code})` : failure);
      this.#retry = setTimeout(() => this.#open(), this.#backOff.nextDelayMs());
    });
  }

  #heard(socket: WebSocket): void {
    if (this.#silence !== null) clearTimeout(this.#silence);
    this.#silence = setTimeout(() => socket.terminate(), SILENCE_MAX_MS);
  }
}
