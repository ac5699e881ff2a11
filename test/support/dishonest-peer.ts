import type { CreatePeer, ListenerEnvironment, Peer } from '../../client/listener/environment.ts';
import { decodeChunk } from '../../shared/chunk/chunk-codec.ts';
import { SIGNATURE_LENGTH } from '../../shared/chunk/chunk.ts';
import { sequence as toSequence, stripeOf } from '../../shared/units.ts';
import type { Stripe } from '../../shared/units.ts';
import { decodeWire } from '../../shared/wire/wire-codec.ts';

/**
 * What a peer does to the chunks that it passes on. `delays`: they leave DELAY_MS later. `withholds`: one stripe is left
 * out, and what was asked for of it. `forges`: a byte of the sound is another. `overstates`: its uplink is a fraction of what it says, and all waits in line for it.
 */
export type PeerMisdeed = 'delays' | 'withholds' | 'forges' | 'overstates';

export interface DishonestPeer {
  readonly environment: ListenerEnvironment;
  /** Honest until then. */
  begin(misdeed: PeerMisdeed): void;
  /** Chunks that it held back or left out. */
  readonly misdeedCount: () => number;
}

const DELAY_MS = 4_000;
export const WITHHELD_STRIPE: Stripe = stripeOf(toSequence(1));
const REAL_UPLINK_KBPS = 60;

/** The real listener's driver and engine, on links that do something else with its chunks. */
export function dishonestPeer(honest: ListenerEnvironment): DishonestPeer {
  const { createPeer: honestPeer } = honest;
  if (honestPeer === null) throw new Error('Cannot be a dishonest peer as there is no WebRTC here');
  let misdeed: PeerMisdeed | null = null;
  let count = 0;
  let uplinkFreeAt = 0;

  const sendChunk = (peer: Peer, data: Uint8Array, sequence: number): void => {
    switch (misdeed) {
      case null:
        peer.send(data);
        return;
      case 'delays':
        count += 1;
        setTimeout(() => trySend(peer, data), DELAY_MS);
        return;
      case 'withholds':
        if (stripeOf(toSequence(sequence)) === WITHHELD_STRIPE) count += 1;
        else peer.send(data);
        return;
      case 'forges': {
        count += 1;
        const forged = Uint8Array.from(data);
        const at = forged.length - SIGNATURE_LENGTH - 1;
        forged[at] = (forged[at] ?? 0) ^ 1;
        peer.send(forged);
        return;
      }
      case 'overstates': {
        const now = performance.now();
        uplinkFreeAt = Math.max(now, uplinkFreeAt) + (data.length * 8) / REAL_UPLINK_KBPS;
        count += 1;
        setTimeout(() => trySend(peer, data), uplinkFreeAt - now);
      }
    }
  };
  const createPeer: CreatePeer = (options, handlers) => {
    const peer = honestPeer(options, handlers);
    return {
      ...peer,
      send: (data) => {
        const sequence = sequenceOf(data);
        if (sequence === null) peer.send(data);
        else sendChunk(peer, data, sequence);
      },
    };
  };
  return {
    environment: { ...honest, createPeer },
    begin: (begun) => {
      misdeed = begun;
    },
    misdeedCount: () => count,
  };
}

/** Null: it is no chunk. */
function sequenceOf(data: Uint8Array): number | null {
  const decoded = decodeWire(data);
  if (!decoded.ok || decoded.message.type !== 'chunk') return null;
  const chunk = decodeChunk(decoded.message.wire);
  return chunk.ok ? chunk.chunk.header.sequence : null;
}

/** The link may have closed meanwhile. */
function trySend(peer: Peer, data: Uint8Array): void {
  try {
    peer.send(data);
  } catch {
    // Its close event has told.
  }
}
