import type { Socket } from 'node:net';

/** Reads a socket piece by piece, on demand: what is not asked for is not read, and the other side is held up. */
export class SocketReader {
  readonly #socket: Socket;
  #held: Buffer[] = [];
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    for (const event of EVENTS) socket.on(event, this.#onEvent);
  }

  /** The next bytes; null: the other side has ended, or the connection is gone. */
  async read(): Promise<Buffer | null> {
    for (;;) {
      const bytes = this.#held.shift() ?? this.#next();
      if (bytes !== null) return bytes;
      if (this.#socket.readableEnded || this.#socket.destroyed) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The next `read` gives these bytes. */
  unread(bytes: Buffer): void {
    if (bytes.length > 0) this.#held.unshift(bytes);
  }

  /** Lets go of the socket; returns what was read and not used. */
  release(): Buffer {
    for (const event of EVENTS) this.#socket.off(event, this.#onEvent);
    return Buffer.concat(this.#held.splice(0));
  }

  #next(): Buffer | null {
    const bytes: unknown = this.#socket.read();
    return bytes instanceof Buffer ? bytes : null;
  }

  readonly #onEvent = (): void => {
    this.#wake();
  };
}

/** `error` is followed by `close`; listened to, it does no harm. */
const EVENTS = ['readable', 'end', 'close', 'error'] as const;
