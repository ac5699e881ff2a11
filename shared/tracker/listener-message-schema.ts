import * as z from 'zod/mini';
import { SIGNAL_LENGTH_MAX } from '../wire/messages.ts';
import { DEDICATED_KNOWN_MAX } from './limits.ts';
import {
  addressSchema,
  EDGE_COMPLAINT_REASONS,
  idSchema,
  INTRODUCTION_MAX,
  PARTICIPATIONS,
  stripeNumberSchema,
} from './messages.ts';
import type { ListenerMessage, Report } from './messages.ts';

const count = z.int().check(z.minimum(0), z.maximum(1_000_000));
const share = z.number().check(z.minimum(0), z.maximum(1));

const bytesTotal = z.int().check(z.minimum(0), z.maximum(Number.MAX_SAFE_INTEGER));
const reportSchema: z.ZodMiniType<Report> = z.object({
  uploadCapKbps: count,
  childSlotsFree: count,
  childCount: count,
  neighbourCount: count,
  depths: z.array(z.int().check(z.minimum(-1), z.maximum(255))).check(z.maxLength(16)),
  bytesFromPeers: bytesTotal,
  bytesFromEdges: bytesTotal,
  bytesToPeers: bytesTotal,
  playedOnTime: share,
  bufferMs: z.number().check(z.minimum(0), z.maximum(600_000)),
});

/** What a tracker accepts. Apart from the messages, as listeners load those before the first sound. */
export const listenerMessageSchema: z.ZodMiniType<ListenerMessage> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('join'),
    version: z.int(),
    mountId: idSchema,
    participation: z.enum(PARTICIPATIONS),
    uploadCapKbps: count,
    resume: z.optional(z.object({ peerId: idSchema, secret: z.string().check(z.maxLength(64)) })),
    neighbours: z.array(idSchema).check(z.maxLength(DEDICATED_KNOWN_MAX)),
    relayPass: z.optional(
      z.object({
        relayKey: z.string().check(z.maxLength(64)),
        untilMs: z.int(),
        signature: z.string().check(z.maxLength(128)),
      }),
    ),
  }),
  z.object({
    type: z.literal('signal'),
    to: idSchema,
    data: z.string().check(z.maxLength(SIGNAL_LENGTH_MAX)),
  }),
  z.object({ type: z.literal('report'), report: reportSchema }),
  z.object({
    type: z.literal('need'),
    neighbours: z.int().check(z.minimum(0), z.maximum(INTRODUCTION_MAX)),
    parentsFor: z.array(stripeNumberSchema).check(z.maxLength(16)),
  }),
  z.object({
    type: z.literal('complaint'),
    peerId: idSchema,
    reason: z.string().check(z.maxLength(100)),
    stripe: z.optional(stripeNumberSchema),
  }),
  z.object({
    type: z.literal('seedConnect'),
    transportId: z.string().check(z.maxLength(64)),
    dtlsParameters: z.unknown(),
  }),
  z.object({ type: z.literal('seedFailed'), reason: z.string().check(z.maxLength(200)) }),
  z.object({
    type: z.literal('edgeComplaint'),
    address: addressSchema,
    reason: z.enum(EDGE_COMPLAINT_REASONS),
  }),
  z.object({ type: z.literal('retire') }),
  z.object({ type: z.literal('leave') }),
]);
