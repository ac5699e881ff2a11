import { createHash } from 'node:crypto';
import type { StationPage } from '../../shared/station/page.ts';
import type { LiveStation } from '../edge/live-station.ts';
import { icon } from './icon.ts';
import { stationStyles } from './theme.ts';

/** What is a station's own and made here: its logo, its colours, its icon. */
export interface StationFile {
  readonly name: string;
  readonly body: string | Buffer<ArrayBuffer>;
  readonly contentType: string;
}

export const STATIONS_PATH = '/stations';

/** Where a station's own file is, below the server's address. */
export const stationFile = (stationId: string, name: string): string =>
  `${STATIONS_PATH}/${stationId}/${name}`;

/** The name of a station's style sheet: another when its colours change. */
export const stylesName = (page: StationPage): string => `look-${hashOf(stationStyles(page))}.css`;

/** The name of its icon, for home screens; null: it has no logo, and ours stands in. */
export const iconName = ({ logo }: StationPage): string | null =>
  logo === null ? null : logo.file.replace(/^logo-(\w+)\..*$/, 'icon-$1.svg');

/** The file of that name; null: the station has none of that name now. Each name holds a hash of what is in it. */
export function findStationFile({ page, logo }: LiveStation, name: string): StationFile | null {
  if (name === stylesName(page))
    return { name, body: stationStyles(page), contentType: 'text/css; charset=utf-8' };
  if (logo === null) return null;
  if (name === logo.file) return { name, body: logo.body, contentType: logo.contentType };
  return name === iconName(page) ? { name, body: icon(logo), contentType: 'image/svg+xml' } : null;
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
