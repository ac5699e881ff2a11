import { xmlText } from './playlists.ts';
import type { Fields, MountStats, Stats } from './stats.ts';

/**
 * `/status-json.xsl`: no `source` for no mount, an object for one, an array for several; each object ends in a `dummy`
 * that is null. Exactly Icecast's shape, but for titles: always strings, where Icecast makes numbers of some.
 */
export function statusJson({ shown, mounts }: Stats): string {
  const sources = mounts.map((mount) => ({ ...Object.fromEntries(mount.shown), dummy: null }));
  const [only, ...others] = sources;
  const source = only === undefined ? {} : { source: others.length === 0 ? only : sources };
  return JSON.stringify({ icestats: { ...Object.fromEntries(shown), ...source, dummy: null } });
}

/** `/admin/stats` */
export const statsXml = ({ shown, admin, mounts }: Stats): string =>
  xmlDocument(`${elements(sorted(shown, admin))}${mounts.map(mountXml).join('')}`);

export const xmlDocument = (content: string): string =>
  `<?xml version="1.0"?>\n<icestats>${content}</icestats>\n`;

/** What an administrator's order came to. */
export const reportXml = (message: string, isDone: boolean): string =>
  `<?xml version="1.0"?>\n<iceresponse><message>${xmlText(message)}</message><return>${isDone ? 1 : 0}</return></iceresponse>\n`;

export const sourceXml = (path: string, content: string): string =>
  `<source mount="${xmlText(path)}">${content}</source>`;

export const elements = (fields: Fields): string =>
  fields.map(([name, value]) => `<${name}>${xmlText(String(value))}</${name}>`).join('');

const mountXml = ({ path, shown, admin }: MountStats): string =>
  sourceXml(path, elements(sorted(shown, admin)));

const sorted = (left: Fields, right: Fields): Fields =>
  [...left, ...right].toSorted(([a], [b]) => a.localeCompare(b));

/** Shoutcast's seven: listeners, on air, peak, most allowed, listeners, bit rate, title. No commas before the title. */
export function sevenLine({ mounts }: Stats): string {
  const [mount] = mounts;
  const value = (name: string): string => String(mount?.shown.find(([key]) => key === name)?.[1] ?? 0);
  if (mount === undefined) return '0,0,0,0,0,0,';
  const artist = mount.shown.find(([key]) => key === 'artist')?.[1];
  const title = artist === undefined ? value('title') : `${artist} - ${value('title')}`;
  const listeners = value('listeners');
  return `${listeners},1,${value('listener_peak')},${MOST_LISTENERS},${listeners},${value('bitrate')},${title}`;
}

/** There is no limit; its readers want a number. */
const MOST_LISTENERS = 100_000;
