import { z } from 'zod';
import { SIGNAL_LENGTH_MAX } from '../../shared/wire/messages.ts';
import type { IceCandidate } from './environment.ts';

/**
 * What the two ends of a link tell each other through the tracker or a neighbour, as JSON in a `signal` message. `session` is chosen by
 * the initiator, so that signals of a dropped attempt are told from those of the one that goes on.
 */
export type LinkSignal =
  | { readonly session: string; readonly type: 'offer' | 'answer'; readonly sdp: string }
  | { readonly session: string; readonly type: 'candidates'; readonly candidates: readonly IceCandidate[] }
  /** The link will not come to be: do not wait for it. */
  | { readonly session: string; readonly type: 'reject'; readonly reason: string };

/** Candidates that one signal may carry. */
export const CANDIDATES_MAX = 8;

/** Null if it is not a signal. */
export function parseLinkSignal(data: string): LinkSignal | null {
  if (data.length > SIGNAL_LENGTH_MAX) return null;
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return null;
  }
  const parsed = linkSignalSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

const session = z.string().regex(/^[0-9a-f]{8}$/);
const candidate: z.ZodType<IceCandidate> = z.object({
  candidate: z.string().max(1000),
  sdpMid: z.string().max(16).nullable(),
  sdpMLineIndex: z.number().int().min(0).max(16).nullable(),
});
const linkSignalSchema: z.ZodType<LinkSignal> = z.discriminatedUnion('type', [
  z.object({ session, type: z.literal('offer'), sdp: z.string().max(10_000) }),
  z.object({ session, type: z.literal('answer'), sdp: z.string().max(10_000) }),
  z.object({ session, type: z.literal('candidates'), candidates: z.array(candidate).max(CANDIDATES_MAX) }),
  z.object({ session, type: z.literal('reject'), reason: z.string().max(100) }),
]);
