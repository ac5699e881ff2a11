import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** Asks a STUN server on this machine who we are, until it answers. Returns the answer's bytes. */
export async function askStun(port: number): Promise<Buffer> {
  const socket = createSocket('udp4');
  const request = Buffer.from('000100002112a442b7e7a701bc34d686fa87dfae', 'hex');
  const ask = (): void => socket.send(request, port, '127.0.0.1', () => undefined);
  const again = setInterval(ask, 200);
  try {
    const answered = once(socket, 'message', { signal: AbortSignal.timeout(10_000) });
    ask();
    const [answer]: unknown[] = await answered;
    return Buffer.isBuffer(answer) ? answer : Buffer.alloc(0);
  } finally {
    clearInterval(again);
    socket.close();
  }
}
