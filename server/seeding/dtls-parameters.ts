import type { types } from 'mediasoup';
import { z } from 'zod';

/** A listener's side of the DTLS hand-shake, as mediasoup-client gives it (RFC 8122 fingerprints). */
export const dtlsParametersSchema: z.ZodType<types.DtlsParameters> = z
  .object({
    role: z.enum(['auto', 'client', 'server']).optional(),
    fingerprints: z
      .array(
        z.object({
          algorithm: z.enum(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']),
          value: z.string().max(200),
        }),
      )
      .min(1)
      .max(8),
  })
  .transform(({ role, fingerprints }) => ({ fingerprints, ...(role === undefined ? {} : { role }) }));
