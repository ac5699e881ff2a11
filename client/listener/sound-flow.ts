import { CHUNK_MAGIC } from '../../shared/chunk/chunk.ts';
import { stripe, STRIPE_COUNT } from '../../shared/units.ts';
import type { PeerId, Stripe } from '../../shared/units.ts';

/** One chunk on its way: to us from a peer or an edge, or from us to a peer. For a drawing; not yet verified. */
export type SoundFlow =
  | { readonly type: 'received'; readonly from: PeerId | 'edge'; readonly stripe: Stripe }
  | { readonly type: 'sent'; readonly to: PeerId; readonly stripe: Stripe };

/** Called for every chunk that comes or goes, a few times a second: return at once. */
export type ObserveFlow = (flow: SoundFlow) => void;

/** The bytes before the chunk in a message between peers: the message's type. */
export const PEER_MESSAGE_PREFIX = 1;
/** Where a chunk's header has its number (layout in `shared/chunk/chunk.ts`). */
const SEQUENCE_AT = 19;

/** The stripe of the chunk that begins at `offset`; null: there is none. Looks at six bytes and decodes nothing. */
export function stripeOfBytes(bytes: Uint8Array, offset: number): Stripe | null {
  if (bytes.length < offset + SEQUENCE_AT + 4) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset);
  if (view.getUint16(0) !== CHUNK_MAGIC) return null;
  return stripe(view.getUint32(SEQUENCE_AT) % STRIPE_COUNT);
}
