import type { LiveStation } from '../edge/live-station.ts';
import { LIGHT_GROUND } from './accent.ts';
import { textFor } from './languages.ts';
import { iconName } from './station-files.ts';

export const MANIFEST_NAME = 'app.webmanifest';
/** Under an icon there is room for about so many characters. */
const SHORT_NAME_LENGTH = 14;
/** From the manifest's own address to the server's. */
const HOME = '../../';

/**
 * The station's page as an app to install (https://www.w3.org/TR/appmanifest/). Addresses are relative to the
 * manifest's own, so that it holds however the server is reached.
 * @param isFirst its page is at the server's root.
 */
export function webManifest(station: LiveStation, isFirst: boolean, language: string): object {
  const start = isFirst ? HOME : `${HOME}${station.id}`;
  return {
    id: start,
    name: station.name,
    short_name: shortName(station.name),
    description: station.description || (textFor(station.page.lead, language)?.text ?? ''),
    lang: language,
    start_url: start,
    scope: start,
    display: 'standalone',
    background_color: LIGHT_GROUND,
    theme_color: LIGHT_GROUND,
    categories: ['music', 'entertainment'],
    icons: icons(station),
  };
}

function icons({ page }: LiveStation): readonly object[] {
  const own = iconName(page);
  if (own !== null)
    return ['any', 'maskable'].map((purpose) => ({
      src: own,
      sizes: 'any',
      type: 'image/svg+xml',
      purpose,
    }));
  return [
    { src: `${HOME}icon-512.png`, sizes: '512x512', type: 'image/png', purpose: 'any' },
    { src: `${HOME}icon-maskable.svg`, sizes: 'any', type: 'image/svg+xml', purpose: 'maskable' },
  ];
}

/** As many whole words as there is room for. */
function shortName(name: string): string {
  if (name.length <= SHORT_NAME_LENGTH) return name;
  const words = name.split(/\s+/);
  const short = words.reduce((kept, word) =>
    kept.length + 1 + word.length <= SHORT_NAME_LENGTH ? `${kept} ${word}` : kept,
  );
  return short.slice(0, SHORT_NAME_LENGTH);
}
