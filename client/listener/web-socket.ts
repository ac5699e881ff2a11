import type { OpenSocket } from './environment.ts';

/** Sockets by the global WebSocket of browsers and of Node. */
export const openWebSocket: OpenSocket = (address, handlers) => {
  let socket: WebSocket | null = null;
  let closed = false;
  const close = (code: number): void => {
    if (closed) return;
    closed = true;
    handlers.onClose(code);
  };
  try {
    socket = new WebSocket(address);
  } catch {
    // The address itself is refused: told like a connection that failed, and not before we return.
    queueMicrotask(() => {
      close(CONNECTION_FAILED);
    });
  }
  socket?.addEventListener('open', () => {
    if (!closed) handlers.onOpen();
  });
  socket?.addEventListener('message', (event) => {
    // The tracker's protocol is text: anything else is told as text that cannot be understood.
    if (!closed) handlers.onText(typeof event.data === 'string' ? event.data : '');
  });
  socket?.addEventListener('error', () => {
    close(CONNECTION_FAILED);
  });
  socket?.addEventListener('close', (event) => {
    close(event.code);
  });
  return {
    send: (text) => {
      if (socket?.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => {
      closed = true;
      socket?.close();
    },
  };
};

/** The code that browsers give for a connection that never was. */
const CONNECTION_FAILED = 1006;
