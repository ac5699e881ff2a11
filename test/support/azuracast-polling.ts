import { z } from 'zod';

/**
 * What AzuraCast asks of a *Remote: Icecast* relay, and how it reads the answers, written from what its documentation
 * and its requests show: the XML of `/admin/stats` when it has a password, else (or when that does not parse) the JSON
 * of `/status-json.xsl`; `/admin/listclients` for unique listeners; three seconds for each. Types are PHP's strict ones.
 */
export interface AzuraCastView {
  readonly isOnline: boolean;
  readonly text: string;
  readonly title: string;
  readonly artist: string;
  readonly bitrate: number | null;
  readonly format: string;
  readonly total: number;
  /** Null: it has no password to ask with. */
  readonly clients: readonly AzuraCastClient[] | null;
  readonly unique: number | null;
}

export interface AzuraCastClient {
  readonly uid: string;
  readonly ip: string;
  readonly userAgent: string;
  readonly connectedSeconds: number;
}

const TIMEOUT_MS = 3000;

/** @param mount as configured there: must be the path of the `listenurl`. */
export async function pollLikeAzuraCast(
  serverUrl: string,
  mount: string,
  adminPassword: string | null,
): Promise<AzuraCastView | null> {
  const ask = async (path: string): Promise<string | null> => {
    const response = await fetch(serverUrl + path, {
      headers: {
        'User-Agent':
          'Mozilla/5.0 (Windows; U; Windows NT 5.1; en-US; rv:1.8.1.2) Gecko/20070219 Firefox/2.0.0.2',
        ...(adminPassword === null
          ? {}
          : { Authorization: `Basic ${Buffer.from(`admin:${adminPassword}`).toString('base64')}` }),
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = await response.text();
    return response.status === 200 && body !== '' ? body : null;
  };
  const statistics = adminPassword === null ? null : await ask('/admin/stats');
  const view =
    (statistics === null ? null : readXml(statistics, mount)) ??
    readJson((await ask(`/status-json.xsl?mount=${encodeURIComponent(mount)}`)) ?? '', mount);
  if (view === null || adminPassword === null) return view;
  const clients = readClients((await ask(`/admin/listclients?mount=${encodeURIComponent(mount)}`)) ?? '');
  const unique = new Set(clients.map(({ ip, userAgent }) => `${ip}${userAgent}`)).size;
  return { ...view, clients, unique };
}

const rowSchema = z.object({
  title: z.string().optional(),
  artist: z.string().optional(),
  yp_currently_playing: z.string().optional(),
  bitrate: z.number().int(),
  server_type: z.string(),
  listeners: z.number().int(),
  listenurl: z.url(),
});
const statusSchema = z.object({
  icestats: z.object({ source: z.union([z.array(rowSchema), rowSchema]) }),
});

function readJson(text: string, mount: string): AzuraCastView | null {
  if (text === '') return null;
  const parsed = statusSchema.safeParse(JSON.parse(text));
  if (!parsed.success) return null;
  const { source } = parsed.data.icestats;
  const row = (Array.isArray(source) ? source : [source]).find(
    ({ listenurl }) => new URL(listenurl).pathname === mount,
  );
  if (row === undefined) return null;
  const song = currentSong(row.yp_currently_playing ?? '', row.title ?? '', row.artist ?? '');
  return viewOf(song, row.bitrate, row.server_type, row.listeners);
}

function readXml(text: string, mount: string): AzuraCastView | null {
  const document = parseXml(text);
  const source = document?.find(
    ({ name, attributes }) => name === 'source' && attributes.includes(`mount="${mount}"`),
  );
  if (source === undefined) return null;
  const field = (name: string): string => source.fields.get(name) ?? '';
  const song = currentSong('', field('title'), field('artist'));
  return viewOf(
    song,
    Number(field('bitrate')) || null,
    field('server_type'),
    Number.parseInt(field('listeners'), 10),
  );
}

function readClients(text: string): readonly AzuraCastClient[] {
  return (parseXml(text) ?? [])
    .filter(({ name }) => name === 'listener')
    .map(({ fields }) => ({
      uid: fields.get('ID') ?? '',
      ip: fields.get('IP') ?? '',
      userAgent: fields.get('UserAgent') ?? '',
      connectedSeconds: Number.parseInt(fields.get('Connected') ?? '', 10),
    }));
}

interface Song {
  readonly text: string;
  readonly title: string;
  readonly artist: string;
}

/** One line is cut at its first ` - `; two are joined by one. */
function currentSong(line: string, title: string, artist: string): Song {
  const text = line || [artist, title].filter((part) => part !== '').join(' - ');
  if (title !== '' && artist !== '') return { text, title, artist };
  const [first = '', ...rest] = text.split(' - ');
  return rest.length === 0
    ? { text, title: text, artist: '' }
    : { text, title: rest.join(' - '), artist: first };
}

const viewOf = (song: Song, bitrate: number | null, format: string, total: number): AzuraCastView => ({
  ...song,
  isOnline: song.text !== '',
  bitrate,
  format,
  total,
  clients: null,
  unique: null,
});

interface Element {
  readonly name: string;
  readonly attributes: string;
  readonly fields: ReadonlyMap<string, string>;
}

/**
 * Entities are decoded before the parser sees them (so AzuraCast does), and an ampersand that begins none is escaped:
 * a `<` in a title then breaks the document, which is null. Elements in the order of their ends, with what is in their
 * children.
 */
function parseXml(text: string): readonly Element[] | null {
  const prepared = unescapeText(text).replaceAll(/&(?!#?[a-z0-9]+;)/g, '&amp;');
  const found: Element[] = [];
  const open: { name: string; attributes: string; fields: Map<string, string>; text: string }[] = [];
  let rest = prepared.replace(/^<\?xml[^>]*\?>\s*/, '');
  while (rest.trim() !== '') {
    const tag = /^([^<]*)<(\/?)([A-Za-z_][\w.-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/.exec(rest);
    if (tag === null) return null;
    const [whole, before = '', isEnd, name = '', attributes = '', isEmpty] = tag;
    rest = rest.slice(whole.length);
    const parent = open.at(-1);
    if (parent !== undefined) parent.text += before;
    if (isEnd === '/') {
      const element = open.pop();
      if (element?.name !== name) return null;
      open.at(-1)?.fields.set(name, unescapeText(element.text));
      found.push(element);
    } else if (isEmpty === '/') open.at(-1)?.fields.set(name, '');
    else open.push({ name, attributes, fields: new Map(), text: '' });
  }
  return open.length === 0 ? found : null;
}

const unescapeText = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
