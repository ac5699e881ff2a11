import { CEILING_DEFAULT_BYTES } from '../../client/player-controls/ceiling.ts';
import { PAGE_TEXTS } from '../../client/strings/pages/page-texts.ts';
import type { RelayingAmounts } from '../../client/strings/pages/page-texts.ts';
import { pageTextsEn } from '../../client/strings/pages/en.ts';
import { escapeAttribute } from '../../shared/embed/snippet.ts';
import { relayingAddress } from '../../shared/station/relaying-address.ts';
import type { LiveStation } from '../edge/live-station.ts';
import { escapeText } from './escape.ts';
import { PAGE_LANGUAGES } from './languages.ts';
import { stationFile, stylesName } from './station-files.ts';

/** The built page that the words are written into. */
export const RELAYING_PAGE = 'relaying.html';

/**
 * What relaying is, in plain words.
 * @param home the station's page, relative to this one.
 * @param capKbps what a listener passes on at most.
 */
export function renderRelayingPage(
  html: string,
  station: LiveStation,
  { home, language, capKbps }: { readonly home: string; readonly language: string; readonly capKbps: number },
): string {
  const { relaying } = PAGE_TEXTS[language] ?? pageTextsEn;
  const amounts = amountsOf(station.mounts[0]?.bitrateKbps ?? 128, capKbps);
  const figures = relaying
    .figures(amounts)
    .map(({ amount, label }) => `<div><dt>${escapeText(label)}</dt><dd>${escapeText(amount)}</dd></div>`);
  const sections = relaying
    .sections(amounts)
    .map(
      ({ title, paragraphs }) =>
        `<section><h2>${escapeText(title)}</h2>${paragraphs.map((each) => `<p class="es-text">${escapeText(each)}</p>`).join('')}</section>`,
    );
  const link = escapeAttribute(home);
  const body =
    `<main><nav class="top"><a class="es-link" href="${link}">${escapeText(station.name)}</a>${otherLanguages(station.id, language)}</nav>` +
    `<h1>${escapeText(relaying.title)}</h1><p class="es-lead">${escapeText(relaying.lead(station.name))}</p>` +
    `<dl class="figures">${figures.join('')}</dl>${sections.join('')}` +
    `<p class="back"><a class="es-button es-button--accent" href="${link}">${escapeText(relaying.back(station.name))}</a></p></main>`;
  const look = `<link rel="stylesheet" href=".${stationFile(station.id, stylesName(station.page))}">`;
  return html
    .replace('<html lang="en">', () => `<html lang="${language}">`)
    .replace(/<title>[^<]*/, () => `<title>${escapeText(`${relaying.title} · ${station.name}`)}`)
    .replace('</head>', (end) => look + end)
    .replace(/<body>[\s\S]*<\/body>/, () => `<body>${body}</body>`);
}

/** Everybody passes on as much as they receive, on average: a copy for one is received by one. */
function amountsOf(bitrateKbps: number, capKbps: number): RelayingAmounts {
  return {
    bitrateKbps,
    capKbps,
    hourBytes: hourBytes(Math.min(bitrateKbps, capKbps)),
    hourMaxBytes: hourBytes(capKbps),
    monthMaxBytes: CEILING_DEFAULT_BYTES,
  };
}

const hourBytes = (kbps: number): number => (kbps * 1000 * 3600) / 8;

const otherLanguages = (stationId: string, language: string): string =>
  PAGE_LANGUAGES.filter((code) => code !== language)
    .map(
      (code) =>
        `<a class="es-link" href=".${escapeAttribute(relayingAddress(stationId, code))}" lang="${code}" hreflang="${code}">${PAGE_TEXTS[code]?.languageName ?? code}</a>`,
    )
    .join('');
