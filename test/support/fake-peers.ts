import type { CreatePeer, Peer, PeerHandlers, PeerSignal } from '../../client/listener/environment.ts';

/** A peer whose channel the test controls: it connects when an answer meets its offer. */
export class FakePeer implements Peer {
  readonly initiator: boolean;
  readonly handlers: PeerHandlers;
  readonly signals: PeerSignal[] = [];
  readonly sent: Uint8Array[] = [];
  buffered = 0;
  destroyed = false;
  /** Bytes stay in the buffer: the other end does not read. */
  stuck = false;

  constructor(initiator: boolean, handlers: PeerHandlers) {
    this.initiator = initiator;
    this.handlers = handlers;
  }

  signal(signal: PeerSignal): void {
    this.signals.push(signal);
    if (signal.type === 'offer') {
      this.handlers.onSignal({ type: 'answer', sdp: `answer to ${signal.sdp}` });
      this.handlers.onConnect();
    }
    if (signal.type === 'answer') this.handlers.onConnect();
  }

  send(data: Uint8Array): void {
    this.sent.push(data);
    if (this.stuck) this.buffered += data.byteLength;
  }

  bufferedAmount(): number {
    return this.buffered;
  }

  destroy(): void {
    this.destroyed = true;
  }
}

/** Makes fake peers; those that initiate offer at once, as a task of their own. */
export function fakePeers(): { readonly create: CreatePeer; readonly made: FakePeer[] } {
  const made: FakePeer[] = [];
  return {
    made,
    create: (options, handlers) => {
      const peer = new FakePeer(options.initiator, handlers);
      made.push(peer);
      if (options.initiator) {
        queueMicrotask(() => {
          handlers.onSignal({ type: 'offer', sdp: `offer ${made.length}` });
        });
      }
      return peer;
    },
  };
}
