import { z } from '@hono/zod-openapi';
import { FRAME_SIZE, frameSnippet } from '../../shared/embed/snippet.ts';
import type { EmbedTarget } from '../../shared/embed/snippet.ts';

/** oEmbed 1.0 (https://oembed.com), JSON. `video` and not `rich`: Mastodon and others show no `rich` of strangers. */
export const oembedSchema = z
  .object({
    version: z.literal('1.0'),
    type: z.literal('video'),
    title: z.string(),
    author_name: z.string(),
    author_url: z.string(),
    provider_name: z.string(),
    provider_url: z.string(),
    cache_age: z.number().int(),
    /** A frame and nothing else. */
    html: z.string(),
    width: z.number().int(),
    height: z.number().int(),
    thumbnail_url: z.string().optional(),
    thumbnail_width: z.number().int().optional(),
    thumbnail_height: z.number().int().optional(),
  })
  .openapi('OEmbed');

const size = z.coerce.number().int().min(1).max(10_000).optional();
export const oembedQuery = z.object({
  url: z.string().max(2000),
  maxwidth: size,
  maxheight: size,
  format: z.string().max(20).optional(),
});

export const OEMBED_CACHE_SECONDS = 3600;

export interface Thumbnail {
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

/** @param page the station's page; `max`: what the consumer has room for, pixels. */
export function oembed(
  target: EmbedTarget,
  page: string,
  thumbnail: Thumbnail | null,
  max: { readonly width?: number | undefined; readonly height?: number | undefined },
): z.infer<typeof oembedSchema> {
  const width = Math.min(FRAME_SIZE.width, max.width ?? Infinity);
  const height = Math.min(FRAME_SIZE.height, max.height ?? Infinity);
  return {
    version: '1.0',
    type: 'video',
    title: target.station.name,
    author_name: target.station.name,
    author_url: page,
    provider_name: target.station.name,
    provider_url: `${target.publicUrl}/`,
    cache_age: OEMBED_CACHE_SECONDS,
    html: frameSnippet(target, {}, { width, height }),
    width,
    height,
    ...(thumbnail === null
      ? {}
      : {
          thumbnail_url: thumbnail.url,
          thumbnail_width: thumbnail.width,
          thumbnail_height: thumbnail.height,
        }),
  };
}

/** Where a consumer asks for a page: the discovery link. The page's address stands last and whole, as some copy it. */
export const oembedAddress = (publicUrl: string, page: string): string =>
  `${publicUrl}/oembed?format=json&url=${encodeURIComponent(page)}`;
