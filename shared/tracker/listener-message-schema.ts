import { z } from 'zod';
import { SIGNAL_LENGTH_MAX } from '../wire/messages.ts';
import { idSchema, INTRODUCTION_MAX, stripeNumberSchema } from './messages.ts';
import type { ListenerMessage, Report } from './messages.ts';

const count = z.number().int().min(0).max(1_000_000);
const share = z.number().min(0).max(1);

const bytesTotal = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const reportSchema: z.ZodType<Report> = z.object({
  uploadCapKbps: count,
  childSlotsFree: count,
  childCount: count,
  neighbourCount: count,
  depths: z.array(z.number().int().min(-1).max(255)).max(16),
  bytesFromPeers: bytesTotal,
  bytesFromEdges: bytesTotal,
  bytesToPeers: bytesTotal,
  playedOnTime: share,
  bufferMs: z.number().min(0).max(600_000),
});

/** What a tracker accepts. Apart from the messages, as listeners load those before the first sound. */
export const listenerMessageSchema: z.ZodType<ListenerMessage> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('join'),
    version: z.number().int(),
    mountId: idSchema,
    participation: z.enum(['relay', 'leaf']),
    uploadCapKbps: count,
    resume: z.object({ peerId: idSchema, secret: z.string().max(64) }).optional(),
    neighbours: z.array(idSchema).max(64),
  }),
  z.object({ type: z.literal('signal'), to: idSchema, data: z.string().max(SIGNAL_LENGTH_MAX) }),
  z.object({ type: z.literal('report'), report: reportSchema }),
  z.object({
    type: z.literal('need'),
    neighbours: z.number().int().min(0).max(INTRODUCTION_MAX),
    parentsFor: z.array(stripeNumberSchema).max(16),
  }),
  z.object({ type: z.literal('complaint'), peerId: idSchema, reason: z.string().max(100) }),
  z.object({ type: z.literal('seedConnect'), transportId: z.string().max(64), dtlsParameters: z.unknown() }),
  z.object({ type: z.literal('seedFailed'), reason: z.string().max(200) }),
  z.object({ type: z.literal('leave') }),
]);
