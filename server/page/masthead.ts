import { escapeAttribute } from '../../shared/embed/snippet.ts';
import { ANY_LANGUAGE } from '../../shared/station/page.ts';
import type { StationPage } from '../../shared/station/page.ts';
import { escapeText } from './escape.ts';
import { inLanguages, pageText } from './languages.ts';
import { stationFile } from './station-files.ts';

/** What the station says of itself on its page, as HTML: there without scripts, in each language that it has. */

export function logoPicture(stationId: string, { logo }: StationPage): string {
  if (logo === null) return '';
  const size = logo.size === null ? '' : ` width="${logo.size.width}" height="${logo.size.height}"`;
  // Its name stands beside it.
  return `<img class="logo" src=".${stationFile(stationId, logo.file)}" alt=""${size}>`;
}

/** @param description what the station says of itself elsewhere. */
export function leadText({ lead }: StationPage, description: string): string {
  return inLanguages(Object.keys(lead).length > 0 ? lead : { [ANY_LANGUAGE]: description });
}

export function stationLinks({ about, links }: StationPage): string {
  const { website, fediverse, contact } = links;
  const all = [
    ...(hasText(about)
      ? [
          `<button type="button" class="es-link" popovertarget="about">${pageText(({ station }) => station.about)}</button>`,
        ]
      : []),
    ...(website === ''
      ? []
      : [
          link(
            website,
            'external',
            pageText(({ station }) => station.website),
          ),
        ]),
    // `me`: so that Mastodon shows the page as the account's own.
    ...(fediverse === ''
      ? []
      : [
          link(
            fediverse,
            'me external',
            pageText(({ station }) => station.fediverse),
          ),
        ]),
    ...(contact === ''
      ? []
      : [
          link(
            contact,
            'external',
            pageText(({ station }) => station.contact),
          ),
        ]),
  ];
  return all.length === 0 ? '' : `<nav class="station-links">${all.join('')}</nav>`;
}

/** Opened by its button without a script, where the browser knows popovers; elsewhere it stands at the page's end. */
export function aboutSheet({ about }: StationPage): string {
  if (!hasText(about)) return '';
  const title = pageText(({ station }) => station.about);
  const close = pageText(({ station }) => station.close);
  return (
    '<aside class="es-sheet about" id="about" popover>' +
    `<div class="es-sheet-head"><h2 class="es-sheet-title">${title}</h2>` +
    `<button type="button" class="es-quiet-button" popovertarget="about" popovertargetaction="hide">${close}</button></div>` +
    `<div class="es-sheet-content">${inLanguages(about, paragraphs)}</div></aside>`
  );
}

const hasText = (texts: StationPage['about']): boolean => Object.values(texts).some((text) => text !== '');

const link = (href: string, rel: string, html: string): string =>
  `<a class="es-link" href="${escapeAttribute(href)}" rel="${rel}">${html}</a>`;

/** An empty line begins a new one. */
const paragraphs = (text: string): string =>
  text
    .split(/\n\s*\n/)
    .map((each) => `<p class="es-text">${escapeText(each.trim())}</p>`)
    .join('');
