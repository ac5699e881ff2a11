import type { Socket } from 'node:net';
import { handBack } from '../source-client/first-bytes.ts';
import { SocketReader } from '../source-client/socket-reader.ts';

/** The first byte of a TLS record that shakes hands (RFC 8446, section 5.1); no text begins so. */
const HANDSHAKE = 0x16;

export interface Takers {
  readonly toTls: (socket: Socket) => void;
  readonly toPlain: (socket: Socket) => void;
}

/** Waits for the first byte of a connection, and hands it on with all its bytes to who understands it. */
export function tellTlsFromPlain(socket: Socket, timeoutMs: number, { toTls, toPlain }: Takers): void {
  const reader = new SocketReader(socket);
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  const decide = async (): Promise<void> => {
    const bytes = await reader.read();
    clearTimeout(timer);
    if (bytes === null) {
      socket.destroy();
      return;
    }
    reader.unread(bytes);
    handBack(socket, reader, bytes[0] === HANDSHAKE ? toTls : toPlain);
  };
  decide().catch(() => socket.destroy());
}
