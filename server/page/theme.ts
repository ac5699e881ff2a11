import type { StationPage } from '../../shared/station/page.ts';
import { PAGE_LANGUAGES } from './languages.ts';

/**
 * A station's style sheet: its colours, by the names that `client/design/tokens.css` reads, and what shows a text in
 * the reader's language only. A file of its own, as the page's policy allows nothing inline.
 */
export const stationStyles = ({ accent }: StationPage): string =>
  `${accent === null ? '' : `:root{${declarations(accent)}}`}${languageRules()}`;

const declarations = ({ light, dark }: NonNullable<StationPage['accent']>): string =>
  [
    `--station-accent-light:${light.fill}`,
    `--station-accent-ink-light:${light.ink}`,
    `--station-accent-dark:${dark.fill}`,
    `--station-accent-ink-dark:${dark.ink}`,
  ].join(';');

/** `data-in` names the languages in which a text is shown (see `inLanguages`). */
const languageRules = (): string =>
  PAGE_LANGUAGES.map((code) => `:root:lang(${code}) [data-in]:not([data-in~=${code}])`).join(',') +
  '{display:none}';
