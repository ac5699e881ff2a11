import net from 'node:net';

/** What came back over one connection, byte for byte. */
export interface RawAnswer {
  /** E.g. `HTTP/1.0 200 OK`. */
  readonly statusLine: string;
  /** Names in lower case; of several of one name, the last. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** The other side ended the connection. */
  readonly isEnded: boolean;
}

/**
 * Sends a request by hand, so that nothing between the test and the wire puts it right. Reads until the other side ends
 * or `until` holds; fails after 10 s.
 */
export async function rawRequest(
  url: string,
  request: readonly string[],
  until: (answer: RawAnswer) => boolean = () => false,
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = net.connect(Number(port), hostname);
  const parts: Buffer[] = [];
  let isEnded = false;
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const look = (): void => {
    const answer = parse(Buffer.concat(parts), isEnded);
    if (answer !== null && (isEnded || until(answer))) resolve(answer);
    else if (isEnded) reject(new Error(`No answer to ${request[0]}: ${Buffer.concat(parts).toString()}`));
  };
  socket.on('connect', () => socket.write(`${request.join('\r\n')}\r\n\r\n`));
  socket.on('data', (data: Buffer) => {
    parts.push(data);
    look();
  });
  socket.on('end', () => {
    isEnded = true;
    look();
  });
  socket.on('error', reject);
  const timer = setTimeout(() => reject(new Error(`No whole answer to ${request[0]} in 10 s`)), 10_000);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

function parse(bytes: Buffer, isEnded: boolean): RawAnswer | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const [statusLine = '', ...lines] = bytes.subarray(0, end).toString().split('\r\n');
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { statusLine, headers, body: bytes.subarray(end + 4), isEnded };
}
