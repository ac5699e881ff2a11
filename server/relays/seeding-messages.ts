import { z } from 'zod';
import { stripe } from '../../shared/units.ts';
import type { SeedOffer } from '../../shared/tracker/messages.ts';
import { STRIPE_COUNT } from '../../shared/units.ts';
import { dtlsParametersSchema } from '../seeding/dtls-parameters.ts';

/**
 * How a station has a relay's mediasoup feed seeds of the station's own swarm. The station names each seed by a number
 * of its own: the relay learns who it is no more than WebRTC tells. It asks with `seed` (again for other stripes of the
 * same seed, over the same transport); the relay answers with `seedOffer` or `seedRefused`, and says by itself when
 * seeds have ended. Only relays whose figures tell `seeding` are asked.
 */
const numberSchema = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const idSchema = z.string().min(1).max(64);
const textSchema = z.string().max(256);
/** Seeds that one message may speak of. */
export const SEEDS_PER_MESSAGE_MAX = 64;

const stripesSchema = z
  .array(
    z
      .number()
      .int()
      .min(0)
      .max(STRIPE_COUNT - 1)
      .transform(stripe),
  )
  .min(1)
  .max(STRIPE_COUNT)
  .readonly();

export const seedMessageSchema = z.object({
  type: z.literal('seed'),
  /** Named by the answer. */
  ticket: numberSchema,
  seed: numberSchema,
  mountId: z.string().regex(/^[0-9a-f]{16}$/),
  stripes: stripesSchema,
});
export const seedConnectSchema = z.object({
  type: z.literal('seedConnect'),
  seed: numberSchema,
  transportId: idSchema,
  dtlsParameters: dtlsParametersSchema,
});
export const seedReleaseSchema = z.object({ type: z.literal('seedRelease'), seed: numberSchema });

/** What a station says. */
export type ToSeeder =
  z.infer<typeof seedMessageSchema> | z.infer<typeof seedConnectSchema> | z.infer<typeof seedReleaseSchema>;

const portSchema = z.number().int().min(1).max(65_535);
const candidateSchema = z.object({
  foundation: textSchema,
  priority: z.number(),
  address: textSchema,
  ip: textSchema,
  protocol: z.enum(['udp', 'tcp']),
  port: portSchema,
  type: z.literal('host'),
});

/** As much of an offer as a listener needs, each part bounded: it is passed on to one. */
const offerSchema = z
  .object({
    transport: z.object({
      id: idSchema,
      iceParameters: z.object({ usernameFragment: textSchema, password: textSchema, iceLite: z.boolean() }),
      iceCandidates: z.array(candidateSchema).min(1).max(16),
      dtlsParameters: dtlsParametersSchema,
      sctpParameters: z.object({
        port: portSchema,
        maxSendMessageSize: z.number().int().positive(),
        maxReceiveMessageSize: z.number().int().positive(),
      }),
    }),
    consumer: z.object({
      id: idSchema,
      dataProducerId: idSchema,
      sctpStreamParameters: z.object({
        streamId: z.number().int().min(0).max(65_535),
        ordered: z.boolean(),
        maxPacketLifeTime: z.number().int().min(0).max(65_535),
      }),
      label: textSchema,
      protocol: textSchema,
    }),
  })
  // Of the router's capabilities listeners need nothing: there is no media.
  .transform((offer): SeedOffer => ({ routerRtpCapabilities: {}, ...offer }));

export const seedOfferSchema = z.object({
  type: z.literal('seedOffer'),
  ticket: numberSchema,
  offer: offerSchema,
});
export const seedRefusedSchema = z.object({
  type: z.literal('seedRefused'),
  ticket: numberSchema,
  reason: z.string().max(300),
});
export const seedEndedSchema = z.object({
  type: z.literal('seedEnded'),
  seeds: z.array(numberSchema).min(1).max(SEEDS_PER_MESSAGE_MAX).readonly(),
});

/** What a relay answers. */
export type FromSeeder =
  | { readonly type: 'seedOffer'; readonly ticket: number; readonly offer: SeedOffer }
  | z.infer<typeof seedRefusedSchema>
  | z.infer<typeof seedEndedSchema>;

/** How many seeds a relay feeds, and how many more of one stripe it has room for. */
export const seedRoomSchema = z.object({
  seeds: z.number().int().min(0).max(1_000_000),
  free: z.number().int().min(0).max(1_000_000),
});
export type SeedRoom = z.infer<typeof seedRoomSchema>;
