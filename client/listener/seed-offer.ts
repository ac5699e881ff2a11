import * as z from 'zod/mini';
import type { SeedOffer } from '../../shared/tracker/messages.ts';

/** As much of an offer as a receiving data transport needs, in mediasoup's own shapes. */
export type ParsedSeedOffer = z.infer<typeof schema>;

/** Null if a part that is needed is not there. */
export function parseSeedOffer(offer: SeedOffer): ParsedSeedOffer | null {
  const parsed = schema.safeParse(offer);
  return parsed.success ? parsed.data : null;
}

const uint16 = z.int().check(z.minimum(0), z.maximum(65_535));

const schema = z.object({
  transport: z.object({
    id: z.string(),
    iceParameters: z.object({
      usernameFragment: z.string(),
      password: z.string(),
      iceLite: z.prefault(z.boolean(), true),
    }),
    iceCandidates: z
      .array(
        z.object({
          foundation: z.string(),
          priority: z.number(),
          address: z.string(),
          ip: z.string(),
          protocol: z.enum(['udp', 'tcp']),
          port: uint16,
          type: z.enum(['host', 'srflx', 'prflx', 'relay']),
        }),
      )
      .check(z.maxLength(16)),
    dtlsParameters: z.object({
      role: z.prefault(z.enum(['auto', 'client', 'server']), 'auto'),
      fingerprints: z
        .array(
          z.object({
            algorithm: z.enum(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']),
            value: z.string(),
          }),
        )
        .check(z.maxLength(16)),
    }),
    sctpParameters: z.object({
      port: uint16,
      maxSendMessageSize: z.number().check(z.positive()),
      maxReceiveMessageSize: z.number().check(z.positive()),
    }),
  }),
  consumer: z.object({
    id: z.string(),
    dataProducerId: z.string(),
    sctpStreamParameters: z.object({
      streamId: uint16,
      ordered: z.exactOptional(z.boolean()),
      maxPacketLifeTime: z.exactOptional(uint16),
      maxRetransmits: z.exactOptional(uint16),
    }),
    label: z.string(),
    protocol: z.string(),
  }),
});
