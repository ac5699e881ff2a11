import type { Socket } from 'node:net';
import type { SocketReader } from './socket-reader.ts';

/** What begins so is for us: Node's HTTP would take a body without length for the next request. */
const OURS = ['SOURCE ', 'PUT ', 'OPTIONS * '];
const LENGTH_MAX = Math.max(...OURS.map((word) => word.length));

/** `noise`: no request at all. */
export type Speaker = 'source' | 'http' | 'noise';

/** Reads the first bytes of what comes, and puts them back. Null: the connection ended before it was known. */
export async function whoSpeaks(reader: SocketReader): Promise<Speaker | null> {
  let bytes: Buffer = Buffer.alloc(0);
  for (;;) {
    const piece = await reader.read();
    if (piece === null) return null;
    bytes = Buffer.concat([bytes, piece]);
    // Some clients end the request before with one line end too many.
    const start = bytes.subarray(lineEnds(bytes)).toString('latin1', 0, LENGTH_MAX);
    const isSource = OURS.some((word) => start.startsWith(word));
    if (!isSource && OURS.some((word) => word.startsWith(start))) continue;
    reader.unread(bytes);
    if (isSource) return 'source';
    return /^[A-Z]/.test(start) ? 'http' : 'noise';
  }
}

const lineEnds = (bytes: Buffer): number => {
  const index = bytes.findIndex((byte) => byte !== 13 && byte !== 10);
  return index === -1 ? bytes.length : index;
};

/** Hands a socket to Node's HTTP as if nothing had been read. */
export function handBack(socket: Socket, reader: SocketReader, toHttp: (socket: Socket) => void): void {
  const bytes = reader.release();
  if (bytes.length > 0) socket.unshift(bytes);
  toHttp(socket);
}
