import type { Socket } from 'node:net';
import { answer } from './answers.ts';
import { handBack, mendFirstLine, whoSpeaks } from './first-bytes.ts';
import { SocketReader } from './socket-reader.ts';

/** Until the first bytes of a connection are here. */
export const FIRST_BYTES_MS_MAX = 15_000;

/** Whoever serves source clients. `onward`: gives the socket, with what is not read yet, to HTTP after all. */
export type ServeSource = (socket: Socket, reader: SocketReader, onward: () => void) => Promise<void>;

/**
 * Stands before the HTTP server: source clients are sent to whoever serves them, all others to HTTP, with their bytes
 * intact.
 */
export class Door {
  /** The sockets that HTTP does not know (yet): it cannot close them. */
  readonly #sockets = new Set<Socket>();
  #serve: ServeSource = answerNotYet;

  /** From now on source clients are served. */
  open(serve: ServeSource): void {
    this.#serve = serve;
  }

  take(socket: Socket, toHttp: (socket: Socket) => void): void {
    this.#sockets.add(socket);
    const forget = (): void => {
      this.#sockets.delete(socket);
    };
    socket.once('close', forget);
    const reader = new SocketReader(socket);
    const timer = setTimeout(() => socket.destroy(), FIRST_BYTES_MS_MAX);
    const onward = (): void => {
      clearTimeout(timer);
      socket.off('close', forget);
      forget();
      handBack(socket, reader, toHttp);
    };
    const decide = async (): Promise<void> => {
      const speaker = await whoSpeaks(reader);
      if (speaker === 'title') await mendFirstLine(reader);
      clearTimeout(timer);
      if (speaker === null) socket.destroy();
      else if (speaker === 'source') await this.#serve(socket, reader, onward);
      else onward();
    };
    decide().catch(() => socket.destroy());
  }

  /** The server stops. */
  closeAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

const answerNotYet: ServeSource = (socket) => {
  socket.end(answer(503, 'Starting\r\n', false, Date.now()));
  return Promise.resolve();
};
