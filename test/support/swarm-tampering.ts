import type { CreatePeer, ListenerEnvironment, Peer } from '../../client/listener/environment.ts';
import { decodeWire, encodeWire } from '../../shared/wire/wire-codec.ts';

export interface TamperingFigures {
  /** Spoiled chunks sent. */
  readonly spoiled: number;
  /** Links that one was sent on. */
  readonly linksSpoiled: number;
  readonly linksOpen: number;
}

export interface Tampering {
  readonly environment: ListenerEnvironment;
  /** Honest until then. */
  readonly begin: () => void;
  /** Null while it is honest. */
  readonly figures: () => TamperingFigures | null;
}

/**
 * The environment of a peer that can begin to lie: it flips one bit of each chunk that it passes on, and what it takes
 * in it sends on at once, spoiled, to all whom it is linked with, whether they asked for it or not.
 */
export function tamperingEnvironment(honest: ListenerEnvironment): Tampering {
  const { createPeer: honestPeer } = honest;
  if (honestPeer === null) throw new Error('Cannot tamper as there is no WebRTC here');
  const open = new Map<Peer, (data: Uint8Array) => void>();
  const spoiledLinks = new Set<Peer>();
  let spoiledCount = 0;
  let isLying = false;

  const createPeer: CreatePeer = (options, handlers) => {
    const peer = honestPeer(options, {
      ...handlers,
      onConnect: () => {
        open.set(peer, sendSpoiled);
        handlers.onConnect();
      },
      onClose: (reason) => {
        open.delete(peer);
        handlers.onClose(reason);
      },
    });
    const sendSpoiled = (data: Uint8Array): void => {
      spoiledCount += 1;
      spoiledLinks.add(peer);
      peer.send(spoil(data));
    };
    return {
      ...peer,
      send: (data) => {
        const decoded = isLying ? decodeWire(data) : null;
        if (decoded?.ok === true && decoded.message.type === 'chunk') sendSpoiled(data);
        else peer.send(data);
      },
      destroy: () => {
        open.delete(peer);
        peer.destroy();
      },
    };
  };

  const environment: ListenerEnvironment = {
    ...honest,
    createPeer,
    // Each new chunk is seen here first, wherever it came from.
    createVerifier: (publicKey) => {
      const verify = honest.createVerifier(publicKey);
      return async (message, signature) => {
        const genuine = await verify(message, signature);
        const wire = new Uint8Array([...message, ...signature]);
        if (genuine && isLying)
          for (const send of open.values()) trySend(send, encodeWire({ type: 'chunk', wire }));
        return genuine;
      };
    },
  };
  return {
    environment,
    begin: () => {
      isLying = true;
    },
    figures: () =>
      isLying ? { spoiled: spoiledCount, linksSpoiled: spoiledLinks.size, linksOpen: open.size } : null,
  };
}

/** A byte of the sound: the last before the signature. */
function spoil(data: Uint8Array): Uint8Array {
  const spoiled = data.slice();
  const at = spoiled.length - SIGNATURE_LENGTH - 1;
  spoiled[at] = (spoiled[at] ?? 0) ^ 1;
  return spoiled;
}

const SIGNATURE_LENGTH = 64;

function trySend(send: (data: Uint8Array) => void, data: Uint8Array): void {
  try {
    send(data);
  } catch {
    // The channel is closing: its close event follows.
  }
}
