import net from 'node:net';
import type { Socket } from 'node:net';
import { waitFor } from './wait-for.ts';

/** A source client that sends exactly the bytes that a test says. */
export interface SourceSocket {
  readonly socket: Socket;
  send(bytes: string | Uint8Array): void;
  /** Everything that came back so far, as Latin-1. */
  received(): string;
  isEnded(): boolean;
  /** The answer's head and, by its `Content-Length`, its body; the next answer is read by the next call. */
  answer(): Promise<SourceAnswer>;
  close(): void;
}

export interface SourceAnswer {
  readonly statusLine: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export async function connectSource(port: number): Promise<SourceSocket> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  let received = '';
  let taken = 0;
  let isEnded = false;
  socket.on('data', (bytes: Buffer) => {
    received += bytes.toString('latin1');
  });
  const end = (): void => {
    isEnded = true;
  };
  socket.on('end', end);
  socket.on('close', end);
  socket.on('error', end);
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve);
  });
  return {
    socket,
    send: (bytes) => {
      socket.write(bytes);
    },
    received: () => received,
    isEnded: () => isEnded,
    async answer() {
      await waitFor('an answer came', () => isWhole(received.slice(taken), isEnded));
      const { answer, length } = read(received.slice(taken));
      taken += length;
      return answer;
    },
    close: () => socket.destroy(),
  };
}

/** Sends one request over a connection of its own. */
export async function askOnce(port: number, request: string | Uint8Array): Promise<SourceAnswer> {
  const client = await connectSource(port);
  client.send(request);
  try {
    return await client.answer();
  } finally {
    client.close();
  }
}

export const basicAuth = (user: string, password: string): string =>
  `Authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** A request's lines, with the empty one at its end. */
export const requestText = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`;

function isWhole(text: string, isEnded: boolean): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return isEnded;
  const { headers } = head(text.slice(0, end));
  const length = headers.get('content-length');
  // Without a length, the body ends with the connection; a good source's answer has none.
  if (length === undefined) return isEnded || headers.get('connection')?.toLowerCase() !== 'close';
  return text.length >= end + 4 + Number(length);
}

function read(text: string): { readonly answer: SourceAnswer; readonly length: number } {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return { answer: { statusLine: '', headers: new Map(), body: '' }, length: text.length };
  const { statusLine, headers } = head(text.slice(0, end));
  const length = headers.get('content-length');
  const isClosed = headers.get('connection')?.toLowerCase() === 'close';
  const bodyEnd = length === undefined ? (isClosed ? text.length : end + 4) : end + 4 + Number(length);
  return { answer: { statusLine, headers, body: text.slice(end + 4, bodyEnd) }, length: bodyEnd };
}

function head(text: string): Omit<SourceAnswer, 'body'> {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const headers = new Map(
    lines.map((line): readonly [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { statusLine, headers };
}
