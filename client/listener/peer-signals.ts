import * as z from 'zod/mini';
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

const session = z.string().check(z.regex(/^[0-9a-f]{8}$/));
const candidate: z.ZodMiniType<IceCandidate> = z.object({
  candidate: z.string().check(z.maxLength(1000)),
  sdpMid: z.nullable(z.string().check(z.maxLength(16))),
  sdpMLineIndex: z.nullable(z.int().check(z.minimum(0), z.maximum(16))),
});
const linkSignalSchema: z.ZodMiniType<LinkSignal> = z.discriminatedUnion('type', [
  z.object({ session, type: z.literal('offer'), sdp: z.string().check(z.maxLength(10_000)) }),
  z.object({ session, type: z.literal('answer'), sdp: z.string().check(z.maxLength(10_000)) }),
  z.object({
    session,
    type: z.literal('candidates'),
    candidates: z.array(candidate).check(z.maxLength(CANDIDATES_MAX)),
  }),
  z.object({ session, type: z.literal('reject'), reason: z.string().check(z.maxLength(100)) }),
]);
