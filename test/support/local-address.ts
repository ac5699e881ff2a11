import { WebSocket } from 'ws';
import type { OpenSocket } from '../../client/listener/environment.ts';

/** Sockets that come from this address of loopback. */
export const openSocketFrom =
  (localAddress: string): OpenSocket =>
  (address, handlers) => {
    const socket = new WebSocket(address, { localAddress });
    let isOver = false;
    socket.on('open', () => handlers.onOpen());
    socket.on('message', (data) => {
      if (!isOver) handlers.onText(Buffer.isBuffer(data) ? data.toString() : '');
    });
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      if (!isOver) handlers.onClose(code);
      isOver = true;
    });
    return {
      send: (text) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(text);
      },
      close: () => {
        isOver = true;
        socket.close();
      },
    };
  };
