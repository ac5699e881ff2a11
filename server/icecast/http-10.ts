import type { Socket } from 'node:net';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** One header line's name and value. Values may hold any text: what would end the line is taken out. */
export type HeaderLine = readonly [name: string, value: string];

/**
 * The connection of a request, to be answered in HTTP/1.0 by hand: Node answers as HTTP/1.1 only, and radios of the
 * Shoutcast age do not know chunked transfer. Null: the client is gone, or its earlier request is still being answered.
 */
export function takeSocket(request: IncomingMessage, response: ServerResponse): Socket | null {
  const { socket } = request;
  const isOurs = response.socket === socket && !socket.destroyed && socket.writable;
  return isOurs ? socket : null;
}

/** `HTTP/1.0 200 OK` and the headers, in UTF-8, as Icecast sends station names. */
export function head10(status: string, headers: readonly HeaderLine[]): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${oneLine(value)}`);
  return Buffer.from(`HTTP/1.0 ${status}\r\n${lines.join('\r\n')}\r\n\r\n`);
}

const oneLine = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ').trim();
