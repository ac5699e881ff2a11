import { z } from 'zod';

/**
 * Text and set-up data that ride in a chunk, signed and timed with it. Compact JSON.
 * `title` is there when it changes and again every few seconds; `setup` (base64) and `after` in an epoch's first
 * chunk only: `after` names the last chunk of the epoch before, so that a listener crosses without a gap.
 */
export const chunkMetadataSchema: z.ZodType<ChunkMetadata> = z.object({
  title: z.string().max(1024).optional(),
  artist: z.string().max(1024).optional(),
  sampleRateHz: z.number().int().min(1).max(768_000).optional(),
  channelCount: z.number().int().min(1).max(255).optional(),
  setup: z.string().max(12_000).optional(),
  after: z
    .object({ epoch: z.number().int().nonnegative(), sequence: z.number().int().nonnegative() })
    .optional(),
});

export interface ChunkMetadata {
  readonly title?: string | undefined;
  readonly artist?: string | undefined;
  readonly sampleRateHz?: number | undefined;
  readonly channelCount?: number | undefined;
  readonly setup?: string | undefined;
  readonly after?: { readonly epoch: number; readonly sequence: number } | undefined;
}
