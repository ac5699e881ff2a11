import type { Socket } from 'node:net';
import type { SocketReader } from './socket-reader.ts';

/** What begins so is for us: Node's HTTP would take a body without length for the next request. */
const SOURCE_WORDS = ['SOURCE ', 'PUT ', 'OPTIONS * '];
/** A title may stand in the address as it is, where Node's HTTP takes ASCII only. */
const TITLE_WORDS = ['GET /admin/metadata', 'GET /admin.cgi'];
const WORDS = [...SOURCE_WORDS, ...TITLE_WORDS];
const LENGTH_MAX = Math.max(...WORDS.map((word) => word.length));

/** `title`: HTTP, but its first line must be mended first. `noise`: no request at all. */
export type Speaker = 'source' | 'title' | 'http' | 'noise';

/** Reads the first bytes of what comes, and puts them back. Null: the connection ended before it was known. */
export async function whoSpeaks(reader: SocketReader): Promise<Speaker | null> {
  let bytes: Buffer = Buffer.alloc(0);
  for (;;) {
    const piece = await reader.read();
    if (piece === null) return null;
    bytes = Buffer.concat([bytes, piece]);
    // Some clients end the request before with one line end too many.
    const start = bytes.subarray(lineEnds(bytes)).toString('latin1', 0, LENGTH_MAX);
    const isIn = (words: readonly string[]): boolean => words.some((word) => start.startsWith(word));
    const isKnown = isIn(WORDS);
    if (!isKnown && WORDS.some((word) => word.startsWith(start))) continue;
    reader.unread(bytes);
    if (isKnown) return isIn(SOURCE_WORDS) ? 'source' : 'title';
    return /^[A-Z]/.test(start) ? 'http' : 'noise';
  }
}

/** Writes what is not ASCII in the request's first line, and spaces within its address, in percent. BUTT sends it bare. */
export async function mendFirstLine(reader: SocketReader): Promise<void> {
  let bytes: Buffer = Buffer.alloc(0);
  for (;;) {
    const piece = await reader.read();
    if (piece === null) break;
    bytes = Buffer.concat([bytes, piece]);
    const end = bytes.indexOf('\n', lineEnds(bytes));
    if (end === -1 && bytes.length < LINE_BYTES_MAX) continue;
    const line = bytes.subarray(0, Math.max(0, end)).toString('latin1');
    const parts = /^(\s*GET )(.*?)( HTTP\/1\.[01]\r*)$/.exec(line);
    if (parts !== null) {
      const [, method = '', address = '', version = ''] = parts;
      const mended = address.replaceAll(/[^!-~]/g, percent);
      bytes = Buffer.concat([Buffer.from(`${method}${mended}${version}`), bytes.subarray(end)]);
    }
    break;
  }
  reader.unread(bytes);
}

const LINE_BYTES_MAX = 16_384;

const percent = (character: string): string => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;

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
