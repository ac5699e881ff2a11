import * as z from 'zod/mini';

/**
 * Text and set-up data that ride in a chunk, signed and timed with it. Compact JSON.
 * What plays (`title` to `show`) is there when it changes and again every few seconds, whole: a field that is not
 * there is not known. `setup` (base64) and `after` are in an epoch's first chunk only: `after` names the last chunk of
 * the epoch before, so that a listener crosses without a gap. A reader passes over fields that it does not know.
 */
export const chunkMetadataSchema: z.ZodMiniType<ChunkMetadata> = z.object({
  title: z.optional(z.string().check(z.maxLength(1024))),
  artist: z.optional(z.string().check(z.maxLength(1024))),
  album: z.optional(z.string().check(z.maxLength(1024))),
  artworkUrl: z.optional(z.string().check(z.maxLength(2048))),
  show: z.optional(z.string().check(z.maxLength(1024))),
  sampleRateHz: z.optional(z.int().check(z.minimum(1), z.maximum(768_000))),
  channelCount: z.optional(z.int().check(z.minimum(1), z.maximum(255))),
  setup: z.optional(z.string().check(z.maxLength(12_000))),
  after: z.optional(
    z.object({ epoch: z.int().check(z.nonnegative()), sequence: z.int().check(z.nonnegative()) }),
  ),
});

export interface ChunkMetadata {
  readonly title?: string | undefined;
  readonly artist?: string | undefined;
  readonly album?: string | undefined;
  /** http or https. It is signed like everything here, but what it shows is in the hands of whoever serves it. */
  readonly artworkUrl?: string | undefined;
  /** The programme, or who is live. */
  readonly show?: string | undefined;
  readonly sampleRateHz?: number | undefined;
  readonly channelCount?: number | undefined;
  readonly setup?: string | undefined;
  readonly after?: { readonly epoch: number; readonly sequence: number } | undefined;
}
