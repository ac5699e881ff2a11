/** What the widget knows of a station before anything plays. */
export interface StationCard {
  readonly name: string;
  readonly title: string;
  readonly artist: string;
  /** Address of its page. */
  readonly page: string;
  readonly look: StationLook;
  /** All that the server said, for the player to read closely. */
  readonly data: unknown;
}

/** The station's own colours, by the names of our custom properties, and its logo's address; empty: there is none. */
export interface StationLook {
  readonly colours: Readonly<Record<string, string>>;
  readonly logo: string;
}

export type CardAnswer =
  | { readonly state: 'known'; readonly card: StationCard }
  | { readonly state: 'untrusted' | 'refused' | 'unknown' }
  /** May come right by itself. */
  | { readonly state: 'unreachable' | 'offline' };

const FETCH_TIMEOUT_MS = 8000;

/**
 * Asks the server for a station. The key is the one that the partner wrote into the page: a server that says another
 * is not believed in anything.
 */
export async function fetchCard(server: string, station: string, key: string): Promise<CardAnswer> {
  let response: Response;
  let data: unknown;
  try {
    response = await fetch(`${server}/api/stations/${encodeURIComponent(station)}/player`, {
      signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
      cache: 'no-store',
    });
    data = await response.json();
  } catch {
    return { state: navigator.onLine ? 'unreachable' : 'offline' };
  }
  if (response.status === 403) return { state: 'refused' };
  if (response.status === 404) return { state: 'unknown' };
  const found = field(data, 'station');
  if (!response.ok || found === undefined) return { state: 'unreachable' };
  if (field(found, 'publicKey') !== key) return { state: 'untrusted' };
  const mount = field(field(found, 'mounts'), '0');
  const card = {
    name: text(field(found, 'name')),
    title: text(field(mount, 'title')),
    artist: text(field(mount, 'artist')),
    page: text(field(data, 'page')),
    look: lookOf(field(found, 'page'), `${server}/stations/${station}/`),
    data,
  };
  return { state: 'known', card };
}

function lookOf(page: unknown, folder: string): StationLook {
  const accent = field(page, 'accent');
  const colours = ['light', 'dark'].flatMap((ground) => {
    const shade = field(accent, ground);
    return [
      [`--station-accent-${ground}`, text(field(shade, 'fill'))],
      [`--station-accent-ink-${ground}`, text(field(shade, 'ink'))],
    ] as const;
  });
  const file = text(field(field(page, 'logo'), 'file'));
  return {
    // Each has its shade or none has: one alone could not be read.
    colours: colours.every(([, colour]) => /^#[\da-f]{6}$/.test(colour)) ? Object.fromEntries(colours) : {},
    logo: /^logo-\w+\.\w+$/.test(file) ? folder + file : '',
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
