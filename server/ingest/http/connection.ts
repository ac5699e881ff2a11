import net from 'node:net';
import { Duplex, Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import tls from 'node:tls';

/**
 * Opens the connection for an HTTP request and makes Shoutcast's `ICY 200 OK` read `HTTP/1.0 200 OK`: Node's own
 * parser, like fetch's, refuses that line ("Expected HTTP/, RTSP/ or ICE/"). All else is left to `node:http`.
 */
export function connect(url: URL): Duplex {
  const port = Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port);
  const host = url.hostname.replace(/^\[(?<address>.+)\]$/u, '$<address>');
  const socket =
    url.protocol === 'https:'
      ? tls.connect({
          host,
          port,
          ...(net.isIP(host) === 0 && { servername: host }),
          ALPNProtocols: ['http/1.1'],
        })
      : net.connect({ host, port });
  socket.setNoDelay(true);
  const status = new StatusLineTransform();
  const connection = Duplex.from({ readable: socket.pipe(status), writable: socket });
  // `pipe` does not pass errors on, and the pair must never outlive either half.
  socket.on('error', (error) => connection.destroy(error));
  socket.on('close', () => status.end());
  connection.on('close', () => socket.destroy());
  return connection;
}

const ICY_LINE = 'ICY ';

class StatusLineTransform extends Transform {
  /** The first bytes, until there are enough to tell; null: told. */
  #start: Buffer | null = Buffer.alloc(0);

  override _transform(piece: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#start === null) {
      done(null, piece);
      return;
    }
    this.#start = Buffer.concat([this.#start, piece]);
    if (this.#start.length < ICY_LINE.length) {
      done();
      return;
    }
    done(null, this.#translate(this.#start));
  }

  override _flush(done: TransformCallback): void {
    done(null, this.#start === null ? null : this.#translate(this.#start));
  }

  #translate(start: Buffer): Buffer {
    this.#start = null;
    if (start.toString('latin1', 0, ICY_LINE.length) !== ICY_LINE) return start;
    return Buffer.concat([Buffer.from('HTTP/1.0 '), start.subarray(ICY_LINE.length)]);
  }
}
