import { escapeAttribute, FRAME_SIZE, frameAddress } from '../../shared/embed/snippet.ts';
import type { EmbedTarget } from '../../shared/embed/snippet.ts';
import { oembedAddress } from './oembed.ts';
import type { Thumbnail } from './oembed.ts';

/**
 * The station page's tags for whoever makes a preview of a link: OpenGraph, a player card, and where oEmbed is. What
 * reads them most shows a link as a player where it can frame one over https, and as a card elsewhere.
 */
export function socialTags(
  target: EmbedTarget & { readonly station: { readonly description: string } },
  page: string,
  image: Thumbnail | null,
): string {
  const { name, description } = target.station;
  const isSecure = target.publicUrl.startsWith('https:');
  return [
    link('canonical', page),
    `<link rel="alternate" type="application/json+oembed" href="${escapeAttribute(oembedAddress(target.publicUrl, page))}" title="${escapeAttribute(name)}">`,
    meta('name', 'description', description),
    meta('property', 'og:type', 'music.radio_station'),
    meta('property', 'og:title', name),
    meta('property', 'og:site_name', name),
    meta('property', 'og:description', description),
    meta('property', 'og:url', page),
    ...(image === null
      ? []
      : [
          meta('property', 'og:image', image.url),
          meta('property', 'og:image:width', String(image.width)),
          meta('property', 'og:image:height', String(image.height)),
          meta('property', 'og:image:alt', name),
        ]),
    meta('name', 'twitter:title', name),
    meta('name', 'twitter:description', description),
    // A player card must be https; over http a plain card is all that is taken.
    meta('name', 'twitter:card', isSecure ? 'player' : 'summary'),
    ...(isSecure
      ? [
          meta('name', 'twitter:player', frameAddress(target)),
          meta('name', 'twitter:player:width', String(FRAME_SIZE.width)),
          meta('name', 'twitter:player:height', String(FRAME_SIZE.height)),
        ]
      : []),
  ].join('');
}

const link = (rel: string, href: string): string => `<link rel="${rel}" href="${escapeAttribute(href)}">`;
const meta = (kind: 'name' | 'property', name: string, content: string): string =>
  content === '' ? '' : `<meta ${kind}="${name}" content="${escapeAttribute(content)}">`;
