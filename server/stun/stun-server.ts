import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { isIPv4 } from 'node:net';
import { plainAddress } from '../edge/trusted-proxies.ts';
import { errorCode } from '../error.ts';
import { RateLimit } from './rate-limit.ts';
import { answerStun } from './stun-message.ts';

export interface StunServer {
  /** The UDP port it listens on. */
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Tells listeners their public address, so that no third party need do so.
 * @param host address to listen on; null: all, IPv4 and IPv6.
 * @param port 0: any free one.
 * @throws Error if the port cannot be had (the promise rejects).
 */
export async function startStunServer(host: string | null, port: number): Promise<StunServer> {
  const socket = await listen(host, port);
  const limit = new RateLimit();
  socket.on('message', (datagram, remote) => {
    const address = plainAddress(remote.address);
    const answer = answerStun(datagram, { address, port: remote.port });
    if (answer === null || !limit.allows(address, performance.now())) return;
    // UDP promises nothing, and a client asks again: an answer that cannot be sent is a lost one.
    socket.send(answer, remote.port, remote.address, () => undefined);
  });
  socket.on('error', () => undefined);
  return {
    port: socket.address().port,
    stop: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

async function listen(host: string | null, port: number): Promise<Socket> {
  if (host !== null) return bind(createSocket(isIPv4(host) ? 'udp4' : 'udp6'), host, port);
  try {
    return await bind(createSocket({ type: 'udp6', ipv6Only: false }), '::', port);
  } catch (error) {
    // A machine without IPv6.
    if (errorCode(error) !== 'EAFNOSUPPORT' && errorCode(error) !== 'EADDRNOTAVAIL') throw error;
    return bind(createSocket('udp4'), '0.0.0.0', port);
  }
}

function bind(socket: Socket, host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind(port, host, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}
